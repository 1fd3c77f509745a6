// Every sync is load-bearing: each step of the kind kSync (base/failpoint_list.h) is left out in
// turn, silently, and the enumeration of power cuts must find a cut that breaks the contract.
//
// BEACHDB_SEED=<s>: the first seed of the workloads. BEACHDB_MUTATE=<step>: only this one.
// BEACHDB_MUTATION_SEEDS=<n>: so many seeds before a step counts as not noticed (default 1).
// BEACHDB_REWRITE=1 writes docs/load-bearing-syncs.md anew.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/failpoint.h"
#include "tests/mutation/full_disk.h"
#include "tests/support/backup_story.h"
#include "tests/support/cut_enumeration.h"
#include "tests/support/ingest_story.h"
#include "tests/support/test_world.h"

namespace beachdb {
namespace {

constexpr const char* kPage = BEACHDB_SOURCE_DIR "/docs/load-bearing-syncs.md";

std::string EnvironmentOr(const char* name, const char* fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : text;
}

std::vector<FailpointInfo> Syncs() {
  std::vector<FailpointInfo> syncs;
  for (const FailpointInfo& info : kFailpoints) {
    if (info.kind == FailpointKind::kSync) syncs.push_back(info);
  }
  return syncs;
}

std::string FirstFailure(const CutConfig& config) {
  const CutReport report = EnumerateCuts(config);
  return report.failures.empty() ? "" : report.failures.front();
}

// The first that notices ends the search: from the cheapest to the dearest, which is that of the
// backups, unless the step is one of theirs.
std::vector<std::function<std::string(std::uint64_t)>> Checkers(const FailpointInfo& step) {
  std::vector<std::function<std::string(std::uint64_t)>> checkers = {
      [](std::uint64_t) { return CutAroundTakenBackEdit(); },
      [](std::uint64_t) { return CutAfterOpeningOnFullDisk(); },
      [](std::uint64_t) { return CutAroundIngest(); },
      [](std::uint64_t seed) {
        CutConfig config;
        config.shape.seed = seed;
        config.shape.batches = 6;
        return FirstFailure(config);
      },
      [](std::uint64_t seed) {
        CutConfig config;
        config.shape.seed = seed;
        config.shape.threads = SimWorld::Threads::kInterleaved;
        config.shape.writers = 3;
        config.shape.phases = 1;
        config.shape.batches = 8;
        return FirstFailure(config);
      },
  };
  checkers.insert(step.file.starts_with("backup/") ? checkers.begin() : checkers.end(),
                  [](std::uint64_t) { return CutAroundBackups().failure; });
  return checkers;
}

// What the checkers say while `step` is left out; empty: nobody notices.
std::string WhatBreaksWithout(const FailpointInfo& step, std::uint64_t seed, std::uint64_t seeds) {
  EXPECT_TRUE(ArmFailpoint(std::string(step.name), {.action = FailpointAction::kSkip}).ok());
  std::string noticed;
  for (std::uint64_t i = 0; i < seeds && noticed.empty(); ++i) {
    for (const auto& check : Checkers(step)) {
      noticed = check(seed + i);
      if (!noticed.empty()) break;
    }
  }
  DisarmFailpoints();
  return noticed;
}

// Without what changes with every change of the engine: seeds, events, numbers of files.
std::string Timeless(const std::string& failure) {
  std::string line = failure.substr(0, failure.find('\n'));
  line = std::regex_replace(line, std::regex("BEACHDB_[A-Z]+=\\S+ *"), "");
  line = std::regex_replace(line, std::regex("[0-9]+"), "n");
  return std::regex_replace(line, std::regex("\\|"), "/");
}

std::string Row(const FailpointInfo& info, const std::string& breaks) {
  return fmt::format("| `{}` | {} | {} | {} |", info.name, info.file, info.meaning, breaks);
}

// The other checkers are the tests of tests/power_cut, which show the same for them.
TEST(MutationTest, NothingBreaksOnAFullDiskWhileEverySyncIsDone) {
  EXPECT_EQ(CutAroundTakenBackEdit(), "");
  EXPECT_EQ(CutAfterOpeningOnFullDisk(), "");
  EXPECT_EQ(CutAroundIngest(), "");
}

TEST(MutationTest, LeavingOutAnySyncIsNoticed) {
  const std::uint64_t seed = SeedFromEnvironment(1);
  const std::uint64_t seeds =
      std::strtoull(EnvironmentOr("BEACHDB_MUTATION_SEEDS", "1").c_str(), nullptr, 10);
  const std::string only = EnvironmentOr("BEACHDB_MUTATE", "");
  std::size_t mutated = 0;
  std::size_t noticed = 0;
  std::string rows;
  for (const FailpointInfo& info : Syncs()) {
    if (!only.empty() && info.name != only) continue;
    const std::string name(info.name);
    const std::string breaks = WhatBreaksWithout(info, seed, seeds);
    ++mutated;
    noticed += breaks.empty() ? 0 : 1;
    EXPECT_FALSE(breaks.empty())
        << name << " can be left out and nobody notices: give it a test, or remove it. Replay: "
        << "BEACHDB_MUTATE=" << name << " BEACHDB_SEED=" << seed
        << " tests_mutation --gtest_filter=*LeavingOut*";
    rows += Row(info, Timeless(breaks)) + "\n";
    if (!only.empty()) std::printf("%s: %s\n", name.c_str(), breaks.c_str());
  }
  std::printf("PROOF mutation seed=%llu steps=%zu noticed=%zu\n",
              static_cast<unsigned long long>(seed), mutated, noticed);
  if (only.empty() && EnvironmentOr("BEACHDB_REWRITE", "0") == "1") {
    std::ofstream(kPage)
        << "# Every sync is load-bearing\n\n"
           "Each sync, directory sync and ordering step of the engine was left out, one at a "
           "time,\n"
           "and the simulated power cuts (`tests/power_cut`) ran until one of them broke the\n"
           "contract. Written by `tests/mutation`, with BEACHDB_REWRITE=1; every test run repeats\n"
           "it. In the last column numbers stand as n.\n\n"
           "| step | where (below `src/`) | what relies on it | what was found without it |\n"
           "|---|---|---|---|\n"
        << rows;
  }
}

TEST(MutationTest, ThePageShowsEveryStep) {
  std::ifstream in(kPage);
  std::ostringstream page;
  page << in.rdbuf();
  for (const FailpointInfo& info : Syncs()) {
    const std::string begin = fmt::format("| `{}` | {} | {} |", info.name, info.file, info.meaning);
    EXPECT_NE(page.str().find(begin), std::string::npos)
        << "docs/load-bearing-syncs.md lacks: " << begin;
  }
}

}  // namespace
}  // namespace beachdb
