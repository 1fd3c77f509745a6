#include "bench/records.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace beachdb::bench {
namespace {

constexpr KeyShape kShapes[] = {KeyShape::kDecimal, KeyShape::kHashed};

TEST(KeySpaceTest, KeysAreInTheOrderOfTheirIndexInBothShapes) {
  for (const KeyShape shape : kShapes) {
    for (const std::uint64_t count : {1u, 2u, 1000u, 4'000'000'000u}) {
      const KeySpace keys(shape, count);
      std::string previous;
      for (std::uint64_t i = 0; i < count; i += count / 500 + 1) {
        const Key key = keys.At(i);
        EXPECT_EQ(key.view().size(), kKeyBytes);
        EXPECT_LT(previous, key.view()) << "index " << i << " of " << count;
        previous = key.view();
      }
    }
  }
}

TEST(KeySpaceTest, AnAbsentKeyLiesBetweenKeysAndIsNone) {
  for (const KeyShape shape : kShapes) {
    const KeySpace keys(shape, 1000);
    std::set<std::string, std::less<>> all;
    for (std::uint64_t i = 0; i < 1000; ++i) all.emplace(keys.At(i).view());
    ASSERT_EQ(all.size(), 1000u);
    for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_FALSE(all.contains(keys.Absent(i).view()));
  }
}

TEST(KeySpaceTest, AddedKeysAreOthersAndLieScatteredAmongTheKeys) {
  for (const KeyShape shape : kShapes) {
    for (const std::uint64_t count : {1u, 10u, 99u, 200u}) {
      const KeySpace keys(shape, count);
      std::set<std::string, std::less<>> all;
      for (std::uint64_t i = 0; i < count; ++i) {
        all.emplace(keys.At(i).view());
        all.emplace(keys.Absent(i).view());
      }
      ASSERT_GE(keys.MaxAdded(), 10 * count);
      for (std::uint64_t n = 0; n < keys.MaxAdded(); ++n) {
        ASSERT_TRUE(all.emplace(keys.Added(n).view()).second) << n << " of " << count;
      }
    }
    // Ten in a row lie in ten parts of the keys.
    const KeySpace keys(shape, 100'000);
    std::set<std::uint64_t> parts;
    for (std::uint64_t n = 0; n < 10; ++n) {
      std::uint64_t part = 0;
      while (part < 20 && keys.At(part * 5000).view() <= keys.Added(n).view()) ++part;
      parts.insert(part);
    }
    EXPECT_GE(parts.size(), 8u);
  }
}

TEST(KeySpaceTest, HashedKeysDifferInTheirFirstBytes) {
  const KeySpace keys(KeyShape::kHashed, 100'000);
  std::set<std::string> heads;
  for (std::uint64_t i = 0; i < 100'000; ++i) heads.emplace(keys.At(i).view().substr(0, 8));
  EXPECT_EQ(heads.size(), 100'000u);
}

class RecordCheckerTest : public ::testing::Test {
 protected:
  static constexpr std::size_t kValueBytes = 100;
  std::string ValueOf(std::uint64_t index) {
    return std::string(values_.Make(keys_.At(index).view(), index));
  }
  KeySpace keys_{KeyShape::kDecimal, 1000};
  ValueMaker values_{kValueBytes, 1};
  RecordChecker checker_{kValueBytes};
};

TEST_F(RecordCheckerTest, AcceptsWhatWasWritten) {
  for (std::uint64_t i = 0; i < 1000; ++i) checker_.Answer(keys_.At(i).view(), ValueOf(i));
  for (const auto order : {RecordChecker::Order::kAscending, RecordChecker::Order::kDescending}) {
    checker_.BeginWalk(order);
    for (std::uint64_t i = 0; i < 1000; ++i) {
      const std::uint64_t index = order == RecordChecker::Order::kAscending ? i : 999 - i;
      checker_.Visit(keys_.At(index).view(), ValueOf(index));
    }
    EXPECT_EQ(checker_.walked(), 1000u);
  }
  EXPECT_EQ(checker_.wrong(), 0u) << checker_.first_wrong();
  EXPECT_EQ(checker_.records(), 3000u);
}

TEST_F(RecordCheckerTest, RefusesEveryKindOfWrongAnswer) {
  std::string flipped_first = ValueOf(7);
  flipped_first[0] ^= 1;
  std::string flipped_last = ValueOf(7);
  flipped_last.back() ^= 1;
  const struct {
    const char* damage;
    std::string value;
  } kCases[] = {
      {"another key's value", ValueOf(8)},   {"empty", ""},
      {"cut short", ValueOf(7).substr(1)},   {"grown", ValueOf(7) + "x"},
      {"first byte flipped", flipped_first}, {"last byte flipped", flipped_last},
  };
  std::uint64_t wrong = 0;
  for (const auto& c : kCases) {
    checker_.Answer(keys_.At(7).view(), c.value);
    EXPECT_EQ(checker_.wrong(), ++wrong) << c.damage;
  }
}

TEST_F(RecordCheckerTest, AWalkMustBeInOrderAndWithoutRepetition) {
  const auto visit = [&](std::uint64_t i) { checker_.Visit(keys_.At(i).view(), ValueOf(i)); };
  checker_.BeginWalk(RecordChecker::Order::kAscending);
  visit(3);
  visit(4);
  EXPECT_EQ(checker_.wrong(), 0u);
  visit(4);
  EXPECT_EQ(checker_.wrong(), 1u);
  visit(2);
  EXPECT_EQ(checker_.wrong(), 2u);
  checker_.BeginWalk(RecordChecker::Order::kDescending);
  visit(3);
  visit(4);
  EXPECT_EQ(checker_.wrong(), 3u);
  EXPECT_TRUE(checker_.BeganAt(keys_.At(3).view()));
  EXPECT_FALSE(checker_.BeganAt(keys_.At(4).view()));
}

TEST(ShuffledIndexesTest, HoldsEveryIndexOnceAndFollowsTheSeed) {
  const auto shuffled = ShuffledIndexes(1000, 7);
  EXPECT_EQ(shuffled, ShuffledIndexes(1000, 7));
  EXPECT_NE(shuffled, ShuffledIndexes(1000, 8));
  auto sorted = shuffled;
  std::sort(sorted.begin(), sorted.end());
  for (std::uint32_t i = 0; i < 1000; ++i) ASSERT_EQ(sorted[i], i);
}

TEST(ZipfRanksTest, LowRanksAreTheFrequentOnes) {
  const auto ranks = ZipfRanks(1000, 0.99, 100'000, 1);
  const auto count_of = [&](std::uint32_t rank) {
    return std::count(ranks.begin(), ranks.end(), rank);
  };
  EXPECT_NEAR(static_cast<double>(count_of(0)) / 100'000, 0.13, 0.01);
  EXPECT_GT(count_of(0), count_of(1));
  EXPECT_GT(count_of(1), count_of(10));
  EXPECT_GT(count_of(10), count_of(500));
}

TEST(ZipfIndexesTest, TheMostFrequentKeyHasItsShare) {
  // With exponent 0.99 over 1000 keys the first rank has 1/zeta(1000) = 13% of the draws.
  constexpr std::uint64_t kKeys = 1000;
  const auto drawn = ZipfIndexes(kKeys, 0.99, 100'000, 1);
  std::vector<std::uint64_t> counts(kKeys);
  for (const std::uint32_t index : drawn) {
    ASSERT_LT(index, kKeys);
    ++counts[index];
  }
  std::sort(counts.rbegin(), counts.rend());
  EXPECT_NEAR(static_cast<double>(counts[0]) / 100'000, 0.13, 0.01);
  EXPECT_NEAR(static_cast<double>(counts[0]) / static_cast<double>(counts[1]), 2.0, 0.2);
  EXPECT_GT(counts[kKeys / 2], 0u) << "cold keys are read, too";
}

}  // namespace
}  // namespace beachdb::bench
