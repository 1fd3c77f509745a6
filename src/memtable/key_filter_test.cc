#include "memtable/key_filter.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "base/hash.h"

namespace beachdb {
namespace {

std::uint64_t HashOf(int i) { return Hash64("key" + std::to_string(i)); }

TEST(KeyFilterTest, WhatWasAddedMayBeThereAtAnySize) {
  for (const std::size_t bytes : {0u, 1u, 8u, 16u, 17u, 100u, 4096u, 1u << 20}) {
    KeyFilter filter(bytes);
    EXPECT_FALSE(filter.MayContain(HashOf(0))) << bytes;
    for (int i = 0; i < 1000; ++i) filter.Add(HashOf(i));
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(filter.MayContain(HashOf(i))) << bytes << " " << i;
    EXPECT_LE(filter.MemoryUsage(), std::max<std::size_t>(bytes, 16)) << bytes;
  }
}

TEST(KeyFilterTest, AtTwoBytesAKeyOneInTwoHundredIsAMistake) {
  constexpr int kKeys = 1 << 16;
  KeyFilter filter(2 * kKeys);
  for (int i = 0; i < kKeys; ++i) filter.Add(HashOf(i));
  int mistakes = 0;
  for (int i = kKeys; i < 3 * kKeys; ++i) mistakes += filter.MayContain(HashOf(i)) ? 1 : 0;
  EXPECT_LT(mistakes, 2 * kKeys / 150);
  EXPECT_GT(mistakes, 0) << "too good to be true";
}

}  // namespace
}  // namespace beachdb
