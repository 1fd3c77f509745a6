// How large each level should be, and how far from it each is.
//
// Leveled, sized from the bottom up: the deepest level is as large as the data is, every level
// above a tenth of the next (so about nine tenths of the bytes lie at the bottom, and dead versions
// above it cost at most a tenth of the space), down to the base level, the first that is used. As
// RocksDB's dynamic level bytes, but for two points:
//   - the base level is never smaller than base_size, the bytes of a full level 0: each compaction
//     out of level 0 then writes about twice what it takes, not ten times;
//   - a level is added only once the one below it is three base sizes large. Up to that, merging
//   level
//   0
//     straight into it writes less than going through one more level would.
//
// Pure functions of a version. Errors: none.
#pragma once

#include <array>
#include <cstdint>

#include "manifest/version.h"

namespace beachdb {

struct CompactionLimits {
  std::uint64_t table_size = 32u << 20;  // target bytes of one output file
  std::uint64_t base_size = 128u << 20;  // target bytes of the base level, at least
  int growth = 10;                       // size ratio of neighbouring levels
  int level0_files = 4;                  // runs of level 0 that make it due
  // Whether a table may move down unread: only if it would be compressed there as it is now.
  bool move_level0 = false;    // out of level 0, where nothing is compressed
  bool move_to_bottom = true;  // into the deepest level, which may have a compression of its own
};

inline constexpr int kBottomLevel = kLevels - 1;

// Target sizes and pressure of each level at one version.
struct LevelShape {
  int base_level = kBottomLevel;  // where level 0 is compacted to
  // 0 for level 0, for unused levels, and for the bottom: it has no limit.
  std::array<std::uint64_t, kLevels> target_bytes{};
  std::array<double, kLevels> score{};  // from 1: due
  std::uint64_t debt_bytes = 0;         // bytes that compactions still have to write; an estimate
};
LevelShape ShapeOf(const Version& version, const CompactionLimits& limits);

// More than half of its entries are tombstones, and they are enough to hurt a scan. A tombstone of
// a range weighs as much as a thousand.
bool IsMostlyTombstones(const FileMetadata& file);
// The same of tombstones and old versions together, which a rewrite drops once no snapshot needs
// them.
bool IsMostlyDead(const FileMetadata& file);

}  // namespace beachdb
