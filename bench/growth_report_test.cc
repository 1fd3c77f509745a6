// From runs of several sizes to one table: each figure here was worked out by hand.
#include "bench/growth_report.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beachdb::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Outcome MakeOutcome(const char* engine, const char* workload, const char* unit, double rate,
                    std::uint64_t rss) {
  Outcome outcome;
  outcome.engine = engine;
  outcome.workload = workload;
  outcome.round = 1;
  outcome.rows = {{"", unit, static_cast<std::uint64_t>(rate), 100, 1.0, {1, 2, 3, 4}}};
  outcome.peak_rss_bytes = rss;
  outcome.write_bytes = 300;
  outcome.disk_bytes = 300;
  outcome.live_bytes = 200;
  return outcome;
}

Results Sized(std::uint64_t keys, std::vector<Outcome> outcomes) {
  Results results;
  results.run.rounds = 1;
  results.run.source = "abc";
  results.run.settings.keys = keys;
  results.run.engines = {{"mine", "1", "plain", "?"}, {"other", "2", "plain", "?"}};
  results.outcomes = std::move(outcomes);
  return results;
}

std::vector<Results> TwoSizes() {
  return {Sized(10'000'000, {MakeOutcome("mine", "get", "gets", 100'000, 3'000'000),
                             MakeOutcome("other", "get", "gets", 50'000, 4'000'000),
                             MakeOutcome("mine", "put", "puts", 1000, 5'000'000)}),
          Sized(1'000'000, {MakeOutcome("mine", "get", "gets", 200'000, 2'000'000),
                            MakeOutcome("mine", "put", "puts", 1000, 5'000'000)})};
}

TEST(GrowthTest, EveryRowHasItsTimesAndHowTheyGrew) {
  std::vector<Results> runs = TwoSizes();
  ASSERT_TRUE(SortBySize(runs).ok());
  const std::string report = GrowthReport(runs);
  EXPECT_THAT(report, HasSubstr("| workload | engine | 1 million | 10 million | growth |"));
  EXPECT_THAT(report, HasSubstr("| get, gets | mine | 5 | 10 | 2.00 |"));
  EXPECT_THAT(report, HasSubstr("| get, gets | other | - | 20 | - |"));
  EXPECT_THAT(report, HasSubstr("| put, puts | mine | 1000 | 1000 | 1.00 |"));
  EXPECT_THAT(report, HasSubstr("| get: peak memory, MB | mine | 2 | 3 | 1.50 |"));
  EXPECT_THAT(report, HasSubstr("| put: disk over live bytes | mine | 1.5 | 1.5 | 1.00 |"));
  EXPECT_THAT(report, HasSubstr("| put: sent to the device over written | mine | 3 | 3 | 1.00 |"));
  EXPECT_THAT(report, Not(HasSubstr("get: sent")));
  EXPECT_THAT(GrowthChart(runs), AllOf(HasSubstr(">get<"), HasSubstr(">put<")));
}

TEST(GrowthTest, OneSizeIsNoGrowth) {
  std::vector<Results> runs = TwoSizes();
  runs.push_back(runs.front());
  EXPECT_THAT(SortBySize(runs).ToString(), HasSubstr("two runs of 10000000 keys"));
  runs.resize(1);
  EXPECT_THAT(SortBySize(runs).ToString(), HasSubstr("two sizes"));
}

TEST(GrowthTest, RunsThatHaveNothingInCommonMakeAnEmptyTable) {
  std::vector<Results> runs = {Sized(100, {}), Sized(200, {})};
  EXPECT_THAT(GrowthReport(runs), HasSubstr("| workload | engine | 100 | 200 | growth |"));
  EXPECT_EQ(GrowthChart(runs), "");
}

TEST(GrowthTest, TheFolderHoldsTheTableAndItsChart) {
  const std::string folder = ::testing::TempDir() + "bench_growth";
  std::filesystem::remove_all(folder);
  std::vector<Results> runs = TwoSizes();
  ASSERT_TRUE(SortBySize(runs).ok());
  ASSERT_TRUE(WriteGrowth(folder, runs).ok());
  EXPECT_TRUE(std::filesystem::exists(folder + "/growth.md"));
  EXPECT_TRUE(std::filesystem::exists(folder + "/growth.svg"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace beachdb::bench
