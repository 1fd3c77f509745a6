#include "base/counter.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(CounterTest, NothingIsLostBetweenMoreThreadsThanCells) {
  Counter counter;
  for (int round = 0; round < 2; ++round) {  // the second time with numbers that were used before
    std::vector<std::thread> threads;
    for (int i = 0; i < 40; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 5000; ++n) counter.Add(1);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  counter.Add(7);
  EXPECT_EQ(counter.Sum(), 2u * 40 * 5000 + 7);
}

}  // namespace
}  // namespace beachdb
