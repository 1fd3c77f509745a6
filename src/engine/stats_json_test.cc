#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "beachdb/stats.h"

namespace beachdb {
namespace {

TEST(StatsJsonTest, FiguresAreNumbersUnderTheirNames) {
  Stats stats;
  stats.last_seqno = ~std::uint64_t{0};
  stats.write_amplification = 1.25;
  stats.levels.push_back({.level = 2, .files = 3, .score = 0.5});
  stats.tables.push_back({.number = 7, .level = 2, .smallest_key = "a", .largest_key = "b"});
  const nlohmann::json json = nlohmann::json::parse(stats.ToJson());
  EXPECT_EQ(json["last_seqno"].get<std::uint64_t>(), ~std::uint64_t{0});
  EXPECT_EQ(json["write_amplification"], 1.25);
  EXPECT_EQ(json["puts"], 0);
  EXPECT_EQ(json["levels"].size(), 1u);
  EXPECT_EQ(json["levels"][0]["files"], 3);
  EXPECT_EQ(json["levels"][0]["score"], 0.5);
  EXPECT_EQ(json["levels"][0]["range_tombstones"], 0);
  EXPECT_EQ(json["tables"][0]["number"], 7);
  EXPECT_EQ(json["tables"][0]["ingested"], false);
  EXPECT_EQ(json["tables"][0]["largest_key"], "b");
}

// Keys are bytes, and the text of an error may hold a path that is no UTF-8.
TEST(StatsJsonTest, AnyBytesMakeValidJsonWithTheirEscapesAsInMessages) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes.push_back(static_cast<char>(c));
  Stats stats;
  stats.background_error = bytes;
  stats.tables.push_back({.smallest_key = "\"\\\xff\n"});
  const nlohmann::json json = nlohmann::json::parse(stats.ToJson());
  EXPECT_EQ(json["tables"][0]["smallest_key"], "\"\\\\\\xff\\x0a");
  EXPECT_EQ(json["background_error"].get<std::string>().substr(0, 8), "\\x00\\x01");
  EXPECT_EQ(nlohmann::json::parse(Stats().ToJson())["background_error"], "");
}

}  // namespace
}  // namespace beachdb
