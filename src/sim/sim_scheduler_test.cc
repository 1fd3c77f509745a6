#include "sim/sim_scheduler.h"

#include <atomic>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sim/sim_disk.h"
#include "sim/sim_world.h"

namespace beachdb {
namespace {

// The order in which three threads pass their yields.
std::string Order(std::uint64_t seed) {
  SimScheduler scheduler(seed);
  std::string order;
  scheduler.Run([&] {
    for (const char name : {'a', 'b', 'c'}) {
      scheduler.Spawn(std::string(1, name), [&order, name] {
        for (int i = 0; i < 5; ++i) {
          order += name;
          SimScheduler::Yield();
        }
      });
    }
  });
  return order;
}

TEST(SimSchedulerTest, TheSeedDecidesTheInterleaving) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const std::string order = Order(seed);
    EXPECT_EQ(order, Order(seed)) << seed;
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), 15u);
}

TEST(SimSchedulerTest, AMutexThatIsHeldPassesTheBatonOn) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    SimScheduler scheduler(seed);
    Mutex mu;
    int inside = 0;
    int passes = 0;
    scheduler.Run([&] {
      for (int t = 0; t < 3; ++t) {
        scheduler.Spawn("thread", [&] {
          for (int i = 0; i < 4; ++i) {
            MutexLock lock(mu);
            EXPECT_EQ(++inside, 1);
            SimScheduler::Yield();
            --inside;
            ++passes;
          }
        });
      }
    });
    EXPECT_EQ(passes, 12);
  }
}

TEST(SimSchedulerTest, AWaitEndsWithTheNotification) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    SimScheduler scheduler(seed);
    Mutex mu;
    CondVar cv;
    bool ready = false;
    bool seen = false;
    scheduler.Run([&] {
      scheduler.Spawn("waiter", [&] {
        MutexLock lock(mu);
        while (!ready) scheduler.Wait(mu, cv);
        seen = true;
      });
      scheduler.Spawn("notifier", [&] {
        SimScheduler::Yield();
        MutexLock lock(mu);
        ready = true;
        cv.NotifyAll();
      });
    });
    EXPECT_TRUE(seen);
  }
}

TEST(SimSchedulerTest, TimeMovesToTheFirstSleeperWhenNobodyElseCanGoOn) {
  SimScheduler scheduler(1);
  std::string order;
  scheduler.Run([&] {
    scheduler.Spawn("late", [&] {
      scheduler.SleepUntil(2'000'000'000);
      order += "late";
    });
    scheduler.Spawn("early", [&] {
      scheduler.SleepUntil(1'000'000'000);
      order += "early ";
    });
  });
  EXPECT_EQ(order, "early late");
  EXPECT_GE(scheduler.Now(), 2'000'000'000u);
}

TEST(SimSchedulerDeathTest, ThreadsThatWaitForEachOtherAreReported) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        SimScheduler scheduler(42);
        scheduler.Run([&] { scheduler.WaitUntil("a miracle", [] { return false; }); });
      },
      "seed 42.*\n.*main: a miracle");
}

TEST(SimWorldTest, TasksOfALaneRunInOrderInBothKindsOfWorld) {
  for (const auto threads : {SimWorld::Threads::kInline, SimWorld::Threads::kInterleaved}) {
    SimDisk disk;
    SimWorld world(disk, 3, threads);
    std::string order;
    world.Run([&] {
      const auto executor = world.MakeExecutor(2);
      for (const char name : {'1', '2', '3', '4'}) {
        executor->Schedule(Lane::kFlush, [&order, name] { order += name; });
      }
      EXPECT_EQ(order, "") << "not inside of Schedule";
    });
    EXPECT_EQ(order, "1234");
  }
}

TEST(SimWorldTest, AWordThatATaskChangesEndsAWait) {
  for (const auto threads : {SimWorld::Threads::kInline, SimWorld::Threads::kInterleaved}) {
    SimDisk disk;
    SimWorld world(disk, 3, threads);
    world.Run([&] {
      const auto executor = world.MakeExecutor(1);
      std::atomic<std::uint32_t> word{0};
      executor->Schedule(Lane::kLog, [&] {
        word.store(1);
        executor->WakeAll(word);
      });
      executor->WaitWhile(word, 0);
      EXPECT_EQ(word.load(), 1u);
    });
  }
}

}  // namespace
}  // namespace beachdb
