#include "compaction/level_shape.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

constexpr CompactionLimits kLimits{
    .table_size = 10, .base_size = 100, .growth = 10, .level0_files = 4};

Version VersionOf(const std::array<std::uint64_t, kLevels>& bytes) {
  Version version;
  for (int level = 0; level < kLevels; ++level) {
    if (bytes[level] == 0) continue;
    FileMetadata file;
    file.number = static_cast<std::uint64_t>(level) + 1;
    file.size = bytes[level];
    file.smallest = file.largest = "k";
    version.levels[level].push_back(std::make_shared<const FileMetadata>(file));
  }
  return version;
}

TEST(LevelShapeTest, TargetsFollowFromTheBottomUp) {
  const struct {
    const char* why;
    std::array<std::uint64_t, kLevels> bytes;
    int base_level;
    std::array<std::uint64_t, kLevels> targets;
  } kCases[] = {
      {"empty: level 0 goes straight to the bottom", {}, 6, {}},
      {"three base sizes still need no level above", {0, 0, 0, 0, 0, 0, 300}, 6, {}},
      {"a little more do", {0, 0, 0, 0, 0, 0, 301}, 5, {0, 0, 0, 0, 0, 100}},
      {"a tenth of the bottom", {0, 0, 0, 0, 0, 0, 3000}, 5, {0, 0, 0, 0, 0, 300}},
      {"two levels above", {0, 0, 0, 0, 0, 0, 5000}, 4, {0, 0, 0, 0, 100, 500}},
      {"a used level stays while the bottom is twice the base",
       {0, 0, 0, 0, 0, 7, 201},
       5,
       {0, 0, 0, 0, 0, 100}},
      {"and is drained below that", {0, 0, 0, 0, 0, 7, 200}, 5, {}},
      {"level 0 never passes below data", {0, 0, 7, 0, 0, 0, 300}, 2, {0, 0, 0, 0, 0, 100}},
      {"the largest level counts, wherever it is",
       {0, 0, 0, 0, 0, 3000, 10},
       5,
       {0, 0, 0, 0, 0, 300}},
      {"the levels end at 1",
       {0, 0, 0, 0, 0, 0, 1'000'000'000'000},
       1,
       {0, 10'000'000, 100'000'000, 1'000'000'000, 10'000'000'000, 100'000'000'000}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.why);
    const LevelShape shape = ShapeOf(VersionOf(c.bytes), kLimits);
    EXPECT_EQ(shape.base_level, c.base_level);
    EXPECT_EQ(shape.target_bytes, c.targets);
  }
}

TEST(LevelShapeTest, AnUnneededLevelIsDueUntilItIsEmpty) {
  const LevelShape shape = ShapeOf(VersionOf({0, 0, 0, 0, 0, 1, 200}), kLimits);
  EXPECT_GE(shape.score[5], 1);
  EXPECT_GT(shape.debt_bytes, 0u);
}

TEST(LevelShapeTest, TheBottomIsNeverDue) {
  EXPECT_EQ(ShapeOf(VersionOf({0, 0, 0, 0, 0, 0, 1'000'000}), kLimits).score[6], 0);
}

Version Level0Of(int files, std::uint64_t bytes, std::uint64_t entries, std::uint64_t tombstones) {
  Version version;
  for (int i = 0; i < files; ++i) {
    FileMetadata file;
    file.size = bytes;
    file.entries = entries;
    file.tombstones = tombstones;
    file.distinct_keys = entries;
    version.levels[0].push_back(std::make_shared<const FileMetadata>(file));
  }
  return version;
}

TEST(LevelShapeTest, Level0IsDueByRunsOrByBytesAndTombstonesCountTwice) {
  EXPECT_LT(ShapeOf(Level0Of(3, 1, 10'000, 0), kLimits).score[0], 1);
  EXPECT_EQ(ShapeOf(Level0Of(4, 1, 10'000, 0), kLimits).score[0], 1);
  EXPECT_EQ(ShapeOf(Level0Of(2, 50, 10'000, 0), kLimits).score[0], 1);
  EXPECT_EQ(ShapeOf(Level0Of(2, 1, 10'000, 6'000), kLimits).score[0], 1);
  EXPECT_EQ(ShapeOf(Level0Of(2, 1, 100, 60), kLimits).score[0], 0.5) << "too few to hurt";
}

TEST(LevelShapeTest, DebtIsWhatFlowsOverAndWhatItMeets) {
  EXPECT_EQ(ShapeOf(VersionOf({0, 0, 0, 0, 0, 300, 3000}), kLimits).debt_bytes, 0u);
  // 300 too many; the level below is 5 times as large, so each byte moves five others.
  EXPECT_EQ(ShapeOf(VersionOf({0, 0, 0, 0, 0, 600, 3000}), kLimits).debt_bytes, 300u * 6);
  // Level 0 rewrites the base level, which then flows over by 100.
  EXPECT_EQ(ShapeOf(VersionOf({100, 0, 0, 0, 0, 300, 3000}), kLimits).debt_bytes,
            400u + 100 + 100 * 3000 / 400);
}

}  // namespace
}  // namespace beachdb
