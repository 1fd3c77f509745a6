// From outcomes to what people read: each figure here was worked out by hand.
#include "bench/report.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/charts.h"
#include "bench/figures.h"
#include "bench/results.h"
#include "bench/targets.h"
#include "bench/workloads.h"

namespace beachdb::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Outcome MakeOutcome(const char* engine, int round, std::uint64_t count) {
  Outcome outcome;
  outcome.engine = engine;
  outcome.workload = "scan";
  outcome.round = round;
  outcome.rows = {{"", "records", count, 100, 1.0, {1, 2, 3, 4}}};
  outcome.write_bytes = count;
  outcome.disk_bytes = 300;
  outcome.live_bytes = 200;
  return outcome;
}

RunInfo MakeRun(const std::vector<std::string>& engines) {
  RunInfo run;
  run.rounds = 3;
  for (const std::string& engine : engines) run.engines.push_back({engine, "1.2", "plain", "?"});
  return run;
}

// Of "mine", "rocksdb" and "other", in three rounds.
//          mine  rocksdb  other   mine/rocksdb  mine/best
// round 1   200      100     50           2.00       2.00
// round 2   300      300    600           1.00       0.50
// round 3   800      200    100           4.00       4.00
std::vector<Outcome> ThreeRounds() {
  return {
      MakeOutcome("mine", 1, 200), MakeOutcome("rocksdb", 1, 100), MakeOutcome("other", 1, 50),
      MakeOutcome("mine", 2, 300), MakeOutcome("rocksdb", 2, 300), MakeOutcome("other", 2, 600),
      MakeOutcome("mine", 3, 800), MakeOutcome("rocksdb", 3, 200), MakeOutcome("other", 3, 100)};
}

std::vector<Target> Targets(const std::string& text) {
  auto targets = ParseTargets(text);
  EXPECT_TRUE(targets.ok()) << targets.error().ToString();
  return targets.ok() ? *targets : std::vector<Target>();
}

TEST(ReportTest, RatiosAreTakenWithinARoundAndTheBestPeerIsThatOfTheRound) {
  const auto outcomes = ThreeRounds();
  const std::string report = MarkdownReport(MakeRun({"mine", "rocksdb", "other"}), outcomes, {});
  // To the best: the median of 2, 0.5 and 4. The ratio of the medians would be 300 / 200.
  EXPECT_THAT(report,
              HasSubstr("| scan | records | 300 (200..800) | 200 (100..300) | "
                        "100 (50..600) | rocksdb | 2.00 (0.50..4.00) | 2.00 (1.00..4.00) |"));
  EXPECT_THAT(report, HasSubstr("| scan | 1.0 / 2.0 / 3.0 / 4 |"));
  EXPECT_THAT(report, HasSubstr("All answers of all 9 runs were checked"));
}

TEST(ReportTest, VariantsOfTheFirstEngineAreHeldAgainstItOptionByOption) {
  auto outcomes = ThreeRounds();
  for (Outcome& outcome : outcomes) {
    if (outcome.engine == "rocksdb") outcome.engine = "mine:size=1";
  }
  const RunInfo run = MakeRun({"mine", "mine:size=1", "other"});
  EXPECT_THAT(MarkdownReport(run, outcomes, {}),
              HasSubstr("| option | scan |\n|---|---|\n| `size=1` | 0.50 |\n\n"));
  for (Outcome& outcome : outcomes) {
    outcome.workload = "overwrite";
    outcome.peak_rss_bytes = outcome.engine == "mine" ? 50 : 100;
  }
  EXPECT_THAT(MarkdownReport(run, outcomes, {}),
              HasSubstr("| option | overwrite | sent | disk | memory |\n|---|---|---|---|---|\n"
                        "| `size=1` | 0.50 | 0.50 | 1.00 | 2.00 |\n"));
  EXPECT_THAT(MarkdownReport(MakeRun({"mine", "other"}), outcomes, {}), Not(HasSubstr("Options")));
}

TEST(ReportTest, ARoundThatOneOfTheTwoFailedInHasNoRatio) {
  auto outcomes = ThreeRounds();
  outcomes[7].rows.clear();  // rocksdb's third
  outcomes[7].error = "it broke";
  const auto lines = CollectLines(outcomes);
  const auto ratio = RatioTo(lines.front(), "mine", "rocksdb", Figure::kRate);
  ASSERT_TRUE(ratio.has_value());
  EXPECT_EQ(ratio->spread.median, 1.5);
  const std::string report = MarkdownReport(MakeRun({"mine", "rocksdb"}), outcomes, {});
  EXPECT_THAT(report, HasSubstr("- round 3, scan, rocksdb: it broke"));
  EXPECT_THAT(report, Not(HasSubstr("were checked and right")));
}

TEST(ReportTest, AReaderSeesAtOnceWhichTargetsAreMissed) {
  const auto outcomes = ThreeRounds();
  const auto targets = Targets(
      "scan | rate      | best    | 2.5 |\n"
      "scan | rate      | rocksdb | 2   |\n"
      "scan | write-amp | rocksdb | 1.0 |\n"
      "scan | p99       | rocksdb | 1.0 |\n"
      "gone | rate      | best    | 1   |\n");
  const std::string report =
      MarkdownReport(MakeRun({"mine", "rocksdb", "other"}), outcomes, targets);
  EXPECT_THAT(report, HasSubstr("Targets met: 2 of 4 (1 more are of rows or peers that did not "
                                "run). Missed: scan 2.00 instead of 2.5 (rocksdb); "
                                "scan write-amp 2.00 instead of 1 (rocksdb)."));
  EXPECT_THAT(report, HasSubstr("| 2.5 best, 2 rocksdb | **no** |"));
  EXPECT_THAT(report, HasSubstr("| scan | write-amp | rocksdb | 2.00 (1.00..4.00) | at most 1 | "
                                "**no** |"));
  EXPECT_THAT(report, HasSubstr("| scan | p99 | rocksdb | 1.00 | at most 1 | yes |"));
}

TEST(ReportTest, AmplificationIsPerByteWrittenAndPerByteThatLives) {
  const std::vector<Outcome> outcomes = {MakeOutcome("mine", 1, 250)};
  const auto lines = CollectLines(outcomes);
  const Line::Round& round = lines.front().by_engine.at("mine").front();
  EXPECT_EQ(ValueOf(Figure::kWriteAmp, round), 2.5);
  EXPECT_EQ(ValueOf(Figure::kSpaceAmp, round), 1.5);
}

TEST(TargetsTest, EveryMistakeIsReportedWithItsLine) {
  const struct {
    const char* text;
    const char* want;
  } kCases[] = {
      {"a | rate | best", "line 1: the wrong number of fields"},
      {"# a comment\n\na | rat | best | 1", "line 3: no figure 'rat'"},
      {"a | rate | best | much", "line 1: a target that is no positive number"},
      {"a | rate | best | 1x", "line 1: a target that is no positive number"},
      {"a | rate | best | 0", "line 1: a target that is no positive number"},
      {"a | rate | best | 1 | -2", "line 1: a moonshot that is no positive number"},
      {" | rate | best | 1", "line 1: an empty field"},
      {"a | rate | best | 1\na | rate | best | 2",
       "line 2: a second target for rate of a over best"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const auto targets = ParseTargets(c.text);
    ASSERT_FALSE(targets.ok());
    EXPECT_THAT(targets.error().ToString(), HasSubstr(c.want));
  }
}

// A row that was renamed would otherwise lose its target without a word.
TEST(TargetsTest, EveryTargetOfTheRepositoryIsOfAWorkloadThatExists) {
  const auto targets = ReadTargets(std::string(BEACHDB_SOURCE_DIR) + "/bench/targets.txt");
  ASSERT_TRUE(targets.ok()) << targets.error().ToString();
  std::set<std::string> workloads;
  for (const Workload& workload : AllWorkloads(2)) workloads.insert(workload.name);
  for (const Target& target : *targets) {
    EXPECT_TRUE(workloads.contains(target.row.substr(0, target.row.find('/')))) << target.row;
  }
}

TEST(ChartTest, TheRatioChartHasABarOfItsColourForEveryRow) {
  const auto outcomes = ThreeRounds();
  const RunInfo run = MakeRun({"mine", "rocksdb", "other"});
  const std::string green = RatioChart(run, outcomes, Targets("scan | rate | best | 1.9 | 9"));
  EXPECT_THAT(green, HasSubstr("2.00 x rocksdb"));
  EXPECT_THAT(green, HasSubstr("fill=\"#2f9e44\""));
  const std::string red = RatioChart(run, outcomes, Targets("scan | rate | best | 2.1"));
  EXPECT_THAT(red, HasSubstr("fill=\"#e03131\""));
  EXPECT_EQ(RatioChart(MakeRun({"mine"}), {outcomes[0]}, {}), "") << "nothing to compare";
}

TEST(ChartTest, NoFigureBreaksAChart) {
  const Series zeros{"<a> & \"b\"\n", {0, 0, 0}};
  for (const Axis axis : {Axis::kFromZero, Axis::kLog}) {
    for (const auto& series : std::vector<std::vector<Series>>{
             {}, {{"none", {}}}, {zeros}, {{"one", {1}}, zeros}, {{"wide", {1e-9, 1e12}}}}) {
      const std::string svg = TimeChart("t", axis, series);
      EXPECT_THAT(svg, Not(HasSubstr("nan")));
      EXPECT_THAT(svg, Not(HasSubstr("inf")));
      EXPECT_THAT(svg, Not(HasSubstr("<a>")));
    }
  }
}

TEST(ResultsTest, AReportCanBeMadeAgainFromItsRawData) {
  const std::string folder = ::testing::TempDir() + "bench_results_again";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  Results results;
  results.run = MakeRun({"mine", "rocksdb", "other"});
  results.run.date = "today";
  results.run.build = "a compiler";
  results.run.machine = {"a processor", 2, "8 GiB", "Linux", "ext4", "0.1"};
  results.run.settings.key_shape = KeyShape::kHashed;
  results.run.settings.store.packing = Packing::kLz4;
  results.run.settings.keys = 77;
  results.outcomes = ThreeRounds();
  {
    std::ofstream out(folder + "/results.jsonl");
    out << ToJson(results.run) << '\n';
    for (const Outcome& outcome : results.outcomes) out << ToJson(outcome) << '\n';
  }
  const auto read = ReadResults(folder + "/results.jsonl");
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(ReportText(*read, {}), ReportText(results, {}));
  ASSERT_TRUE(WriteReport(folder, *read, {}).ok());
  for (const char* name : {"report.md", "ratios.svg", "latency.svg"}) {
    EXPECT_TRUE(std::filesystem::exists(folder + "/" + name)) << name;
  }
  std::filesystem::remove_all(folder);
}

TEST(ResultsTest, AFileThatIsNoneIsReportedWithItsLine) {
  const std::string path = ::testing::TempDir() + "bench_results_wrong.jsonl";
  EXPECT_FALSE(ReadResults(path + ".gone").ok());
  std::ofstream(path) << "{}\n";
  EXPECT_THAT(ReadResults(path).error().ToString(), HasSubstr("line 1"));
  std::ofstream(path) << ToJson(MakeRun({"mine"})) << "\n{\"type\":\"outcome\"\n";
  EXPECT_THAT(ReadResults(path).error().ToString(), HasSubstr("line 2"));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace beachdb::bench
