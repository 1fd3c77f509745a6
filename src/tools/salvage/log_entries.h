// The readable entries of the logs of a damaged database.
//
// Where the logs are as a crash may leave them, they are read by the rules of recovery
// (wal/log_recovery.h), and nothing is lost. Else every record whose checksum is right counts,
// also behind a bad one.
//
// Memory: all of the entries.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "io/file_system.h"
#include "tools/salvage/report.h"
#include "tools/salvage/source.h"
#include "tools/salvage/table_blocks.h"

namespace beachdb::tools {

struct LogEntry {
  std::string key;
  std::uint64_t trailer = 0;
  std::string value;
};

struct LogContents {
  // In internal key order, the entries of later logs first where a seqno was given twice.
  std::vector<LogEntry> entries;
  std::vector<SalvagedRange> ranges;
};
LogContents ReadLogs(FileSystem& fs, const SalvageSource& source, SalvageReport& report);

}  // namespace beachdb::tools
