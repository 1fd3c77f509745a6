// What wal_dump, sst_dump and manifest_dump have in common: arguments, the walk over the files, how
// lines are printed, the exit code.
//
// Each takes one or more files, --json for one JSON object a line, and --limit for the bytes that
// are shown of a key or value. Options whose names are words are taken with one dash, too.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "beachdb/result.h"
#include "format/dump_line.h"
#include "io/file_system.h"
#include "tools/exit_code.h"

namespace CLI {  // NOLINT(readability-identifier-naming): theirs
class App;
}  // namespace CLI

namespace beachdb::tools {

struct DumpProgram {
  std::string name;      // "wal_dump"
  std::string what;      // what the NAME of the manual page says
  std::string about;     // what --help says first
  std::string examples;  // and last
  // Adds the options that only this program has.
  std::function<void(CLI::App& app)> declare;
  // Tells `out` what the file holds; returns the number of problems. An error if the file cannot be
  // read; kInvalidArgument: the options ask for what no such file has.
  std::function<Result<std::uint64_t>(FileSystem& fs, const std::string& path, const DumpSink& out)>
      dump;
};

// Returns kExitDone, kExitNotFound when a file is damaged, kExitUsage when the command line is
// wrong or a file cannot be opened, kExitIo when reading one failed.
int RunDumpProgram(const DumpProgram& program, int argc, char** argv, const char* version);

}  // namespace beachdb::tools
