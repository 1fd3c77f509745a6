#include "engine/bulk_load.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "beachdb/bulk_load.h"
#include "beachdb/options.h"
#include "engine/write_path.h"

namespace beachdb {

BulkLoadWriter::BulkLoadWriter(EngineContext& context, Executor& executor, LsmTree& tree,
                               WritePath& write_path)
    : database_(context.database), write_path_(write_path), tables_(context, executor, tree) {}

Status BulkLoadWriter::Add(std::string_view key, std::string_view value) {
  RETURN_IF_ERROR(status_);
  status_ = Check(key, value);
  last_key_.reserve(key.size());  // where memory runs out, nothing has happened yet
  if (status_.ok()) status_ = tables_.Add(key, value);
  if (!status_.ok()) return status_;
  last_key_ = key;
  ++entries_;
  return OkStatus();
}

Status BulkLoadWriter::Check(std::string_view key, std::string_view value) const {
  if (key.size() < kMinKeySize || key.size() > kMaxKeySize || value.size() > kMaxValueSize) {
    return Error(
        Code::kInvalidArgument,
        fmt::format("bulk load: a key of {} and a value of {} bytes: expected 1 to {}, and "
                    "at most {}",
                    key.size(), value.size(), kMaxKeySize, kMaxValueSize));
  }
  if (key > last_key_) return OkStatus();
  return Error(Code::kInvalidArgument,
               fmt::format("bulk load: keys must come in order, each once: '{}' after '{}'",
                           EscapeBytes(key), EscapeBytes(last_key_)));
}

Status BulkLoadWriter::Commit() {
  RETURN_IF_ERROR(std::exchange(
      status_, Error(Code::kInvalidArgument, "the bulk load is committed: begin another one")));
  ASSIGN_OR_RETURN(std::vector<FileMetadata> files, tables_.Finish());
  if (files.empty()) return OkStatus();
  for (FileMetadata& file : files) {
    file.origin = {.identity = {database_, file.number}, .base_seqno = 0};
  }
  const Status installed = write_path_.Ingest(std::move(files));
  tables_.Settle(installed, write_path_.poisoned());
  return installed;
}

// ---- BulkLoad -----------------------------------------------------------------------------------

BulkLoad::BulkLoad(std::unique_ptr<BulkLoadWriter> writer) : writer_(std::move(writer)) {}
BulkLoad::BulkLoad(BulkLoad&&) noexcept = default;
BulkLoad& BulkLoad::operator=(BulkLoad&&) noexcept = default;
BulkLoad::~BulkLoad() = default;

Status BulkLoad::Add(std::string_view key, std::string_view value) {
  return writer_->Add(key, value);
}
Status BulkLoad::Commit() { return writer_->Commit(); }
std::uint64_t BulkLoad::entries() const { return writer_->entries(); }

}  // namespace beachdb
