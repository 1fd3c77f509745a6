#include "engine/write_queue.h"

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
          queue.Finish(group, count > 1);
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
    queue.Finish(group, false);
  }
}

}  // namespace
}  // namespace beachdb
