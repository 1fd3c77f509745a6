// The files of a damaged database that a salvage reads, and what is known of each.
//
// CURRENT names the MANIFEST; if it cannot be read, the newest one there is taken, as a new
// MANIFEST is complete before CURRENT names it. If that cannot be read either, every table and
// every log there is counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/file_system.h"
#include "manifest/file_metadata.h"
#include "tools/salvage/report.h"

namespace beachdb::tools {

struct SalvageSource {
  struct Table {
    std::uint64_t number = 0;
    FileRef recorded;  // what the MANIFEST says of it; nullptr: nothing
  };

  std::string directory;
  DatabaseId identity{};
  bool has_manifest = false;
  Seqno last_seqno = 0;             // in tables, by the MANIFEST
  std::vector<Table> tables;        // that are there, in the order of their numbers
  std::vector<std::uint64_t> logs;  // the same

  // Looks at the directory. Files that are missing or cannot be understood are told in the report.
  // kInvalidArgument: it is no directory, or holds no file of a database. kBusy: a process has it
  // open. kCorruption: no file tells whose database it is.
  static Result<SalvageSource> Look(FileSystem& fs, const std::string& directory,
                                    SalvageReport& report);
};

}  // namespace beachdb::tools
