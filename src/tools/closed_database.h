// A database as its files show it, without opening it: whether another process has it open or not,
// and without changing anything. What is only in logs is not in tables yet, and not in this view.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "beachdb/result.h"
#include "beachdb/stats.h"
#include "format/file_header.h"
#include "manifest/manifest_state.h"
#include "sstable/table_properties.h"

namespace beachdb::tools {

struct ClosedDatabase {
  DatabaseId identity;
  ManifestState state;
  std::uint64_t logs = 0;  // that hold, or may come to hold, what is not in tables yet

  // kInvalidArgument: there is no database; kCorruption names file and offset.
  static Result<ClosedDatabase> Read(const std::string& directory);

  // Levels and tables, as by Db::GetStats; what only a running engine knows is 0.
  Stats ToStats() const;
};

// What a table says of itself. `path` may be of any database.
Result<TableProperties> ReadTableProperties(const std::string& path);

}  // namespace beachdb::tools
