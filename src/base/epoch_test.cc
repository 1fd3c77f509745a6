#include "base/epoch.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace beachdb {
namespace {

void SetTrue(void* flag) { static_cast<std::atomic<bool>*>(flag)->store(true); }

class EpochTest : public testing::Test {
 protected:
  ~EpochTest() override {
    DrainRetired();
    EXPECT_EQ(RetiredCount(), 0u);
  }
};

TEST_F(EpochTest, WithoutGuardsAnObjectIsFreedAtOnce) {
  std::atomic<bool> freed{false};
  Retire(&freed, SetTrue);
  EXPECT_TRUE(freed);
}

TEST_F(EpochTest, AGuardOfTheSameThreadKeepsItsObjectUntilItLeaves) {
  std::atomic<bool> freed{false};
  {
    const EpochGuard guard;
    Retire(&freed, SetTrue);
    EXPECT_FALSE(freed);
    EXPECT_EQ(RetiredCount(), 1u);
  }
  EXPECT_TRUE(freed) << "the last guard frees what waited for it";
}

TEST_F(EpochTest, GuardsNestAndTheOutermostCounts) {
  std::atomic<bool> freed{false};
  auto outer = std::make_unique<EpochGuard>();
  {
    const EpochGuard inner;
    Retire(&freed, SetTrue);
  }
  EXPECT_FALSE(freed);
  { const EpochGuard another; }
  EXPECT_FALSE(freed);
  outer.reset();
  EXPECT_TRUE(freed);
}

TEST_F(EpochTest, AGuardOfAnotherThreadKeepsTheObject) {
  std::atomic<bool> freed{false};
  std::atomic<int> stage{0};
  std::thread reader([&] {
    const EpochGuard guard;
    stage = 1;
    stage.notify_all();
    stage.wait(1);
  });
  stage.wait(0);
  Retire(&freed, SetTrue);
  EXPECT_FALSE(freed);
  stage = 2;
  stage.notify_all();
  reader.join();
  EXPECT_TRUE(freed) << "the reader itself collects when it leaves";
}

TEST_F(EpochTest, AGuardThatBeganAfterwardsDelaysNothing) {
  std::atomic<bool> freed{false};
  std::atomic<int> stage{0};
  auto early = std::make_unique<EpochGuard>();
  Retire(&freed, SetTrue);
  std::thread late([&] {
    const EpochGuard guard;
    stage = 1;
    stage.notify_all();
    stage.wait(1);
  });
  stage.wait(0);
  early.reset();
  EXPECT_TRUE(freed) << "the late guard cannot have seen it";
  stage = 2;
  stage.notify_all();
  late.join();
}

TEST_F(EpochTest, SmallObjectsAreGatheredUpTo64) {
  static std::atomic<int> freed;
  freed = 0;
  int object = 0;
  const auto count = [](void*) { ++freed; };
  for (std::size_t i = 0; i + 1 < kRetireGatherObjects; ++i) Retire(&object, count, 1);
  EXPECT_EQ(freed, 0);
  Retire(&object, count, 1);
  EXPECT_EQ(freed, static_cast<int>(kRetireGatherObjects));
}

TEST_F(EpochTest, SmallObjectsAreGatheredUpToTheirBytes) {
  static std::atomic<int> freed;
  freed = 0;
  int object = 0;
  const auto count = [](void*) { ++freed; };
  Retire(&object, count, kRetireGatherBytes - 1);
  EXPECT_EQ(freed, 0);
  Retire(&object, count, 1);
  EXPECT_EQ(freed, 2);
}

TEST_F(EpochTest, ObjectsAreFreedInTheOrderOfTheirRetirement) {
  static std::vector<int> order;
  order.clear();
  std::array<int, 100> numbers{};
  {
    const EpochGuard guard;
    for (int i = 0; i < 100; ++i) {
      numbers[static_cast<std::size_t>(i)] = i;
      Retire(&numbers[static_cast<std::size_t>(i)],
             [](void* p) { order.push_back(*static_cast<int*>(p)); });
    }
  }
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(EpochTest, FreeMayRetire) {
  static std::atomic<bool> second;
  second = false;
  int first = 0;
  Retire(&first, [](void*) { Retire(&second, SetTrue); });
  EXPECT_TRUE(second);
}

TEST_F(EpochTest, FreeMayTakeAGuard) {
  static std::atomic<bool> ran;
  ran = false;
  int object = 0;
  Retire(&object, [](void*) {
    const EpochGuard guard;
    ran = true;
  });
  EXPECT_TRUE(ran);
}

TEST_F(EpochTest, DrainWaitsForTheGuardsOfOtherThreads) {
  std::atomic<bool> freed{false};
  std::atomic<bool> left{false};
  std::atomic<int> stage{0};
  std::thread reader([&] {
    const EpochGuard guard;
    stage = 1;
    stage.notify_all();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    left = true;
  });
  stage.wait(0);
  Retire(&freed, SetTrue, 1);
  DrainRetired();
  EXPECT_TRUE(left);
  EXPECT_TRUE(freed);
  reader.join();
}

TEST_F(EpochTest, ADrainUnderAGuardIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        const EpochGuard guard;
        DrainRetired();
      },
      "CHECK failed");
}

TEST_F(EpochTest, SlotsOfThreadsThatEndedAreTakenOverByNewOnes) {
  using epoch_internal::Slot;
  std::set<Slot*> slots;
  for (int i = 0; i < 50; ++i) {
    Slot* seen = nullptr;
    std::thread([&] {
      const EpochGuard guard;
      seen = epoch_internal::this_slot;
    }).join();
    slots.insert(seen);
  }
  EXPECT_LE(slots.size(), 2u);
}

// A shell that is swapped and retired by writers while readers look into it. Freed too early, its
// marks are wrong (and ASan or TSan reports the access).
struct Shell {
  static constexpr std::uint64_t kAlive = 0x0123456789abcdef;
  std::uint64_t marks[4] = {kAlive, kAlive, kAlive, kAlive};
  ~Shell() {
    for (std::uint64_t& mark : marks) mark = 0xdead;
  }
};

class EpochStressTest : public testing::TestWithParam<bool> {};

TEST_P(EpochStressTest, AReaderNeverSeesAFreedObject) {
  const char* env = std::getenv("BEACHDB_SEED");
  const std::uint64_t seed = env != nullptr ? std::strtoull(env, nullptr, 0) : 20240607;
  SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed));
  DrainRetired();
  const bool membarrier = epoch_internal::shared.asymmetric.load();
  if (GetParam() && !membarrier) GTEST_SKIP() << "this kernel has no membarrier";
  epoch_internal::shared.asymmetric = GetParam();

  std::array<std::atomic<Shell*>, 8> shelves{};
  for (auto& shelf : shelves) shelf = new Shell;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> bad{0};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      Random random(seed + t);
      while (!stop.load(std::memory_order_relaxed)) {
        const EpochGuard guard;
        const Shell* shell =
            shelves[random.Uniform(shelves.size())].load(std::memory_order_acquire);
        const EpochGuard nested;
        if (random.OneIn(64)) std::this_thread::yield();
        for (const std::uint64_t mark : shell->marks) {
          if (mark != Shell::kAlive) bad.fetch_add(1);
        }
      }
    });
  }
  for (std::uint64_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      Random random(seed + 100 + t);
      for (int i = 0; i < 20000; ++i) {
        auto* fresh = new Shell;
        Shell* old = shelves[random.Uniform(shelves.size())].exchange(fresh);
        const std::size_t bytes = random.OneIn(20) ? kRetireGatherBytes : sizeof(Shell);
        Retire(
            old, [](void* p) { delete static_cast<Shell*>(p); }, bytes);
      }
    });
  }
  threads[3].join();
  threads[4].join();
  stop = true;
  for (std::size_t t = 0; t < 3; ++t) threads[t].join();
  for (auto& shelf : shelves) delete shelf.load();
  DrainRetired();
  EXPECT_EQ(bad, 0u);
  EXPECT_EQ(RetiredCount(), 0u);
  epoch_internal::shared.asymmetric = membarrier;
}

INSTANTIATE_TEST_SUITE_P(BothSchemes, EpochStressTest, testing::Bool(), [](const auto& scheme) {
  return scheme.param ? "Membarrier" : "Exchange";
});

// One thread collects at a time, and nobody waits for it: those who retire faster than it frees
// must be slowed down, or a machine with more threads than processors runs out of memory.
TEST_F(EpochTest, ManyWhoRetireAtOnceDoNotOutrunTheCollector) {
  constexpr int kThreads = 8;
  constexpr int kObjects = 50'000;  // of each
  std::atomic<std::uint64_t> most{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      std::uint64_t seen = 0;
      for (int i = 0; i < kObjects; ++i) {
        const EpochGuard guard;
        Retire(
            new int(i), [](void* p) { delete static_cast<int*>(p); }, 100);
        seen = std::max(seen, RetiredCount());
      }
      for (std::uint64_t old = most.load(); old < seen && !most.compare_exchange_weak(old, seen);) {
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(most.load(), 30'000u) << "of " << kThreads * kObjects;
  DrainRetired();
}

}  // namespace
}  // namespace beachdb
