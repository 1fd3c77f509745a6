#include "sstable/filter.h"

#include <string>

#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/hash.h"
#include "base/random.h"
#include "sstable/table_test_util.h"

namespace beachdb {
namespace {

std::uint64_t HashOf(std::uint64_t i) { return Hash64("key" + std::to_string(i)); }

std::string FilterOf(std::uint64_t keys, int bits_per_key) {
  FilterBuilder builder(bits_per_key);
  for (std::uint64_t i = 0; i < keys; ++i) builder.AddHash(HashOf(i));
  return builder.Finish();
}

TEST(FilterTest, NoKeyIsEverDenied) {
  for (const int bits : {1, 2, 5, 10, 16, 24, 64}) {
    for (const std::uint64_t keys : {1u, 2u, 100u, 20000u}) {
      const auto filter = Filter::Decode(FilterOf(keys, bits));
      ASSERT_TRUE(filter.ok()) << filter.error().ToString();
      for (std::uint64_t i = 0; i < keys; ++i) {
        ASSERT_TRUE(filter->MayContain(HashOf(i))) << bits << " bits, key " << i;
      }
    }
  }
}

TEST(FilterTest, TenBitsAKeyLetThroughAboutOnePercentOfAbsentKeys) {
  constexpr std::uint64_t kKeys = 100'000;
  const std::string bytes = FilterOf(kKeys, 10);
  EXPECT_NEAR(static_cast<double>(bytes.size()), kKeys * 10.0 / 8, 100);
  const auto filter = Filter::Decode(bytes);
  ASSERT_TRUE(filter.ok());
  int passed = 0;
  constexpr std::uint64_t kProbes = 200'000;
  for (std::uint64_t i = 0; i < kProbes; ++i) passed += filter->MayContain(HashOf(kKeys + i));
  EXPECT_LT(passed, kProbes * 12 / 1000);
  EXPECT_GT(passed, 0) << "a filter that knows everything is a broken test";
}

TEST(FilterTest, MoreBitsMakeFewerFalsePositives) {
  constexpr std::uint64_t kKeys = 20'000;
  int before = 1 << 30;
  for (const int bits : {4, 8, 12, 16, 20}) {
    const auto filter = Filter::Decode(FilterOf(kKeys, bits));
    ASSERT_TRUE(filter.ok());
    int passed = 0;
    for (std::uint64_t i = 0; i < 100'000; ++i) passed += filter->MayContain(HashOf(kKeys + i));
    EXPECT_LT(passed, before) << bits;
    before = passed;
  }
}

TEST(FilterTest, NoFilterLetsEverythingThrough) {
  const Filter none;
  none.Prefetch(1);
  EXPECT_TRUE(none.MayContain(1));
  EXPECT_EQ(none.memory_usage(), 0u);
}

TEST(FilterTest, DamagedBlocksAreRefused) {
  const std::string good = FilterOf(1000, 10);
  const auto with = [&](std::size_t at, std::uint32_t value) {
    std::string bytes = good;
    StoreFixed32(bytes.data() + at, value);
    return bytes;
  };
  const struct {
    const char* damage;
    std::string bytes;
    Code code;
  } cases[] = {{"empty", "", Code::kCorruption},
               {"header only", good.substr(0, 16), Code::kCorruption},
               {"a byte short", good.substr(0, good.size() - 1), Code::kCorruption},
               {"unknown kind", with(0, 2), Code::kNotSupported},
               {"no probes", with(4, 0), Code::kCorruption},
               {"too many probes", with(4, 15), Code::kCorruption},
               {"no lines", with(8, 0), Code::kCorruption},
               {"huge line count", with(8, UINT32_MAX), Code::kCorruption},
               {"reserved bytes", with(12, 1), Code::kCorruption}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.damage);
    const auto filter = Filter::Decode(c.bytes);
    ASSERT_FALSE(filter.ok());
    EXPECT_EQ(filter.error().code(), c.code);
  }
}

}  // namespace
}  // namespace beachdb
