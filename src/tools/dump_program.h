// What wal_dump, sst_dump and manifest_dump have in common: arguments, the walk over the files, the
// exit code.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "io/file_system.h"
#include "tools/exit_code.h"

namespace beachdb::tools {

using LineSink = std::function<void(std::string_view line)>;

struct DumpProgram {
  std::string name;      // "wal_dump"
  std::string about;     // what --help says first
  std::string examples;  // and last
  struct Flag {
    std::string name;  // "--entries"; "-entries" is taken, too
    std::string what;
    bool* value;
  };
  std::vector<Flag> flags;
  // Tells `out` what the file holds; returns the number of problems. An error only if the file
  // cannot be read.
  std::function<Result<std::uint64_t>(FileSystem& fs, const std::string& path, const LineSink& out)>
      dump;
};

// Returns kExitDone, kExitNotFound when a file is damaged, kExitUsage when the command line is
// wrong or a file cannot be opened, kExitIo when reading one failed.
int RunDumpProgram(const DumpProgram& program, int argc, char** argv, const char* version);

}  // namespace beachdb::tools
