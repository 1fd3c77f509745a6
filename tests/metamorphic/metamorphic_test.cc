// One random history under many configurations gives the same answers everywhere: the model's, and
// those of LevelDB.
//
// Short by default. The campaign is the same with more seeds:
//   BEACHDB_SECONDS=600 tests_metamorphic --gtest_filter='*EveryConfiguration*'
// runs for so many seconds (counters: histories, runs, steps, answers), and
//   BEACHDB_SEED=n BEACHDB_SECONDS=...   starts at that seed.
// A failure is shrunk, and written with its configuration to $TEST_TMPDIR (default /tmp); replay:
//   BEACHDB_SEED=n tests_metamorphic                 that one history
//   BEACHDB_HISTORY=file tests_metamorphic           a file, shrunk or in tests/seeds/
// With BEACHDB_ISOLATE=1 every run has a process of its own: one that dies is shrunk as well.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/metamorphic/generator.h"
#include "tests/metamorphic/runner.h"
#include "tests/metamorphic/shrinker.h"
#include "tests/support/campaign_seeds.h"
#include "tests/support/scratch.h"

namespace beachdb::metamorphic {
namespace {

constexpr std::size_t kStepsMax = 300;
constexpr std::size_t kConfigs = 4;
constexpr std::size_t kShrinkTries = 3000;

struct Totals {
  std::uint64_t histories = 0, runs = 0, steps = 0, answers = 0;
};

std::string Directory() {
  return ScratchDirectory("beachdb_metamorphic_" + std::to_string(getpid()));
}

History HistoryOf(std::uint64_t seed) {
  Random random(seed);
  return GenerateHistory(seed, kStepsMax / 10 + random.Uniform(kStepsMax));
}

std::vector<Config> ConfigsOf(std::uint64_t seed) {
  Random random(seed ^ 0xc0ffee);
  std::vector<Config> configs{Config{}};
  while (configs.size() < kConfigs) configs.push_back(RandomConfig(random));
  // One of them in the real world, now and then: direct I/O and real threads.
  if (seed % 4 == 0) {
    configs.back().world = Where::kReal;
    if (configs.back().reopen == Reopen::kPower) configs.back().reopen = Reopen::kCrash;
  }
  return configs;
}

// What is wrong with the case; a run that dies says so only in a process of its own.
std::optional<Mismatch> Fault(const Case& c, RunOutcome* outcome = nullptr) {
  if (std::getenv("BEACHDB_ISOLATE") == nullptr) {
    RunOutcome here = RunOnBeachDb(c.history, c.config, Directory());
    if (outcome != nullptr) *outcome = here;
    return here.mismatch;
  }
  const pid_t child = fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(2);
    _exit(RunOnBeachDb(c.history, c.config, Directory()).mismatch.has_value() ? 1 : 0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) return Mismatch{0, "waitpid failed"};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  return Mismatch{0, "the run ended with status " + std::to_string(status)};
}

// Shrinks the case, keeps it in a file, and tells how to replay both.
void Report(const Case& failing, const Mismatch& mismatch, const std::string& replay) {
  std::cerr << "step " << mismatch.step << ": " << mismatch.what << "\nreplay: " << replay
            << "\nshrinking\n";
  const Case shrunk = Shrink(
      failing, [](const Case& c) { return Fault(c).has_value(); }, kShrinkTries);
  const std::optional<Mismatch> again = Fault(shrunk);
  const std::string path = testing::TempDir() + "metamorphic_failure.history";
  const std::string text = ToText(shrunk);
  std::ofstream(path) << "# " << replay << '\n' << text;
  ADD_FAILURE() << "step " << mismatch.step << ": " << mismatch.what << "\nreplay: " << replay
                << "\nshrunk from " << failing.history.size() << " to " << shrunk.history.size()
                << " steps, now: " << (again ? again->what : "it does not fail every time")
                << "\nreplay: BEACHDB_HISTORY=" << path << " tests_metamorphic\n"
                << text.substr(0, 4000);
}

void TryHistory(std::uint64_t seed, Totals& totals) {
  const std::string replay = "BEACHDB_SEED=" + std::to_string(seed) +
                             " tests_metamorphic --gtest_filter='*EveryConfiguration*'";
  SCOPED_TRACE("replay: " + replay);
  std::cerr << "seed " << seed << '\n';  // for a run that dies
  const History history = HistoryOf(seed);
  ++totals.histories;
  const RunOutcome peer = RunOnPeer(history, Directory());
  ASSERT_FALSE(peer.mismatch.has_value()) << peer.mismatch->what << "; the model is wrong";
  std::uint64_t digest = 0;
  for (const Config& config : ConfigsOf(seed)) {
    RunOutcome outcome;
    const std::optional<Mismatch> fault = Fault({config, history}, &outcome);
    ++totals.runs;
    totals.steps += history.size();
    totals.answers += outcome.answers;
    if (fault) return Report({config, history}, *fault, replay);
    if (digest == 0) digest = outcome.digest;
    ASSERT_EQ(outcome.digest, digest) << "the answers differ under\n" << ToText(config);
  }
}

TEST(MetamorphicTest, EveryConfigurationGivesTheSameAnswers) {
  constexpr std::uint64_t kQuick = 6;
  CampaignSeeds seeds(kQuick);
  Totals totals;
  while (const auto seed = seeds.Next()) {
    TryHistory(*seed, totals);
    if (HasFailure()) break;
  }
  std::cout << "PROOF metamorphic histories=" << totals.histories << " runs=" << totals.runs
            << " steps=" << totals.steps << " answers=" << totals.answers
            << " first_seed=" << seeds.first() << " failures=" << (HasFailure() ? 1 : 0) << '\n';
}

// ---- histories that are kept --------------------------------------------------------------------

void ReplayFile(const std::filesystem::path& path) {
  SCOPED_TRACE("replay: BEACHDB_HISTORY=" + path.string() + " tests_metamorphic");
  std::ifstream in(path, std::ios::binary);
  ASSERT_TRUE(in.good()) << "cannot be read";
  std::ostringstream text;
  text << in.rdbuf();
  const auto kept = ParseCase(text.str());
  ASSERT_TRUE(kept.ok()) << kept.error().ToString();
  const RunOutcome outcome = RunOnBeachDb(kept->history, kept->config, Directory());
  EXPECT_FALSE(outcome.mismatch.has_value())
      << "step " << outcome.mismatch->step << ": " << outcome.mismatch->what;
}

TEST(MetamorphicTest, HistoriesThatOnceFailedPass) {
  if (const char* file = std::getenv("BEACHDB_HISTORY")) return ReplayFile(file);
  std::vector<std::filesystem::path> kept;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(BEACHDB_SOURCE_DIR) + "/tests/seeds")) {
    if (entry.path().extension() == ".history") kept.push_back(entry.path());
  }
  std::sort(kept.begin(), kept.end());
  ASSERT_FALSE(kept.empty());
  for (const auto& path : kept) ReplayFile(path);
}

}  // namespace
}  // namespace beachdb::metamorphic
