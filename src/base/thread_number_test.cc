#include "base/thread_number.h"

#include <latch>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(ThreadNumberTest, LivingThreadsHaveDifferentOnesAndTheDeadGiveTheirsBack) {
  constexpr int kThreads = 8;
  const std::uint32_t own = ThreadNumber();
  std::set<std::uint32_t> first;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::uint32_t> numbers(kThreads);
    std::latch all_have_one(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        numbers[i] = ThreadNumber();
        EXPECT_EQ(ThreadNumber(), numbers[i]);
        all_have_one.arrive_and_wait();
      });
    }
    for (std::thread& thread : threads) thread.join();
    const std::set<std::uint32_t> distinct(numbers.begin(), numbers.end());
    EXPECT_EQ(distinct.size(), kThreads);
    EXPECT_FALSE(distinct.contains(own));
    if (round == 0) first = distinct;
    EXPECT_EQ(distinct, first) << "numbers were not given back";
  }
  EXPECT_EQ(ThreadNumber(), own);
}

}  // namespace
}  // namespace beachdb
