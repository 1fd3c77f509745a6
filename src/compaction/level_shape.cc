#include "compaction/level_shape.h"

#include <algorithm>

namespace beachdb {
namespace {

using LevelBytes = std::array<std::uint64_t, kLevels>;

// Base sizes that a level holds before one is put above it, and below which that one goes again:
// far apart, so that a database whose size swings around a mark does not make and drain a level in
// turns.
constexpr std::uint64_t kAddLevelAbove = 3;
constexpr std::uint64_t kKeepLevelAbove = 2;

constexpr std::uint64_t kDeadMin = 2048;  // entries

void SetTargets(const LevelBytes& bytes, const CompactionLimits& limits, LevelShape& shape) {
  int first = 1;  // the first level with data
  while (first < kBottomLevel && bytes[first] == 0) ++first;
  int level = kBottomLevel;
  std::uint64_t size = *std::max_element(bytes.begin() + 1, bytes.end());
  while (level > 1) {
    const std::uint64_t mark = first < level ? kKeepLevelAbove : kAddLevelAbove;
    if (size <= mark * limits.base_size) break;
    size = std::max(size / static_cast<std::uint64_t>(limits.growth), limits.base_size);
    shape.target_bytes[--level] = size;
  }
  // Level 0 must not pass below data that is older than it.
  shape.base_level = std::min(level, first);
}

void SetScores(const Version& version, const LevelBytes& bytes, const CompactionLimits& limits,
               LevelShape& shape) {
  // A run that is mostly tombstones counts twice: it hides data, and scans pay for it.
  const auto heavy = std::count_if(version.levels[0].begin(), version.levels[0].end(),
                                   [](const FileRef& file) { return IsMostlyTombstones(*file); });
  const double runs = static_cast<double>(version.levels[0].size()) + static_cast<double>(heavy);
  const double base_size = static_cast<double>(limits.base_size);
  shape.score[0] = std::max(runs / limits.level0_files, static_cast<double>(bytes[0]) / base_size);
  for (int level = 1; level < kBottomLevel; ++level) {
    if (bytes[level] == 0) continue;
    const double held = static_cast<double>(bytes[level]);
    const double target = static_cast<double>(shape.target_bytes[level]);
    // A level that is not needed any more is due until it is empty.
    shape.score[level] = target > 0 ? held / target : 1 + held / base_size;
  }
}

// What must be written until no level is due: what flows over from level to level, each time with
// its share of the level below.
std::uint64_t Debt(const LevelBytes& bytes, const CompactionLimits& limits,
                   const LevelShape& shape) {
  double debt = 0;
  double incoming = 0;
  if (shape.score[0] >= 1) {
    incoming = static_cast<double>(bytes[0]);
    debt = incoming + static_cast<double>(bytes[shape.base_level]);
  }
  for (int level = shape.base_level; level < kBottomLevel; ++level) {
    const double held = static_cast<double>(bytes[level]) + incoming;
    incoming = std::max(0.0, held - static_cast<double>(shape.target_bytes[level]));
    if (incoming == 0) continue;
    const double ratio = static_cast<double>(bytes[level + 1]) / held;
    debt += incoming * (1 + std::min(ratio, static_cast<double>(limits.growth)));
  }
  return static_cast<std::uint64_t>(debt);
}

// How many keys a range tombstone covers nobody knows before it has come down to them.
constexpr std::uint64_t kRangeWeight = 1024;

std::uint64_t Tombstones(const FileMetadata& file) {
  return file.tombstones + kRangeWeight * file.range_tombstones;
}

}  // namespace

bool IsMostlyTombstones(const FileMetadata& file) {
  const std::uint64_t tombstones = Tombstones(file);
  return tombstones >= kDeadMin && tombstones > file.entries / 2;
}

bool IsMostlyDead(const FileMetadata& file) {
  const std::uint64_t dead = Tombstones(file) + file.old_versions();
  return dead >= kDeadMin && dead > file.entries / 2;
}

LevelShape ShapeOf(const Version& version, const CompactionLimits& limits) {
  LevelBytes bytes;
  for (int level = 0; level < kLevels; ++level) bytes[level] = version.LevelBytes(level);
  LevelShape shape;
  SetTargets(bytes, limits, shape);
  SetScores(version, bytes, limits, shape);
  shape.debt_bytes = Debt(bytes, limits, shape);
  return shape;
}

}  // namespace beachdb
