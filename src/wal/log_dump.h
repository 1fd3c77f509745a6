// Shows a log file to people, damaged or not, without an engine and without its database.
//
// One line for the header and for each record: offset, size, checksum, seqnos, what was durable
// then; on demand one for each operation. Where no record can be read it says why, and goes on with
// the next valid one, if there is any. The unused rest of a log (zeros, or its former life) is
// recognised and said. A header that is damaged is not trusted, but its identity is tried.
//
// Thread safety: none. Memory: the largest record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "io/file_system.h"

namespace beachdb {

struct LogDumpOptions {
  bool operations = false;       // one line per operation: kind, key, value
  std::size_t key_limit = 64;    // bytes shown
  std::size_t value_limit = 64;  // bytes shown
  std::uint64_t limit = 0;       // records shown, all the same read and checked; 0: all
};

using LogDumpSink = std::function<void(std::string_view line)>;

// Calls `out` for each line; lines that tell of damage begin with "PROBLEM". Returns how many do. A
// bad record with nothing valid behind it counts too: the file alone does not tell a torn tail
// from damage. An error: the file cannot be read.
Result<std::uint64_t> DumpLog(FileSystem& fs, const std::string& path,
                              const LogDumpOptions& options, const LogDumpSink& out);

}  // namespace beachdb
