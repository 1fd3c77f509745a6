#include "tools/tree_picture.h"

#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace beachdb::tools {
namespace {

Stats ThreeLevels() {
  Stats stats;
  const auto add_level = [&](int level, std::uint64_t target) {
    LevelStats l;
    l.level = level;
    l.target_bytes = target;
    stats.levels.push_back(l);
  };
  const auto add_file = [&](std::uint64_t number, int level, std::uint64_t bytes,
                            const char* smallest, const char* largest) {
    stats.tables.push_back({.number = number,
                            .level = level,
                            .bytes = bytes,
                            .entries = bytes / 100,
                            .smallest_key = smallest,
                            .largest_key = largest});
    LevelStats& l = stats.levels[static_cast<std::size_t>(level)];
    ++l.files;
    l.bytes += bytes;
    l.entries += bytes / 100;
  };
  add_level(0, 0);
  add_level(1, 10u << 20);
  add_level(2, 0);
  add_file(9, 0, 1u << 20, "a", "z");
  add_file(7, 1, 2u << 20, "a", "f");
  add_file(8, 1, 3u << 20, "g", "z");
  for (std::uint64_t i = 0; i < 10; ++i) {
    add_file(20 + i, 2, 8u << 20, fmt::format("k{}0", i).c_str(), fmt::format("k{}9", i).c_str());
  }
  stats.memory_budget = 256u << 20;
  return stats;
}

TEST(TreePictureTest, ShowsHowFullEachLevelIsAndWhereItsFilesLie) {
  const std::string picture = TreePicture(ThreeLevels(), {.width = 80, .ink = Ink::kPlain});
  EXPECT_NE(picture.find("13 files in 3 levels"), std::string::npos) << picture;
  EXPECT_NE(picture.find("L1  [##########..........]  5.0 MiB of 10.0 MiB, 2 files"),
            std::string::npos)
      << picture;
  EXPECT_NE(picture.find("    000007.sst"), std::string::npos) << picture;
  EXPECT_NE(picture.find("a .. f"), std::string::npos) << picture;
  EXPECT_NE(picture.find("... 5 files more"), std::string::npos) << picture;
  // The strip of level 1: its first file begins at the left edge, its second ends at the right.
  EXPECT_NE(picture.find("    |="), std::string::npos) << picture;
  EXPECT_NE(picture.find("-|\n"), std::string::npos) << picture;
}

TEST(TreePictureTest, SaysWhatWasIngestedAndWhereRangesAreDeleted) {
  Stats stats = ThreeLevels();
  stats.tables[1].ingested = true;
  stats.levels[1].tombstones = 1;
  stats.levels[1].range_tombstones = 2;
  const std::string picture = TreePicture(stats, {.width = 120, .ink = Ink::kPlain});
  EXPECT_NE(picture.find(", 1 tombstone, 2 range tombstones\n"), std::string::npos) << picture;
  EXPECT_NE(picture.find("ingested  a .. f"), std::string::npos) << picture;
  EXPECT_EQ(picture.find("ingested  g"), std::string::npos) << picture;
  const auto json = nlohmann::json::parse(TreeJson(stats));
  EXPECT_EQ(json["levels"][1]["range_tombstones"], 2);
  EXPECT_EQ(json["levels"][1]["files"][0]["ingested"], true);
}

TEST(TreePictureTest, NoLineIsWiderThanTheTerminal) {
  Stats stats = ThreeLevels();
  stats.tables[0].smallest_key = std::string(5000, 'a');
  stats.tables[0].largest_key = std::string(5000, '\xff');
  for (const std::size_t width : {50u, 64u, 80u, 200u}) {
    std::istringstream lines(TreePicture(stats, {.width = width, .ink = Ink::kPlain}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), width) << line;
  }
}

TEST(TreePictureTest, PlainInkIsPlain) {
  for (const char c : TreePicture(ThreeLevels(), {.width = 80, .ink = Ink::kPlain})) {
    EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << int{c};
  }
  EXPECT_NE(TreePicture(ThreeLevels(), {.width = 80, .ink = Ink::kTerminal}).find("\x1b["),
            std::string::npos);
}

TEST(TreePictureTest, AnEmptyDatabaseHasAPictureToo) {
  EXPECT_NE(TreePicture({}, {}).find("0 files in 0 levels"), std::string::npos);
}

TEST(TreePictureTest, TheJsonHoldsEveryFile) {
  const auto json = nlohmann::json::parse(TreeJson(ThreeLevels()));
  ASSERT_EQ(json["levels"].size(), 3u);
  EXPECT_EQ(json["levels"][2]["files"].size(), 10u);
  EXPECT_EQ(json["levels"][1]["files"][0]["largest_key"], "f");
  EXPECT_EQ(json["levels"][1]["target_bytes"], 10u << 20);
}

}  // namespace
}  // namespace beachdb::tools
