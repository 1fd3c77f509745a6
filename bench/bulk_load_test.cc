#include "bench/bulk_load.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace beachdb::bench {
namespace {

TEST(BulkLoadBenchTest, LoadsReadsBackAndLeavesNothing) {
  const std::string folder = ::testing::TempDir() + "bulk_load_bench";
  std::filesystem::create_directories(folder);
  Settings settings;
  settings.keys = 20'000;
  const auto rounds = MeasureLoads(settings, 2, folder);
  ASSERT_TRUE(rounds.ok()) << rounds.error().ToString();
  ASSERT_EQ(rounds->size(), 2u);
  for (const LoadRound& round : *rounds) {
    EXPECT_GT(round.load_seconds, 0);
    EXPECT_GT(round.device_seconds, 0);
    EXPECT_GT(round.table_bytes, settings.keys * (16 + settings.value_bytes));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

TEST(BulkLoadBenchTest, TheReportHasTheMedian) {
  Settings settings;
  settings.keys = 7;
  const std::vector<LoadRound> rounds = {{2, 1, 1'000'000}, {4, 1, 1'000'000}, {1, 1, 1'000'000}};
  const std::string report = LoadReport(settings, rounds);
  EXPECT_NE(report.find("| 1 | 2.00 | 1.00 | 1 | 0 | 1 | 0.50 |"), std::string::npos) << report;
  EXPECT_NE(report.find("device's rate: 0.50"), std::string::npos) << report;
}

}  // namespace
}  // namespace beachdb::bench
