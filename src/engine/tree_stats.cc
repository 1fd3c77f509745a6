#include "engine/tree_stats.h"

namespace beachdb {

void AddTree(const Version& version, const LevelShape& shape, Stats& stats) {
  for (int level = 0; level < kLevels; ++level) {
    const auto index = static_cast<std::size_t>(level);
    LevelStats row;
    row.level = level;
    row.files = version.levels[index].size();
    row.bytes = version.LevelBytes(level);
    row.target_bytes = shape.target_bytes[index];
    row.score = shape.score[index];
    for (const FileRef& file : version.levels[index]) {
      row.entries += file->entries;
      row.tombstones += file->tombstones;
      row.range_tombstones += file->range_tombstones;
      stats.tables.push_back({.number = file->number,
                              .level = level,
                              .bytes = file->size,
                              .entries = file->entries,
                              .tombstones = file->tombstones,
                              .range_tombstones = file->range_tombstones,
                              .ingested = file->origin.has_value(),
                              .smallest_key = file->smallest,
                              .largest_key = file->largest});
    }
    stats.levels.push_back(row);
  }
}

}  // namespace beachdb
