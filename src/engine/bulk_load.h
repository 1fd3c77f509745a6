// Behind BulkLoad: checks the entries, has tables made of them, gives these to the write path.
//
// The entries are written with seqno 0, for their place in the order of writes is not known before
// Commit; the tables then get it as their base (FileMetadata::origin).
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "engine/bulk_tables.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"
#include "io/executor.h"

namespace beachdb {

class WritePath;

class BulkLoadWriter {
 public:
  BulkLoadWriter(EngineContext& context, Executor& executor, LsmTree& tree, WritePath& write_path);
  BulkLoadWriter(const BulkLoadWriter&) = delete;
  BulkLoadWriter& operator=(const BulkLoadWriter&) = delete;

  Status Add(std::string_view key, std::string_view value);
  Status Commit();
  std::uint64_t entries() const { return entries_; }

 private:
  Status Check(std::string_view key, std::string_view value) const;

  const DatabaseId database_;
  WritePath& write_path_;
  BulkTables tables_;
  std::string last_key_;
  std::uint64_t entries_ = 0;
  Status status_;  // the first error, or that it is committed
};

}  // namespace beachdb
