#include "kv/batch_format.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/check.h"
#include "base/coding.h"
#include "base/strings.h"
#include "base/try.h"
#include "beachdb/options.h"
#include "kv/expiry.h"

namespace beachdb {
namespace {

bool IsKind(Kind kind) { return kind >= Kind::kDelete && kind <= Kind::kPutExpiring; }

// nullptr: what an operation of this kind may carry.
const char* ValueFault(Kind kind, std::string_view key, std::string_view value) {
  const auto is_key = [](std::string_view bytes) {
    return bytes.size() >= kMinKeySize && bytes.size() <= kMaxKeySize;
  };
  switch (kind) {
    case Kind::kDeleteRange:
      return is_key(value) && key < value ? nullptr : "the range does not end above its begin";
    case Kind::kPutExpiring:
      return value.size() >= kExpirySize ? nullptr : "the value has no room for its expiry";
    case Kind::kGuard:
      break;
    case Kind::kDelete:
    case Kind::kPut:
      return nullptr;
  }
  const auto condition =
      value.empty() ? Guard::Condition{} : static_cast<Guard::Condition>(value.front());
  switch (condition) {
    case Guard::Condition::kAbsent:
      return value.size() == 1 ? nullptr : "the guard has an operand, and needs none";
    case Guard::Condition::kEqual:
      return nullptr;
    case Guard::Condition::kUnchanged:
      return value.size() == 9 && LoadFixed64(value.data() + 1) <= kMaxSeqno
                 ? nullptr
                 : "the guard needs a seqno";
  }
  return "the guard has no known condition";
}

Error Invalid(std::string message) { return Error(Code::kInvalidArgument, std::move(message)); }

// Takes the operations off the front of a batch, one at a time, trusting nothing.
class BatchChecker {
 public:
  explicit BatchChecker(std::string_view batch)
      : size_(batch.size()), rest_(batch.substr(kBatchHeaderSize)) {}

  bool AtEnd() const { return rest_.empty(); }

  Status CheckNext(std::uint32_t index) {
    index_ = index;
    op_offset_ = Offset();
    if (rest_.empty()) return Damage(Offset(), "the batch ends before it");
    const auto kind = static_cast<Kind>(rest_.front());
    if (!IsKind(kind)) {
      return Damage(op_offset_, fmt::format("unknown kind {}", static_cast<unsigned>(kind)));
    }
    if (kind != Kind::kGuard) {
      behind_guards_ = true;
    } else if (behind_guards_) {
      return Damage(op_offset_, "a guard behind an operation that is none");
    }
    rest_.remove_prefix(1);
    std::string_view key;
    RETURN_IF_ERROR(TakeSized("key", kMinKeySize, kMaxKeySize, key));
    if (kind == Kind::kDelete) return OkStatus();
    const std::size_t offset = Offset();
    std::string_view value;
    RETURN_IF_ERROR(TakeSized("value", 0, kMaxValueSize, value));
    const char* fault = ValueFault(kind, key, value);
    return fault == nullptr ? OkStatus() : Damage(offset, fault);
  }

  std::size_t Offset() const { return size_ - rest_.size(); }

 private:
  // A size and as many bytes.
  Status TakeSized(std::string_view what, std::size_t min, std::size_t max,
                   std::string_view& bytes) {
    const std::size_t offset = Offset();
    std::uint32_t size = 0;
    if (!GetVarint32(rest_, size)) {
      return Damage(offset, fmt::format("its {} size is cut short or no varint", what));
    }
    if (size < min || size > max) {
      return Damage(offset,
                    fmt::format("{} size: expected {} to {}, found {}", what, min, max, size));
    }
    if (size > rest_.size()) {
      return Damage(offset, fmt::format("{} of {} bytes, but only {} bytes are left", what, size,
                                        rest_.size()));
    }
    bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return OkStatus();
  }

  Status Damage(std::size_t offset, std::string_view what) const {
    return Error(Code::kCorruption, fmt::format("batch: operation {} at offset {}: {} (offset {})",
                                                index_, op_offset_, what, offset));
  }

  std::size_t size_;
  std::string_view rest_;
  std::uint32_t index_ = 0;
  std::size_t op_offset_ = 0;
  bool behind_guards_ = false;
};

}  // namespace

std::string EncodeGuard(const Guard& guard) {
  std::string encoded(1, static_cast<char>(guard.condition));
  if (guard.condition == Guard::Condition::kEqual) encoded += guard.value;
  if (guard.condition == Guard::Condition::kUnchanged) PutFixed64(encoded, guard.seqno);
  return encoded;
}

Guard DecodeGuard(std::string_view encoded) {
  Guard guard;
  guard.condition = static_cast<Guard::Condition>(encoded.front());
  if (guard.condition == Guard::Condition::kEqual) guard.value = encoded.substr(1);
  if (guard.condition == Guard::Condition::kUnchanged)
    guard.seqno = LoadFixed64(encoded.data() + 1);
  return guard;
}

std::size_t GuardsEnd(std::string_view batch) {
  BatchReader reader(batch);
  const char* end = reader.position();
  for (BatchOp op; reader.Next(op) && op.kind == Kind::kGuard;) end = reader.position();
  return static_cast<std::size_t>(end - batch.data());
}

Status AppendBatchOp(std::string& batch, const BatchOp& op) {
  CHECK(batch.size() >= kBatchHeaderSize && IsKind(op.kind));
  if (op.key.size() < kMinKeySize || op.key.size() > kMaxKeySize) {
    return Invalid(fmt::format("key size: expected {} to {} bytes, found {}", kMinKeySize,
                               kMaxKeySize, op.key.size()));
  }
  if (op.value.size() > kMaxValueSize) {
    return Invalid(fmt::format("value of key '{}': expected at most {} bytes, found {}",
                               EscapeBytes(op.key), kMaxValueSize, op.value.size()));
  }
  if (op.kind > Kind::kPut) [[unlikely]] {
    const char* fault = ValueFault(op.kind, op.key, op.value);
    if (fault != nullptr) {
      return Invalid(fmt::format("operation on key '{}': {}", EscapeBytes(op.key), fault));
    }
  }
  const std::size_t size_max = batch.size() + BatchOpSizeMax(op.key, op.value);
  if (size_max > kMaxBatchSize) {
    return Invalid(fmt::format("batch: expected at most {} bytes, would be {}; split it",
                               kMaxBatchSize, size_max));
  }
  const std::uint32_t count = BatchCount(batch);
  if (count == std::numeric_limits<std::uint32_t>::max()) {
    return Invalid("batch: too many operations; split it");
  }
  // Room for all of it first: where memory runs out, the batch stays whole.
  if (batch.capacity() < size_max) batch.reserve(std::max(size_max, 2 * batch.capacity()));
  batch.push_back(static_cast<char>(op.kind));
  PutLengthPrefixed(batch, op.key);
  if (op.kind != Kind::kDelete) PutLengthPrefixed(batch, op.value);
  StoreFixed32(batch.data(), count + 1);
  return OkStatus();
}

Status InsertBatchOp(std::string& batch, std::size_t at, const BatchOp& op) {
  CHECK(at >= kBatchHeaderSize && at <= batch.size());
  const auto end = static_cast<std::ptrdiff_t>(batch.size());
  RETURN_IF_ERROR(AppendBatchOp(batch, op));
  std::rotate(batch.begin() + static_cast<std::ptrdiff_t>(at), batch.begin() + end, batch.end());
  return OkStatus();
}

std::uint32_t BatchCount(std::string_view batch) {
  CHECK(batch.size() >= kBatchHeaderSize);
  return LoadFixed32(batch.data());
}

Status ValidateBatch(std::string_view batch) {
  if (batch.size() < kBatchHeaderSize) {
    return Error(Code::kCorruption,
                 fmt::format("batch: expected at least {} bytes of header, found {}",
                             kBatchHeaderSize, batch.size()));
  }
  if (batch.size() > kMaxBatchSize) {
    return Error(Code::kCorruption, fmt::format("batch: expected at most {} bytes, found {}",
                                                kMaxBatchSize, batch.size()));
  }
  const std::uint32_t count = BatchCount(batch);
  BatchChecker checker(batch);
  for (std::uint32_t i = 0; i < count; ++i) {
    Status status = checker.CheckNext(i);
    if (!status.ok()) return status;
  }
  if (!checker.AtEnd()) {
    return Error(Code::kCorruption,
                 fmt::format("batch: {} bytes are left over at offset {}, after {} operations",
                             batch.size() - checker.Offset(), checker.Offset(), count));
  }
  return OkStatus();
}

}  // namespace beachdb
