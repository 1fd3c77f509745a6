#include "engine/bulk_load.h"

#include <utility>
#include <vector>

#include "base/try.h"
#include "beachdb/bulk_load.h"
#include "engine/ingest.h"
#include "engine/write_path.h"

namespace beachdb {

BulkLoadWriter::BulkLoadWriter(EngineContext& context, LsmTree& tree, WritePath& write_path)
    : context_(context),
      write_path_(write_path),
      output_{.fs = context.fs,
              .clock = context.clock,
              .directory = context.directory,
              .database = context.database,
              .io = context.options.direct_writes ? IoMode::kDirect : IoMode::kBuffered,
              .new_file_number = [&tree] { return tree.NewFileNumber(); },
              .stop = never_},
      tables_(output_,
              {.block_size = context.options.block_size,
               .filter_bits_per_key = context.options.filter_bits_per_key,
               .compression = context.options.bottom_compression},
              {.origin = TableOrigin::kIngest, .id = 0, .output_level = 0, .inputs = {}},
              {.table_size = context.options.table_size, .grandparents = {}}) {
  context_.counters.bulk_loads.fetch_add(1, std::memory_order_relaxed);
}

BulkLoadWriter::~BulkLoadWriter() {
  context_.counters.bulk_loads.fetch_sub(1, std::memory_order_release);
}

Status BulkLoadWriter::Add(std::string_view key, std::string_view value) {
  RETURN_IF_ERROR(status_);
  status_ = tables_.Add(key, PackTrailer(0, Kind::kPut), value);
  if (status_.ok()) ++entries_;
  return status_;
}

Status BulkLoadWriter::Commit() {
  RETURN_IF_ERROR(std::exchange(
      status_, Error(Code::kInvalidArgument, "the bulk load is committed: begin another one")));
  ASSIGN_OR_RETURN(std::vector<FileMetadata> files, tables_.Finish());
  if (files.empty()) return OkStatus();
  NewFiles made(context_);
  for (FileMetadata& file : files) {
    made.Add(file.number);
    file.origin = {.identity = {context_.database, file.number}, .base_seqno = 0};
  }
  const Status installed = write_path_.Ingest(std::move(files));
  made.Settle(installed, write_path_.poisoned());
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
