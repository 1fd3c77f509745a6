#include "beachdb/write_batch.h"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/try.h"
#include "beachdb/options.h"
#include "kv/batch_format.h"
#include "kv/expiry.h"

namespace beachdb {

WriteBatch::WriteBatch() : rep_(kBatchHeaderSize, '\0'), guards_end_(kBatchHeaderSize) {}

Result<WriteBatch> WriteBatch::FromBytes(std::string bytes) {
  RETURN_IF_ERROR(ValidateBatch(bytes));
  WriteBatch batch;
  batch.rep_ = std::move(bytes);
  batch.guards_end_ = GuardsEnd(batch.rep_);
  return batch;
}

Status WriteBatch::Put(std::string_view key, std::string_view value) {
  return AppendBatchOp(rep_, {Kind::kPut, key, value});
}

Status WriteBatch::Delete(std::string_view key) {
  return AppendBatchOp(rep_, {Kind::kDelete, key, {}});
}

Status WriteBatch::DeleteRange(std::string_view begin, std::string_view end) {
  return AppendBatchOp(rep_, {Kind::kDeleteRange, begin, end});
}

Status WriteBatch::PutExpiring(std::string_view key, std::string_view value,
                               std::uint64_t expires_at) {
  if (value.size() > kMaxValueSize - kExpirySize) {
    return Error(Code::kInvalidArgument,
                 fmt::format("value with expiry: expected at most {} bytes, found {}",
                             kMaxValueSize - kExpirySize, value.size()));
  }
  return AppendBatchOp(rep_, {Kind::kPutExpiring, key, WithExpiry(expires_at, value)});
}

Status WriteBatch::RequireAbsent(std::string_view key) {
  return Require(key, EncodeGuard({.condition = Guard::Condition::kAbsent}));
}

Status WriteBatch::RequireEqual(std::string_view key, std::string_view value) {
  if (value.size() >= kMaxValueSize) {
    return Error(Code::kInvalidArgument,
                 fmt::format("value to compare with: expected fewer than {} bytes, found {}",
                             kMaxValueSize, value.size()));
  }
  return Require(key, EncodeGuard({.condition = Guard::Condition::kEqual, .value = value}));
}

Status WriteBatch::RequireUnchanged(std::string_view key, const Snapshot& snapshot) {
  return Require(key, EncodeGuard({.condition = Guard::Condition::kUnchanged,
                                   .value = {},
                                   .seqno = snapshot.seqno()}));
}

Status WriteBatch::Require(std::string_view key, std::string_view guard) {
  const std::size_t size = rep_.size();
  RETURN_IF_ERROR(InsertBatchOp(rep_, guards_end_, {Kind::kGuard, key, guard}));
  guards_end_ += rep_.size() - size;
  return OkStatus();
}

Status WriteBatch::Append(const WriteBatch& other) {
  const std::uint64_t operations = std::uint64_t{count()} + other.count();
  const std::size_t size = rep_.size() + other.rep_.size() - kBatchHeaderSize;
  if (size > kMaxBatchSize || operations > std::numeric_limits<std::uint32_t>::max()) {
    return Error(Code::kInvalidArgument,
                 fmt::format("batch: expected at most {} bytes, would be {} with {} operations",
                             kMaxBatchSize, size, operations));
  }
  rep_.reserve(size);  // so that a batch may be appended to itself
  const std::size_t guards = other.guards_end_ - kBatchHeaderSize;
  rep_.append(other.rep_.data() + other.guards_end_, other.rep_.size() - other.guards_end_);
  if (guards > 0) {
    rep_.insert(guards_end_, std::string(other.rep_, kBatchHeaderSize, guards));
    guards_end_ += guards;
  }
  StoreFixed32(rep_.data(), static_cast<std::uint32_t>(operations));
  return OkStatus();
}

void WriteBatch::Clear() {
  rep_.assign(kBatchHeaderSize, '\0');
  guards_end_ = kBatchHeaderSize;
}

std::uint32_t WriteBatch::count() const { return BatchCount(rep_); }

}  // namespace beachdb
