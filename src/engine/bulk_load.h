// Behind BulkLoad: writes the tables of a load, and gives them to the write path.
//
// The entries are written with seqno 0, for their place in the order of writes is not known before
// Commit; the tables then get it as their base (FileMetadata::origin).
//
// Thread safety: none.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "beachdb/result.h"
#include "compaction/table_writer.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"

namespace beachdb {

class WritePath;

class BulkLoadWriter {
 public:
  BulkLoadWriter(EngineContext& context, LsmTree& tree, WritePath& write_path);
  ~BulkLoadWriter();
  BulkLoadWriter(const BulkLoadWriter&) = delete;
  BulkLoadWriter& operator=(const BulkLoadWriter&) = delete;

  Status Add(std::string_view key, std::string_view value);
  Status Commit();
  std::uint64_t entries() const { return entries_; }

 private:
  EngineContext& context_;
  WritePath& write_path_;
  const std::atomic<bool> never_{false};
  OutputContext output_;
  TableWriter tables_;
  std::uint64_t entries_ = 0;
  Status status_;  // the first error, or that it is committed
};

}  // namespace beachdb
