// The live tables, level by level, at one moment. Immutable; a change makes a new one.
//
// Invariants (checked by CheckVersion in test builds and on every recovery):
//   1. Level 0 holds flushed runs, newest first: their seqno ranges are disjoint and descending.
//   2. Deeper levels are sorted by key and disjoint in user keys: all versions of a key that a level
//      holds are in one file.
//   3. For one user key, every version in a shallower level is newer than every one in a deeper.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "manifest/file_metadata.h"

namespace beachdb {

inline constexpr int kLevels = 7;

struct Version {
  std::array<std::vector<FileRef>, kLevels> levels;

  std::uint64_t LevelBytes(int level) const;
  // The deepest level that holds a file; 0 if there is none.
  int DeepestLevel() const;
  // Files of `level` whose key range meets [from, to]; nullptr: no bound on that side.
  std::vector<FileRef> Overlapping(int level, const std::string_view* from,
                                   const std::string_view* to) const;
};

using VersionRef = std::shared_ptr<const Version>;

// Invariants 1 and 2. kCorruption names the two files that break one.
Status CheckVersion(const Version& version);

}  // namespace beachdb
