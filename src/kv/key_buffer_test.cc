#include "kv/key_buffer.h"

#include <string>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(KeyBufferTest, HoldsWhatItWasGivenLast) {
  KeyBuffer buffer;
  EXPECT_EQ(buffer.view(), "");
  // Growing, shrinking, across the size that still fits inside.
  for (const std::size_t size : {1, 16, 63, 64, 65, 1000, 10, 2000, 0, 64}) {
    const std::string key(size, static_cast<char>('a' + size % 26));
    buffer.Assign(key);
    EXPECT_EQ(buffer.view(), key);
    EXPECT_TRUE(buffer == key);
    EXPECT_FALSE(buffer == key + "x");
  }
}

}  // namespace
}  // namespace beachdb
