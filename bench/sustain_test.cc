// Pressure on small stores, and verdicts on figures that were made up to break each limit.
#include "bench/sustain.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/map_store_test_util.h"
#include "bench/sustain_report.h"

namespace beachdb::bench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class SustainTest : public ::testing::Test {
 protected:
  SustainTest() {
    directory_ = ::testing::TempDir() + "bench_sustain_" +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  ~SustainTest() override { fs::remove_all(directory_); }

  SustainPlan MakePlan(Engine engine, Pressure pressure, double seconds) const {
    SustainPlan plan;
    plan.settings.keys = 1000;
    plan.settings.seconds = seconds;
    plan.settings.quiet_ms = 1;
    plan.engines = {std::move(engine)};
    plan.pressure = pressure;
    plan.directory = directory_;
    return plan;
  }
  SustainOutcome RunOne(const SustainPlan& plan) const {
    const auto outcomes = RunSustained(plan);
    EXPECT_TRUE(outcomes.ok()) << outcomes.error().ToString();
    return outcomes.ok() && outcomes->size() == 1 ? outcomes->front() : SustainOutcome();
  }

  std::string directory_;
};

TEST_F(SustainTest, EverySecondIsRecordedAndNothingIsLeftBehind) {
  const auto outcome = RunOne(MakePlan(MapEngine<Lie::kNone>("honest"), Pressure::kOverwrite, 2.2));
  EXPECT_EQ(outcome.error, "");
  ASSERT_EQ(outcome.writes.size(), 2u) << "the part of a second at the end is none";
  for (const Second& second : outcome.writes) {
    EXPECT_GT(second.count, 0u);
    EXPECT_LE(second.max, outcome.write.max);
  }
  ASSERT_FALSE(outcome.rss_bytes.empty());
  EXPECT_GT(outcome.rss_bytes.front(), 0u);
  EXPECT_EQ(outcome.live_bytes, 116'000u);
  EXPECT_TRUE(fs::is_empty(directory_)) << "the databases are removed";
}

TEST_F(SustainTest, AGivenRateIsKept) {
  SustainPlan plan = MakePlan(MapEngine<Lie::kNone>("honest"), Pressure::kOverwrite, 1.1);
  plan.writes_per_second = 2000;
  const auto outcome = RunOne(plan);
  EXPECT_EQ(outcome.error, "");
  ASSERT_EQ(outcome.writes.size(), 1u);
  EXPECT_LE(outcome.writes.front().count, 2001u);
}

TEST_F(SustainTest, AQueueIsReadFromItsHead) {
  const auto outcome = RunOne(MakePlan(MapEngine<Lie::kNone>("honest"), Pressure::kQueue, 1.1));
  EXPECT_EQ(outcome.error, "");
  ASSERT_EQ(outcome.reads.size(), 1u);
  EXPECT_GT(outcome.reads.front().count, 0u);
  EXPECT_GT(outcome.read.p50, 0);
}

TEST_F(SustainTest, ReadersAreTimedAloneAndBesideTheWriter) {
  const auto beachdb = BeachDbEngine();
  ASSERT_TRUE(beachdb.has_value());
  const auto outcome = RunOne(MakePlan(*beachdb, Pressure::kMixed, 1.1));
  EXPECT_EQ(outcome.error, "");
  EXPECT_GT(outcome.idle_read.p99, 0);
  EXPECT_GT(outcome.read.p99, 0);
  EXPECT_GT(outcome.write_amplification, 0);
  EXPECT_GT(outcome.disk_bytes, 0u);
}

TEST_F(SustainTest, EveryLieFailsTheRun) {
  const auto lost =
      RunOne(MakePlan(MapEngine<Lie::kLosesAKey>("loser"), Pressure::kOverwrite, 0.01));
  EXPECT_THAT(lost.error, HasSubstr("990 records instead of 1000"));
  const auto skipped = RunOne(MakePlan(MapEngine<Lie::kLosesAKey>("loser"), Pressure::kQueue, 0.3));
  EXPECT_THAT(skipped.error, HasSubstr("990 records instead of 1000"));
  const auto dead = RunOne(MakePlan(MapEngine<Lie::kDies>("mortal"), Pressure::kOverwrite, 0.01));
  EXPECT_THAT(dead.error, HasSubstr("killed by signal"));
}

// Sixteen seconds in which nothing happens that a check could object to.
SustainOutcome Flawless(Pressure pressure) {
  SustainOutcome outcome;
  outcome.engine = "mine";
  outcome.pressure = pressure;
  outcome.writes.assign(16, {1000, 1, 2, 3});
  outcome.reads.assign(16, {100, 10, 20, 30});
  outcome.rss_bytes.assign(16, 100u << 20);
  outcome.write = {1, 2, 3, 4000};
  outcome.read = {10, 29, 30, 40};
  outcome.idle_read = {5, 10, 11, 12};
  outcome.write_amplification = 4;
  return outcome;
}

TEST(SustainVerdictTest, EachLimitCanBeBroken) {
  SustainOutcome rocksdb = Flawless(Pressure::kOverwrite);
  rocksdb.engine = "rocksdb";
  const struct {
    const char* check;
    Pressure pressure;
    void (*flaw)(SustainOutcome&);
  } kCases[] = {
      {"no second below half", Pressure::kOverwrite, [](auto& o) { o.writes[7].count = 499; }},
      {"no stall above 50 ms", Pressure::kOverwrite, [](auto& o) { o.write.max = 50'001; }},
      {"memory is flat", Pressure::kOverwrite,
       [](auto& o) { std::fill(o.rss_bytes.end() - 4, o.rss_bytes.end(), 111u << 20); }},
      {"write amplification", Pressure::kOverwrite, [](auto& o) { o.write_amplification = 4.1; }},
      {"p99 of reads", Pressure::kMixed, [](auto& o) { o.read.p99 = 31; }},
      {"reading the head", Pressure::kQueue,
       [](auto& o) {
         std::for_each(o.reads.end() - 4, o.reads.end(), [](Second& s) { s.p50 = 16; });
       }},
      {"every answer is right", Pressure::kOverwrite, [](auto& o) { o.error = "a wrong one"; }},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.check);
    SustainOutcome outcome = Flawless(c.pressure);
    EXPECT_TRUE(AllPassed({outcome, rocksdb}));
    c.flaw(outcome);
    EXPECT_FALSE(AllPassed({outcome, rocksdb}));
    std::string failed;
    for (const Check& check : JudgeSustained(outcome, {outcome, rocksdb})) {
      if (!check.passed) failed += check.what + ";";
    }
    EXPECT_THAT(failed, HasSubstr(c.check));
    EXPECT_EQ(std::count(failed.begin(), failed.end(), ';'), 1) << failed;
  }
}

TEST(SustainVerdictTest, APeerMayBreakLimitsButNotFail) {
  SustainOutcome peer = Flawless(Pressure::kOverwrite);
  peer.engine = "peer";
  peer.write.max = 1e6;
  EXPECT_TRUE(AllPassed({Flawless(Pressure::kOverwrite), peer}));
  peer.error = "it broke";
  EXPECT_FALSE(AllPassed({Flawless(Pressure::kOverwrite), peer}));
}

TEST(SustainVerdictTest, TheReportSaysWhatWasFoundAndTheChartsShowIt) {
  SustainOutcome outcome = Flawless(Pressure::kQueue);
  outcome.writes[7].count = 400;
  const auto back = SustainOutcomeFromJson(ToJson(outcome));
  ASSERT_TRUE(back.ok()) << back.error().ToString();
  EXPECT_EQ(ToJson(*back), ToJson(outcome));
  RunInfo run;
  run.settings.seconds = 16;
  const std::string report = SustainReport(run, {*back});
  EXPECT_THAT(report, HasSubstr("the lowest 0.40 of it (second 8), the median 1000 writes"));
  EXPECT_THAT(report, HasSubstr("Verdict on mine: **FAILED**."));
  EXPECT_EQ(SustainCharts({*back}).size(), 4u);
}

}  // namespace
}  // namespace beachdb::bench
