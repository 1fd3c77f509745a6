#include "kv/batch_format.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/check.h"
#include "base/coding.h"
#include "base/strings.h"
#include "beachdb/options.h"

namespace beachdb {
namespace {

std::string_view ReservedKindName(Kind kind) {
  switch (kind) {
    case Kind::kDeleteRange:
      return "range delete";
    case Kind::kGuard:
      return "guard";
    case Kind::kPutExpiring:
      return "expiring put";
    case Kind::kDelete:
    case Kind::kPut:
      break;
  }
  return {};
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
    if (kind != Kind::kPut && kind != Kind::kDelete) return BadKind(kind);
    rest_.remove_prefix(1);
    Status status = CheckSized("key", kMinKeySize, kMaxKeySize);
    if (status.ok() && kind == Kind::kPut) status = CheckSized("value", 0, kMaxValueSize);
    return status;
  }

  std::size_t Offset() const { return size_ - rest_.size(); }

 private:
  // A size and as many bytes.
  Status CheckSized(std::string_view what, std::size_t min, std::size_t max) {
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
    rest_.remove_prefix(size);
    return OkStatus();
  }

  Status BadKind(Kind kind) const {
    const std::string_view reserved = ReservedKindName(kind);
    if (reserved.empty()) {
      return Damage(op_offset_, fmt::format("unknown kind {}", static_cast<unsigned>(kind)));
    }
    return Error(Code::kNotSupported,
                 fmt::format("batch: operation {} at offset {}: kind {} ({}) needs a newer version",
                             index_, op_offset_, static_cast<unsigned>(kind), reserved));
  }

  Status Damage(std::size_t offset, std::string_view what) const {
    return Error(Code::kCorruption, fmt::format("batch: operation {} at offset {}: {} (offset {})",
                                                index_, op_offset_, what, offset));
  }

  std::size_t size_;
  std::string_view rest_;
  std::uint32_t index_ = 0;
  std::size_t op_offset_ = 0;
};

}  // namespace

Status AppendBatchOp(std::string& batch, const BatchOp& op) {
  CHECK(batch.size() >= kBatchHeaderSize && (op.kind == Kind::kPut || op.kind == Kind::kDelete));
  if (op.key.size() < kMinKeySize || op.key.size() > kMaxKeySize) {
    return Invalid(fmt::format("key size: expected {} to {} bytes, found {}", kMinKeySize,
                               kMaxKeySize, op.key.size()));
  }
  if (op.value.size() > kMaxValueSize) {
    return Invalid(fmt::format("value of key '{}': expected at most {} bytes, found {}",
                               EscapeBytes(op.key), kMaxValueSize, op.value.size()));
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
  if (op.kind == Kind::kPut) PutLengthPrefixed(batch, op.value);
  StoreFixed32(batch.data(), count + 1);
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
