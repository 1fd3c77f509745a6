// Shows a table file to people, damaged or not, without an engine and without its database.
//
// Everything that can be read is shown. What cannot is named with offset, expected and found, and
// the dump goes on behind it: behind a bad block with the next one that the index names; without a
// usable footer or index by looking for the blocks themselves, whose checksums tell where they end.
//
// Thread safety: none. Memory: the largest block of the file, twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "format/file_header.h"
#include "io/file_system.h"

namespace beachdb {

struct TableDumpOptions {
  bool properties = true;
  bool blocks = true;            // one line per data block
  bool index = false;            // one line per separator
  bool entries = false;          // one line per entry
  std::size_t key_limit = 64;    // bytes shown
  std::size_t value_limit = 64;  // bytes shown
  // Whose file it should be; without it the file's own header is believed.
  std::optional<FileIdentity> identity;
};

using DumpSink = std::function<void(std::string_view line)>;

// Calls `out` for each line; lines that tell of damage contain "PROBLEM". Returns how many do.
std::uint64_t DumpTable(File& file, const TableDumpOptions& options, const DumpSink& out);

}  // namespace beachdb
