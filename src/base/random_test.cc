#include "base/random.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

// The stream is part of every replay line: it must not change between builds. The values come from
// a second implementation of the published algorithms.
TEST(RandomTest, TheStreamOfASeedNeverChanges) {
  Random random(42);
  EXPECT_EQ(random.Next(), 0x15780b2e0c2ec716u);
  EXPECT_EQ(random.Next(), 0x6104d9866d113a7eu);
  EXPECT_EQ(random.Next(), 0xae17533239e499a1u);
}

TEST(RandomTest, NeighbouringSeedsHaveNothingInCommon) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) seen.insert(Random(seed).Next());
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(RandomTest, UniformStaysBelowItsBoundAndReachesEveryValue) {
  Random random(7);
  std::array<int, 10> counts{};
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t v = random.Uniform(10);
    ASSERT_LT(v, 10u);
    ++counts[v];
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 200);
  EXPECT_EQ(random.Uniform(1), 0u);
}

}  // namespace
}  // namespace beachdb
