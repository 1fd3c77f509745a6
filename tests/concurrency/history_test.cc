// Histories of threads that share a database, across crashes: every answer is explained by one
// order of the commits (recorder.h).
//
// Simulated: the interleaving of writers, flush, compaction and crash is decided by a seed, and the
// same in every run. Real: threads of the operating system, which TSan watches, and a process that
// "dies" (its writes fail from one moment on).
//
// Short by default. The campaign: BEACHDB_SECONDS=n for each of the two (counters: histories,
// lives, commits, reads, scans, unknown outcomes); BEACHDB_SEED=n starts at that seed, and without
// BEACHDB_SECONDS runs it alone. A simulated history replays from its seed, a real one only as far
// as the machine's threads do.
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "io/fault_environment.h"
#include "sim/sim_disk.h"
#include "sim/sim_world.h"
#include "tests/concurrency/recorder.h"
#include "tests/support/campaign_seeds.h"
#include "tests/support/scratch.h"

namespace beachdb::concurrency {
namespace {

struct Totals {
  std::uint64_t histories = 0, lives = 0, commits = 0, reads = 0, scans = 0, unknown = 0;
  void Add(const Recorder& recorder, std::uint64_t lives_of_it) {
    const Recorder::Counts counts = recorder.counts();
    ++histories;
    lives += lives_of_it;
    commits += counts.commits;
    reads += counts.reads;
    scans += counts.scans;
    unknown += counts.unknown;
  }
};

Options SmallOptions(Random& random, Environment& world) {
  Options options;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;
  options.table_size = 64u << 10;
  options.block_size = 512;
  options.compaction_threads = 1 + static_cast<int>(random.Uniform(2));
  options.memtable = random.OneIn(3) ? MemTableKind::kSkipList : MemTableKind::kRadixTree;
  options.filter_bits_per_key = random.OneIn(2) ? 0 : 10;
  options.log = [](LogLevel, std::string_view) {};
  options.environment = &world;
  return options;
}

// ---- simulated ----------------------------------------------------------------------------------

// One life of the database in `disk`; at its end `disk` is what a crash somewhere within has left.
void SimulateLife(std::optional<SimDisk>& disk, Recorder& recorder, std::uint32_t threads,
                  std::uint64_t seed, bool power) {
  Random random(seed);
  std::uint64_t crash_event = 0;
  std::uint64_t crash_moment = 0;
  {
    SimWorld world(*disk, seed, SimWorld::Threads::kInterleaved);
    const Options options = SmallOptions(random, world);
    const int steps = 20 + static_cast<int>(random.Uniform(40));
    std::uint64_t yields = random.Uniform(random.OneIn(2) ? 300 : 4000);
    world.Run([&] {
      auto db = Db::Open("/db", options);
      ASSERT_TRUE(db.ok()) << db.error().ToString();
      recorder.Recovered(*db);
      std::vector<SimScheduler::ThreadId> workers;
      for (std::uint32_t t = 0; t < threads; ++t) {
        workers.push_back(world.scheduler().Spawn("worker " + std::to_string(t),
                                                  [&, t] { recorder.Work(t, *db, seed, steps); }));
      }
      workers.push_back(world.scheduler().Spawn("crash", [&] {
        for (; yields > 0; --yields) SimScheduler::Yield();
        crash_event = disk->Mark();
        crash_moment = recorder.Tick();
      }));
      for (const auto worker : workers) world.scheduler().Join(worker);
      EXPECT_TRUE(db->Close().ok());
    });
  }
  CutPolicy policy{DataFate::kKept, NameFate::kKept};
  if (power) {
    policy = {static_cast<DataFate>(random.Uniform(9)), static_cast<NameFate>(random.Uniform(4))};
  }
  const DiskJournal journal = disk->TakeJournal();
  DiskHistory history(journal);
  history.AdvanceTo(crash_event);
  disk.emplace(history.Cut(policy, random.Next()));
  recorder.CrashedAt(crash_moment);
}

void SimulateHistory(std::uint64_t seed, Totals& totals) {
  SCOPED_TRACE("replay: BEACHDB_SEED=" + std::to_string(seed) +
               " tests_concurrency --gtest_filter='*Simulated*'");
  Random random(seed);
  const bool power = random.OneIn(2);
  const auto threads = static_cast<std::uint32_t>(2 + random.Uniform(4));
  Recorder recorder(threads, power ? Recorder::Writes::kAllSynced : Recorder::Writes::kMixed);
  std::optional<SimDisk> disk(std::in_place);
  constexpr std::uint64_t kLives = 3;
  for (std::uint64_t life = 0; life < kLives && !testing::Test::HasFailure(); ++life) {
    SimulateLife(disk, recorder, threads, seed * 10 + life, power);
  }
  // What the last crash has left.
  SimWorld world(*disk, seed, SimWorld::Threads::kInline);
  auto db = Db::Open("/db", SmallOptions(random, world));
  ASSERT_TRUE(db.ok()) << db.error().ToString();
  recorder.Recovered(*db);
  EXPECT_TRUE(db->Close().ok());
  EXPECT_EQ(recorder.Verdict(), "");
  totals.Add(recorder, kLives);
}

// ---- real ---------------------------------------------------------------------------------------

void RealHistory(std::uint64_t seed, Totals& totals) {
  SCOPED_TRACE("seed " + std::to_string(seed) + " of BEACHDB_SEED, tests_concurrency");
  Random random(seed);
  constexpr std::uint32_t kThreads = 4;
  const std::string directory = ScratchDirectory("beachdb_history_" + std::to_string(getpid()));
  std::filesystem::remove_all(directory);
  FaultEnvironment world;
  Recorder recorder(kThreads, Recorder::Writes::kMixed);
  constexpr std::uint64_t kLives = 2;
  for (std::uint64_t life = 0; life <= kLives && !testing::Test::HasFailure(); ++life) {
    auto db = Db::Open(directory, SmallOptions(random, world));
    ASSERT_TRUE(db.ok()) << db.error().ToString();
    recorder.Recovered(*db);
    if (life == kLives) {
      EXPECT_TRUE(db->Close().ok());
      break;
    }
    world.faults().FreezeAfter(random.Uniform(4000));
    std::vector<std::thread> threads;
    for (std::uint32_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] { recorder.Work(t, *db, seed * 10 + life, 150); });
    }
    for (std::thread& thread : threads) thread.join();
    world.faults().Freeze();
    static_cast<void>(db->Close());  // a dead process does not close
    world.faults().Heal();
  }
  EXPECT_EQ(recorder.Verdict(), "");
  totals.Add(recorder, kLives);
  std::filesystem::remove_all(directory);
}

// ---- campaigns ----------------------------------------------------------------------------------

template <typename Try>
void Campaign(const char* name, std::uint64_t quick, Try try_one) {
  CampaignSeeds seeds(quick);
  Totals totals;
  while (const auto seed = seeds.Next()) {
    std::cerr << "seed " << *seed << '\n';  // for a run that dies
    try_one(*seed, totals);
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(totals.commits, 0u);
  EXPECT_GT(totals.scans, 0u);
  std::cout << "PROOF " << name << " histories=" << totals.histories << " lives=" << totals.lives
            << " commits=" << totals.commits << " reads=" << totals.reads
            << " scans=" << totals.scans << " unknown=" << totals.unknown
            << " first_seed=" << seeds.first()
            << " failures=" << (testing::Test::HasFailure() ? 1 : 0) << '\n';
}

TEST(HistoryTest, SimulatedThreadsAcrossCrashesAreLinearizable) {
  Campaign("interleavings", 40, SimulateHistory);
}

TEST(HistoryTest, RealThreadsAcrossCrashesAreLinearizable) {
  Campaign("real-threads", 6, RealHistory);
}

}  // namespace
}  // namespace beachdb::concurrency
