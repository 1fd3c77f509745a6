#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "io/executor.h"

namespace beachdb {
namespace {

std::string ThreadName() {
  char name[16] = {};
  ::pthread_getname_np(::pthread_self(), name, sizeof name);
  return name;
}

TEST(ThreadExecutorTest, EveryTaskRunsOnceBeforeTheExecutorEnds) {
  std::atomic<int> ran{0};
  {
    const auto executor = MakeThreadExecutor(2);
    for (int i = 0; i < 1000; ++i) {
      executor->Schedule(i % 2 == 0 ? Lane::kFlush : Lane::kCompact, [&] { ++ran; });
    }
  }
  EXPECT_EQ(ran, 1000);
}

TEST(ThreadExecutorTest, TasksThatTasksScheduleRunBeforeTheExecutorEndsInWhateverLane) {
  std::atomic<int> ran{0};
  {
    const auto owner = MakeThreadExecutor(1);
    Executor* executor = owner.get();
    executor->Schedule(Lane::kCompact, [&ran, executor] {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      executor->Schedule(Lane::kFlush, [&ran, executor] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        executor->Schedule(Lane::kCompact, [&ran] { ++ran; });
        ++ran;
      });
      ++ran;
    });
  }
  EXPECT_EQ(ran, 3);
}

TEST(ThreadExecutorTest, TasksOfTheFlushLaneRunOneByOneInOrder) {
  std::vector<int> order;  // no lock: one thread
  {
    const auto executor = MakeThreadExecutor(3);
    for (int i = 0; i < 100; ++i)
      executor->Schedule(Lane::kFlush, [&order, i] { order.push_back(i); });
  }
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(ThreadExecutorTest, AFlushNeverWaitsBehindACompaction) {
  const auto executor = MakeThreadExecutor(1);
  std::atomic<std::uint32_t> flushed{0};
  executor->Schedule(Lane::kCompact, [&] { executor->WaitWhile(flushed, 0); });
  executor->Schedule(Lane::kFlush, [&] {
    flushed = 1;
    executor->WakeAll(flushed);
  });
  executor->WaitWhile(flushed, 0);  // hangs if the lanes share a thread
  EXPECT_EQ(flushed, 1u);
}

TEST(ThreadExecutorTest, CompactionsRunSideBySideOnAsManyThreadsAsAskedFor) {
  const auto executor = MakeThreadExecutor(3);
  std::atomic<std::uint32_t> together{0};
  for (int i = 0; i < 3; ++i) {
    executor->Schedule(Lane::kCompact, [&] {
      together.fetch_add(1);
      executor->WakeAll(together);
      for (std::uint32_t now = together; now < 3; now = together)
        executor->WaitWhile(together, now);
    });
  }
  for (std::uint32_t now = together; now < 3; now = together) executor->WaitWhile(together, now);
  EXPECT_EQ(together, 3u);
}

TEST(ThreadExecutorTest, ThreadsHaveNames) {
  std::string flush;
  std::string compact;
  std::string load;
  {
    const auto executor = MakeThreadExecutor(1);
    executor->Schedule(Lane::kFlush, [&] { flush = ThreadName(); });
    executor->Schedule(Lane::kCompact, [&] { compact = ThreadName(); });
    executor->Schedule(Lane::kLoad, [&] { load = ThreadName(); });
  }
  EXPECT_EQ(flush, "beach-flush");
  EXPECT_EQ(compact, "beach-comp-0");
  EXPECT_TRUE(load == "beach-load-0" || load == "beach-load-1") << load;
}

TEST(ThreadExecutorTest, BackgroundWorkGivesWayToTheForeground) {
  const auto nice = [] { return ::getpriority(PRIO_PROCESS, 0); };  // of this thread
  int log = -100;
  int flush = -100;
  int compact = -100;
  {
    const auto executor = MakeThreadExecutor(1);
    executor->Schedule(Lane::kLog, [&] { log = nice(); });
    executor->Schedule(Lane::kFlush, [&] { flush = nice(); });
    executor->Schedule(Lane::kCompact, [&] { compact = nice(); });
  }
  const int mine = nice();
  EXPECT_EQ(log, mine);
  EXPECT_EQ(flush, std::min(mine + 5, 19));
  EXPECT_EQ(compact, std::min(mine + 10, 19));
}

TEST(ThreadExecutorTest, WhatATaskHoldsDiesWithIt) {
  const auto executor = MakeThreadExecutor(1);
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = held;
  std::atomic<std::uint32_t> done{0};
  executor->Schedule(Lane::kFlush, [held = std::move(held)] {});
  executor->Schedule(Lane::kFlush, [&] {
    done = 1;
    executor->WakeAll(done);
  });
  executor->WaitWhile(done, 0);
  EXPECT_TRUE(watch.expired());
}

TEST(ThreadExecutorTest, WaitReleasesTheMutexAndTakesItAgain) {
  const auto executor = MakeThreadExecutor(1);
  Mutex mu;
  CondVar cv;
  bool ready = false;
  executor->Schedule(Lane::kFlush, [&] {
    MutexLock lock(mu);
    ready = true;
    cv.NotifyAll();
  });
  MutexLock lock(mu);
  while (!ready) executor->Wait(mu, cv);
  EXPECT_FALSE(std::async(std::launch::async, [&] {
                 const bool got = mu.TryLock();
                 if (got) mu.Unlock();
                 return got;
               }).get());
}

// Two threads hand a word back and forth: a lost wake-up hangs the test.
void PassAWordToAndFro(WaitFor wait) {
  const auto executor = MakeThreadExecutor(1);
  constexpr std::uint32_t kRounds = 20000;
  std::atomic<std::uint32_t> word{0};
  std::thread other([&] {
    for (std::uint32_t i = 0; i < kRounds; i += 2) {
      executor->WaitWhile(word, i, wait);
      word.store(i + 2, std::memory_order_release);
      executor->WakeAll(word);
    }
  });
  for (std::uint32_t i = 0; i < kRounds; i += 2) {
    word.store(i + 1, std::memory_order_release);
    executor->WakeAll(word);
    executor->WaitWhile(word, i + 1, wait);
  }
  other.join();
  EXPECT_EQ(word, kRounds);
}

TEST(ThreadExecutorTest, NoWakeUpIsLost) {
  PassAWordToAndFro(WaitFor::kDevice);
  PassAWordToAndFro(WaitFor::kProcessor);
}

TEST(ThreadExecutorTest, OneWakeReachesEveryWaiter) {
  const auto executor = MakeThreadExecutor(1);
  std::atomic<std::uint32_t> word{7};
  std::atomic<int> woken{0};
  std::vector<std::thread> waiters;
  for (int i = 0; i < 16; ++i) {
    waiters.emplace_back([&] {
      executor->WaitWhile(word, 7);
      ++woken;
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(woken, 0);
  word.store(8, std::memory_order_release);
  executor->WakeAll(word);
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_EQ(woken, 16);
}

}  // namespace
}  // namespace beachdb
