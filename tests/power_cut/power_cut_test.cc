// The power is cut at every event of short workloads and at many of longer ones, and again while
// the database recovers from that. docs/simulated-disk.md says what a cut may leave.
//
// A campaign (tests/support/campaign_seeds.h) runs longer workloads, with every event cut (400 of
// the longest) and more nested cuts; the quick test runs one seed and samples the cuts. BEACHDB_CUT
// replays one cut.
#include <cstdio>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/campaign_seeds.h"
#include "tests/support/cut_enumeration.h"

namespace beachdb {
namespace {

bool LongMode() { return CampaignSeeds::IsCampaign(); }

void ExpectNoCutBreaksTheContract(const char* name, CutConfig config) {
  CampaignSeeds seeds(1);
  CutReport total;
  for (auto seed = seeds.Next(); seed && total.failures.empty(); seed = seeds.Next()) {
    config.shape.seed = *seed;
    ReadReplay(config);
    total.Add(EnumerateCuts(config));
  }
  std::printf("PROOF %s seeds=%llu %s\n", name, static_cast<unsigned long long>(seeds.given()),
              total.Line().c_str());
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  for (const std::string& failure : total.failures) {
    ADD_FAILURE() << failure << (LongMode() ? " BEACHDB_SECONDS=0" : "")
                  << " tests_power_cut --gtest_filter=PowerCutTest." << test->name();
  }
}

TEST(PowerCutTest, EveryCutOfAShortWorkloadKeepsTheContract) {
  CutConfig config;
  config.shape.batches = LongMode() ? 20 : 6;
  config.shape.phases = LongMode() ? 3 : 2;
  if (LongMode()) {
    config.nested = 2;
  } else {
    config.cuts_max = 60;
  }
  ExpectNoCutBreaksTheContract("power_cut", config);
}

TEST(PowerCutTest, EveryCutOfInterleavedWritersKeepsTheContract) {
  CutConfig config;
  config.shape.threads = SimWorld::Threads::kInterleaved;
  config.shape.writers = 3;
  config.shape.phases = LongMode() ? 3 : 1;
  config.shape.batches = LongMode() ? 20 : 8;
  if (LongMode()) {
    config.nested = 1;
  } else {
    config.cuts_max = 60;
  }
  ExpectNoCutBreaksTheContract("power_cut_interleaved", config);
}

// Nothing is logged: after any cut the database is at the index that it names, and never behind
// one that it has promised.
TEST(PowerCutTest, EveryCutWithALogOfTheCallersKeepsTheContract) {
  CutConfig config;
  config.shape.log_owner = LogOwner::kCaller;
  config.shape.phases = LongMode() ? 3 : 2;
  config.shape.batches = LongMode() ? 20 : 12;
  config.shape.batch.keys = 40;
  config.shape.batch.value_max = 4000;
  if (LongMode()) {
    config.nested = 2;
  } else {
    config.cuts_max = 60;
  }
  ExpectNoCutBreaksTheContract("power_cut_caller", config);
}

TEST(PowerCutTest, EverySecondCutDuringRecoveryKeepsTheContract) {
  CutConfig config;
  config.shape.phases = 1;
  config.shape.batches = 6;
  config.cuts_max = LongMode() ? 30 : 4;
  config.nested = LongMode() ? CutConfig::kAll : 12;
  ExpectNoCutBreaksTheContract("power_cut_nested", config);
}

// Memtables fill up, logs are recycled, level 0 is compacted, all by themselves.
TEST(PowerCutTest, CutsOfALongWorkloadKeepTheContract) {
  CutConfig config;
  config.shape.threads = SimWorld::Threads::kInterleaved;
  config.shape.writers = 2;
  config.shape.phases = 2;
  config.shape.batches = LongMode() ? 400 : 100;
  config.shape.batch.keys = 40;
  config.shape.batch.value_max = 1500;
  config.shape.batch.large_one_in = 50;
  config.shape.batch.large_value = 90'000;  // more than a memtable, and than a log of usual size
  config.cuts_max = LongMode() ? 400 : 8;
  if (LongMode()) config.nested = 1;
  ExpectNoCutBreaksTheContract("power_cut_long", config);
}

// The oracle itself: syncs that do nothing are noticed, whichever they are. (Which line of the
// engine asks for each, and that it is needed there, is the mutation run's part.)
TEST(PowerCutTest, ADiskThatForgetsTheSyncsOfOneKindOfFileIsNoticed) {
  const std::pair<const char*, LogOwner> kinds[] = {
      {".wal", LogOwner::kDatabase},      {".sst", LogOwner::kDatabase},
      {"MANIFEST-", LogOwner::kDatabase}, {"CURRENT.tmp", LogOwner::kDatabase},
      {"/db", LogOwner::kDatabase},       {"/data", LogOwner::kDatabase},
      {".sst", LogOwner::kCaller},        {"MANIFEST-", LogOwner::kCaller}};
  for (const auto& [kind, log_owner] : kinds) {
    SCOPED_TRACE(kind);
    CutConfig config;
    config.shape.log_owner = log_owner;
    config.shape.seed = SeedFromEnvironment(1);
    config.shape.phases = 1;
    config.shape.batches = 5;
    config.forget_syncs_of = kind;
    const CutReport report = EnumerateCuts(config);
    EXPECT_FALSE(report.failures.empty()) << report.Line();
  }
}

TEST(PowerCutTest, TheSameSeedIsTheSameRunEventForEvent) {
  const auto run = [](std::uint64_t seed) {
    WorkloadShape shape;
    shape.seed = seed;
    shape.threads = SimWorld::Threads::kInterleaved;
    shape.writers = 3;
    std::string text;
    for (const DiskEvent& event : RunWorkload(shape).journal.events) {
      text += event.ToString() + '\n' + event.data;
    }
    return text;
  };
  const std::uint64_t seed = SeedFromEnvironment(1);
  const std::string first = run(seed);
  EXPECT_TRUE(first == run(seed)) << "seed " << seed;
  EXPECT_FALSE(first == run(seed + 1)) << "the seed makes no difference";
}

}  // namespace
}  // namespace beachdb
