#include "engine/write_queue.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(WriteQueueTest, GroupsLeadAndFinishInTheOrderOfTheirNumbersAndLoseNobody) {
  constexpr int kThreads = 16;
  constexpr int kWrites = 2000;
  const auto executor = MakeThreadExecutor(1);
  WriteQueue queue(*executor);
  // Touched only by whoever has the turn: a race here is a broken queue (and a report of TSan).
  Seqno assigned = 0;
  std::uint32_t leading = 0;
  // Touched only in order, between AwaitEarlierGroups and Finish.
  Seqno published = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Seqno before = 0;
      for (int i = 0; i < kWrites; ++i) {
        Writer writer;
        if (t % 2 == 0) writer.durability = Durability::kBuffered;
        std::uint32_t group = 0;
        if (queue.Join(writer, &group)) {
          Writer* writers = queue.LeadGroup(group, WaitForOf(writer));
          ++leading;
          EXPECT_EQ(group, static_cast<std::uint16_t>(leading));
          std::uint32_t count = 0;
          Seqno last = 0;
          for (Writer* w = writers; w != nullptr; w = w->next, ++count) {
            w->first_seqno = last = ++assigned;
          }
          queue.PassTurn(group);
          if (i % 7 == 0) std::this_thread::yield();
          queue.AwaitEarlierGroups(group, WaitForOf(writer));
          EXPECT_EQ(published + count, last);
          published = last;
          queue.Finish(group, writers);
        }
        EXPECT_GT(writer.first_seqno, before) << "a thread's writes commit in its own order";
        before = writer.first_seqno;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(published, Seqno{kThreads} * kWrites);
}

TEST(WriteQueueTest, ASingleWriterLeadsEveryGroupBeyondTheWrapOfGroupNumbers) {
  const auto executor = MakeThreadExecutor(1);
  WriteQueue queue(*executor);
  for (std::uint32_t i = 1; i <= 200'000; ++i) {
    Writer writer;
    std::uint32_t group = 0;
    ASSERT_TRUE(queue.Join(writer, &group));
    ASSERT_EQ(group, static_cast<std::uint16_t>(i));
    ASSERT_EQ(queue.LeadGroup(group, WaitFor::kDevice), &writer);
    ASSERT_EQ(writer.next, nullptr);
    queue.PassTurn(group);
    queue.AwaitEarlierGroups(group, WaitForOf(writer));
    queue.Finish(group, &writer);
  }
}

// Keeps whoever goes to sleep asleep until Release, as a busy scheduler does. Who is still not
// content afterwards would sleep for ever, and is thrown out.
class LateWaking final : public Executor {
 public:
  void Schedule(Lane /*lane*/, std::function<void()> task) override { task(); }
  void Wait(Mutex& mu, CondVar& cv) override REQUIRES(mu) { cv.Wait(mu); }
  void WaitWhile(std::atomic<std::uint32_t>& /*word*/, std::uint32_t /*value*/,
                 WaitFor /*what*/) override {
    if (asleep_.exchange(true)) throw std::runtime_error("sleeps again behind its own group");
    asleep_.notify_all();
    released_.wait(false);
  }
  void WakeAll(std::atomic<std::uint32_t>& /*word*/) override {}

  void AwaitSleeper() { asleep_.wait(false); }
  void Release() {
    released_.store(true);
    released_.notify_all();
  }

 private:
  std::atomic<bool> asleep_{false};
  std::atomic<bool> released_{false};
};

TEST(WriteQueueTest, AFollowerThatWakesUpTensOfThousandsOfGroupsLateIsStillSettled) {
  LateWaking executor;
  WriteQueue queue(executor);
  const auto commit_alone = [&queue](Writer& leader, std::uint32_t group) {
    Writer* writers = queue.LeadGroup(group, WaitFor::kDevice);
    queue.PassTurn(group);
    queue.AwaitEarlierGroups(group, WaitForOf(leader));
    queue.Finish(group, writers);
  };
  Writer first;
  std::uint32_t first_group = 0;
  ASSERT_TRUE(queue.Join(first, &first_group));
  std::string fate;
  std::thread follower([&] {
    Writer writer;
    std::uint32_t group = 0;
    try {
      fate = queue.Join(writer, &group) ? "led" : "settled";
    } catch (const std::runtime_error& lost) {
      fate = lost.what();
    }
  });
  executor.AwaitSleeper();
  commit_alone(first, first_group);
  constexpr int kFarAhead = 40'000;  // half of what 16 bits tell apart, and more
  for (int i = 0; i < kFarAhead; ++i) {
    Writer writer;
    std::uint32_t group = 0;
    ASSERT_TRUE(queue.Join(writer, &group));
    commit_alone(writer, group);
  }
  executor.Release();
  follower.join();
  EXPECT_EQ(fate, "settled");
}

}  // namespace
}  // namespace beachdb
