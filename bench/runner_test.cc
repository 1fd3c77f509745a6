// The runner against a store of its own that can be told to lie: a benchmark that would not notice
// is worth nothing.
#include "bench/runner.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bench/map_store_test_util.h"

namespace beachdb::bench {
namespace {

namespace fs = std::filesystem;

class RunnerTest : public ::testing::Test {
 protected:
  RunnerTest() {
    directory_ = ::testing::TempDir() + "bench_runner_" +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  ~RunnerTest() override { fs::remove_all(directory_); }

  Plan MakePlan(std::vector<Engine> engines, const std::vector<std::string>& workloads) const {
    Plan plan;
    plan.directory = directory_;
    plan.settings.keys = 1000;
    plan.settings.seconds = 0.005;
    plan.settings.quiet_ms = 1;
    plan.rounds = 1;
    plan.engines = std::move(engines);
    for (const Workload& w : AllWorkloads(2)) {
      if (std::find(workloads.begin(), workloads.end(), w.name) != workloads.end()) {
        plan.workloads.push_back(w);
      }
    }
    EXPECT_EQ(plan.workloads.size(), workloads.size());
    return plan;
  }

  // The error of the only outcome.
  std::string ErrorOf(Engine engine, const std::string& workload) const {
    const auto outcomes = RunPlan(MakePlan({std::move(engine)}, {workload}));
    EXPECT_TRUE(outcomes.ok()) << outcomes.error().ToString();
    return outcomes.ok() && outcomes->size() == 1 ? outcomes->front().error : "(no outcome)";
  }

  std::string directory_;
};

TEST_F(RunnerTest, AnHonestStorePassesEveryWorkloadOfOneThread) {
  std::vector<std::string> names;
  for (const Workload& w : AllWorkloads(2)) {
    if (w.threads == 1 && !w.needs_a_log && !w.direct_reads) names.push_back(w.name);
  }
  const auto outcomes = RunPlan(MakePlan({MapEngine<Lie::kNone>("honest")}, names));
  ASSERT_TRUE(outcomes.ok()) << outcomes.error().ToString();
  ASSERT_EQ(outcomes->size(), names.size());
  for (const Outcome& outcome : *outcomes) {
    EXPECT_EQ(outcome.error, "") << outcome.workload;
    EXPECT_GT(outcome.Count(), 0u) << outcome.workload;
  }
  EXPECT_TRUE(fs::is_empty(directory_)) << "the databases are removed";
}

TEST_F(RunnerTest, AnHonestStorePassesEveryMixOfYcsb) {
  Plan plan = MakePlan({MapEngine<Lie::kNone>("honest")},
                       {"ycsb-a", "ycsb-b", "ycsb-c", "ycsb-d", "ycsb-e", "ycsb-f", "scan"});
  for (Workload& w : plan.workloads) w.threads = 1;  // as many as the store can have
  // Last, to see that what D and E add is taken away again.
  std::stable_partition(plan.workloads.begin(), plan.workloads.end(),
                        [](const Workload& w) { return w.name != "scan"; });
  plan.workloads.back().needs = State::kDisturbed;
  const auto outcomes = RunPlan(plan);
  ASSERT_TRUE(outcomes.ok()) << outcomes.error().ToString();
  ASSERT_EQ(outcomes->size(), 7u);
  for (const Outcome& outcome : *outcomes) {
    EXPECT_EQ(outcome.error, "") << outcome.workload;
    EXPECT_GT(outcome.Count(), 0u) << outcome.workload;
    EXPECT_EQ(outcome.UserBytes() > 0, outcome.workload != "ycsb-c" && outcome.workload != "scan")
        << outcome.workload;
  }
}

TEST_F(RunnerTest, ALogThatIsNotRecoveredFailsTheRunAndNoLogMeansNoSuchRow) {
  Engine forgetful = MapEngine<Lie::kNone>("forgetful");  // writes its file when it is closed
  const std::string error = ErrorOf(forgetful, "recovery");
  EXPECT_NE(error.find("is missing"), std::string::npos) << error;
  forgetful.has_log = false;
  const auto outcomes = RunPlan(MakePlan({forgetful}, {"recovery"}));
  ASSERT_TRUE(outcomes.ok()) << outcomes.error().ToString();
  EXPECT_TRUE(outcomes->empty());
}

TEST_F(RunnerTest, ASmallCacheIsAShareOfTheDataAndTheRestIsAsTheSettingsSay) {
  Engine engine = MapEngine<Lie::kNone>("honest");
  engine.open = [](const std::string& directory,
                   const StoreConfig& config) -> Result<std::unique_ptr<Store>> {
    if (config.only_reads != (config.cache_bytes == 1000 * 116 / 10)) {
      return Error(Code::kInvalidArgument, fmt::format("a cache of {}", config.cache_bytes));
    }
    return MapEngine<Lie::kNone>("honest").open(directory, config);
  };
  const auto outcomes = RunPlan(MakePlan({engine}, {"readrandom", "readrandom cache 10%"}));
  ASSERT_TRUE(outcomes.ok()) << outcomes.error().ToString();
  ASSERT_EQ(outcomes->size(), 2u);
  for (const Outcome& outcome : *outcomes) EXPECT_EQ(outcome.error, "") << outcome.workload;
}

TEST_F(RunnerTest, EveryLieFailsTheRun) {
  const auto contains = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  const std::string lost = ErrorOf(MapEngine<Lie::kLosesAKey>("loser"), "fillrandom");
  EXPECT_TRUE(contains(lost, "990 records instead of 1000")) << lost;
  const std::string old = ErrorOf(MapEngine<Lie::kKeepsOldValues>("keeper"), "overwrite");
  EXPECT_TRUE(contains(old, "a value that was overwritten")) << old;
  const std::string mixed = ErrorOf(MapEngine<Lie::kMixesUpValues>("mixer"), "readrandom");
  EXPECT_TRUE(contains(mixed, "a value of another key")) << mixed;
  const std::string read = ErrorOf(MapEngine<Lie::kMixesUpValues>("mixer"), "readrandom compacted");
  EXPECT_TRUE(contains(read, "a value of another key")) << read;
  const std::string kept = ErrorOf(MapEngine<Lie::kKeepsRanges>("hoarder"), "deleterange");
  EXPECT_TRUE(contains(kept, "a full scan found 250 records instead of 125")) << kept;
  const std::string skipped = ErrorOf(MapEngine<Lie::kSkipsInScans>("skipper"), "seek+10");
  EXPECT_TRUE(contains(skipped, "a walk that began elsewhere") ||
              contains(skipped, "a walk of the wrong length"))
      << skipped;
}

TEST_F(RunnerTest, ADyingEngineIsReportedAndTheOthersGoOn) {
  const auto outcomes = RunPlan(MakePlan(
      {MapEngine<Lie::kDies>("mortal"), MapEngine<Lie::kNone>("honest")}, {"fillseq", "scan"}));
  ASSERT_TRUE(outcomes.ok()) << outcomes.error().ToString();
  ASSERT_EQ(outcomes->size(), 4u);
  for (const Outcome& outcome : *outcomes) {
    EXPECT_EQ(outcome.error.empty(), outcome.engine == "honest")
        << outcome.engine << " " << outcome.workload << ": " << outcome.error;
  }
}

TEST_F(RunnerTest, EnginesTakeTurnsAndEachRoundBeginsWithAnother) {
  Plan plan = MakePlan({MapEngine<Lie::kNone>("a"), MapEngine<Lie::kNone>("b")},
                       {"fillseq", "readmissing"});
  plan.rounds = 2;
  const auto outcomes = RunPlan(plan);
  ASSERT_TRUE(outcomes.ok()) << outcomes.error().ToString();
  std::string order;
  for (const Outcome& outcome : *outcomes) {
    order += fmt::format("{}{}:{} ", outcome.round, outcome.engine, outcome.workload);
  }
  EXPECT_EQ(order,
            "1a:fillseq 1b:fillseq 1a:readmissing 1b:readmissing "
            "2b:fillseq 2a:fillseq 2b:readmissing 2a:readmissing ");
}

TEST_F(RunnerTest, ThePipeCarriesAnOutcomeWhole) {
  Outcome outcome;
  outcome.engine = "e";
  outcome.workload = "w";
  outcome.round = 3;
  outcome.error = "it \"failed\"\nbadly \xff";
  outcome.rows = {{"", "puts", 7, 9, 0.5, {1, 2, 3, 4}}};
  outcome.cpu_micros = 1.5;
  outcome.write_bytes = 8;
  outcome.engine_write_amplification = 2.5;
  const auto back = OutcomeFromJson(ToJson(outcome));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(ToJson(*back), ToJson(outcome));
  EXPECT_EQ(back->rows[0].latency.max, 4);
  EXPECT_FALSE(OutcomeFromJson("").ok());
  EXPECT_FALSE(OutcomeFromJson("{").ok());
}

// The program as people run it, on every engine of this build.
TEST_F(RunnerTest, TheQuickRunOfTheProgramHasEveryRowAndNoFailure) {
  const std::string out = directory_ + "/report.md";
  const std::string json = directory_ + "/results.jsonl";
  const std::string command = fmt::format("{}/bench --quick --dir {} --json {} > {} 2> {}/progress",
                                          BEACHDB_BIN_DIR, directory_, json, out, directory_);
  const int exit_code = std::system(command.c_str());
  std::stringstream report;
  report << std::ifstream(out).rdbuf();
  EXPECT_EQ(exit_code, 0) << report.str();
  EXPECT_NE(report.str().find("were checked and right"), std::string::npos) << report.str();
  for (const Workload& w : AllWorkloads(2)) {
    EXPECT_NE(report.str().find("\n| " + w.name + " |"), std::string::npos) << w.name;
  }
  EXPECT_EQ(report.str().find("failed"), std::string::npos) << report.str();

  std::ifstream lines(json);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) ++count;
  std::size_t want = 1;
  for (const Workload& w : AllWorkloads(2)) {
    for (const Engine& e : AllEngines()) want += w.IsFor(e) ? 1 : 0;
  }
  EXPECT_EQ(count, want);
}

}  // namespace
}  // namespace beachdb::bench
