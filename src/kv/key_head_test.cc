#include "kv/key_head.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace beachdb {
namespace {

TEST(KeyHeadTest, HoldsTheFirstSixteenBytesPaddedWithZeros) {
  std::string key;
  for (int size = 1; size <= 40; ++size) {
    key.push_back(static_cast<char>(0xf0 + size * 7));
    KeyHead128 want = 0;
    for (std::size_t i = 0; i < kKeyHeadSize; ++i) {
      want = want << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0);
    }
    EXPECT_TRUE(HeadOf(key) == want) << size << " bytes";
  }
}

TEST(KeyHeadTest, OrdersAsTheBytesDoAndNeverAgainstThem) {
  const char* replay = std::getenv("BEACHDB_SEED");
  const std::uint64_t seed = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed));
  Random random(seed);
  const auto random_key = [&] {
    std::string key;
    const std::uint64_t size = 1 + random.Uniform(20);
    while (key.size() < size) key.push_back("\x00\x01\x7f\x80\xff"[random.Uniform(5)]);
    return key;
  };
  for (int i = 0; i < 100'000; ++i) {
    const std::string a = random_key();
    const std::string b = random_key();
    if (HeadOf(a) == HeadOf(b)) continue;
    ASSERT_EQ(HeadOf(a) < HeadOf(b), a < b);
  }
}

}  // namespace
}  // namespace beachdb
