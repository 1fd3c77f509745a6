#include "beachdb/write_batch.h"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/try.h"
#include "beachdb/options.h"
#include "kv/batch_format.h"

namespace beachdb {

WriteBatch::WriteBatch() : rep_(kBatchHeaderSize, '\0') {}

Result<WriteBatch> WriteBatch::FromBytes(std::string bytes) {
  RETURN_IF_ERROR(ValidateBatch(bytes));
  WriteBatch batch;
  batch.rep_ = std::move(bytes);
  return batch;
}

Status WriteBatch::Put(std::string_view key, std::string_view value) {
  return AppendBatchOp(rep_, {Kind::kPut, key, value});
}

Status WriteBatch::Delete(std::string_view key) {
  return AppendBatchOp(rep_, {Kind::kDelete, key, {}});
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
  rep_.append(other.rep_.data() + kBatchHeaderSize, other.rep_.size() - kBatchHeaderSize);
  StoreFixed32(rep_.data(), static_cast<std::uint32_t>(operations));
  return OkStatus();
}

void WriteBatch::Clear() { rep_.assign(kBatchHeaderSize, '\0'); }

std::uint32_t WriteBatch::count() const { return BatchCount(rep_); }

}  // namespace beachdb
