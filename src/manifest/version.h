// The live tables, level by level, at one moment. Immutable; a change makes a new one.
//
// Invariants (checked by CheckVersion in test builds and on every recovery):
//   1. Level 0 holds flushed runs, newest first: their seqno ranges are disjoint and descending.
//   2. Deeper levels are sorted by key and disjoint in user keys: all versions of a key that a
//   level
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

// The order of two files of one level: newest first in level 0, by key below.
bool ComesBefore(int level, const FileMetadata& a, const FileMetadata& b);
// Invariants 1 and 2 for two files that stand side by side in a level. kCorruption names both.
Status CheckNeighbours(int level, const FileMetadata& first, const FileMetadata& second);
// Invariants 1 and 2 for all of it.
Status CheckVersion(const Version& version);

}  // namespace beachdb
