// What a salvage has to tell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace beachdb::tools {

// Bytes of SRC that could not be read.
struct Loss {
  std::string file;         // name, not path
  std::uint64_t begin = 0;  // offsets of the bytes that are lost
  std::uint64_t end = 0;
  std::string reason;  // what was expected, and what was found
  // The keys that were lost lie between these, both included: the ends of the table, or the nearest
  // keys that could be read. Nothing: not known on that side.
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::optional<std::uint64_t> entries;  // that were lost, versions and deletions included
};

struct SalvageReport {
  std::vector<Loss> losses;        // in the order of the file names, then of the offsets
  std::vector<std::string> notes;  // what was done instead; no loss by itself
  // Why keys that were deleted, or older values, may be there again; empty: they may not.
  std::vector<std::string> may_reappear;

  std::uint64_t tables = 0;  // read, whole or in part
  std::uint64_t logs = 0;
  std::uint64_t blocks = 0;
  std::uint64_t entries = 0;  // read: versions and deletions included
  std::uint64_t keys = 0;     // written to DST

  bool complete() const { return losses.empty(); }
};

}  // namespace beachdb::tools
