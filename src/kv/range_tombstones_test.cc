#include "kv/range_tombstones.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/random.h"
#include "beachdb/options.h"
#include "kv/range_cover.h"
#include "tests/support/test_world.h"

namespace beachdb {
namespace {

using ::testing::HasSubstr;

// Tombstones over keys of one letter and the bytes that they are views of.
struct RandomSet {
  std::vector<std::string> keys;
  std::vector<RangeTombstone> tombstones;

  RandomSet(Random& random, std::size_t count) {
    keys.reserve(2 * count);
    for (std::size_t i = 0; i < count; ++i) {
      std::string a = KeyOf(random.Uniform(60));
      std::string b = KeyOf(random.Uniform(60));
      if (a == b) b += 'x';
      if (b < a) std::swap(a, b);
      keys.push_back(a);
      keys.push_back(b);
      tombstones.push_back({keys[keys.size() - 2], keys.back(), 1 + random.Uniform(100)});
    }
    std::sort(tombstones.begin(), tombstones.end(), StoredBefore);
    tombstones.erase(std::unique(tombstones.begin(), tombstones.end()), tombstones.end());
  }
  static std::string KeyOf(std::uint64_t n) { return fmt::format("{:02}", n); }

  Seqno Newest(std::string_view key, Seqno snapshot) const {
    Seqno newest = 0;
    for (const RangeTombstone& t : tombstones) {
      if (t.Covers(key) && t.seqno <= snapshot) newest = std::max(newest, t.seqno);
    }
    return newest;
  }
};

TEST(RangeTombstonesTest, TheNewestThatCoversAndIsSeenIsFoundWhateverTheSet) {
  const std::uint64_t seed = SeedFromEnvironment(21);
  SCOPED_TRACE(fmt::format("BEACHDB_SEED={}", seed));
  Random random(seed);
  int covered = 0;
  for (int round = 0; round < 300; ++round) {
    const RandomSet set(random, random.Uniform(30));
    const RangeTombstones tree(set.tombstones);
    for (int question = 0; question < 50; ++question) {
      const std::string key = RandomSet::KeyOf(random.Uniform(62));
      const Seqno snapshot = random.Uniform(110);
      const Seqno want = set.Newest(key, snapshot);
      ASSERT_EQ(tree.Covering(key, snapshot), want) << key << " @ " << snapshot;
      covered += want != 0 ? 1 : 0;
    }
  }
  EXPECT_GT(covered, 1000) << "the sets must cover something";
}

TEST(RangeTombstonesTest, WhatIsEncodedDecodesToTheSameAndEveryTruncationIsCorruption) {
  Random random(3);
  const RandomSet set(random, 12);
  const std::string bytes = EncodeRangeTombstones(set.tombstones);
  const auto decoded = DecodeRangeTombstones(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, set.tombstones);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeRangeTombstones(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeRangeTombstones(bytes + "x").ok());
}

TEST(RangeTombstonesTest, WhatNoWriterMakesIsRefusedByName) {
  const std::string long_key(kMaxKeySize + 1, 'k');
  const struct {
    std::vector<RangeTombstone> tombstones;
    const char* want;
  } kCases[] = {
      {{}, "none that fits"},
      {{{"b", "a", 1}}, "ends before it begins"},
      {{{"a", "a", 1}}, "ends before it begins"},
      {{{"", "ab", 1}}, "beyond the limits"},
      {{{"a", long_key, 1}}, "beyond the limits"},
      {{{"a", "b", 0}}, "seqno is impossible"},
      {{{"a", "b", kMaxSeqno + 1}}, "seqno is impossible"},
      {{{"a", "b", 1}, {"a", "b", 2}}, "range tombstone 1 at offset"},
      {{{"a", "b", 1}, {"a", "b", 1}}, "out of order"},
  };
  for (const auto& c : kCases) {
    const auto decoded = DecodeRangeTombstones(EncodeRangeTombstones(c.tombstones));
    ASSERT_FALSE(decoded.ok()) << c.want;
    EXPECT_EQ(decoded.error().code(), Code::kCorruption);
    EXPECT_THAT(decoded.error().message(), HasSubstr(c.want));
  }
  std::string absurd;
  PutFixed32(absurd, ~0u);
  EXPECT_FALSE(DecodeRangeTombstones(absurd).ok()) << "nothing is allocated for it";
}

TEST(KeySuccessorTest, NothingLiesBetweenAKeyAndItsSuccessor) {
  EXPECT_EQ(KeySuccessor("a"), std::string("a\0", 2));
  const std::string full(kMaxKeySize, 'k');
  EXPECT_EQ(KeySuccessor(full), std::string(kMaxKeySize - 1, 'k') + 'l');
  EXPECT_EQ(KeySuccessor(std::string("a") + std::string(kMaxKeySize - 1, '\xff')), "b");
  EXPECT_EQ(KeySuccessor(std::string(kMaxKeySize, '\xff')), "") << "the last key there is";
}

TEST(RangeCoverTest, EveryKeyHasTheNewestTombstoneOverIt) {
  const std::uint64_t seed = SeedFromEnvironment(22);
  SCOPED_TRACE(fmt::format("BEACHDB_SEED={}", seed));
  Random random(seed);
  for (int round = 0; round < 300; ++round) {
    const RandomSet set(random, random.Uniform(30));
    RangeCover cover(set.tombstones);
    ASSERT_LE(cover.fragments().size(), 2 * set.tombstones.size());
    for (std::size_t i = 1; i < cover.fragments().size(); ++i) {
      const RangeTombstone& left = cover.fragments()[i - 1];
      const RangeTombstone& right = cover.fragments()[i];
      ASSERT_TRUE(left.end < right.begin || (left.end == right.begin && left.seqno != right.seqno));
    }
    for (int question = 0; question < 60; ++question) {
      const std::string key = RandomSet::KeyOf(random.Uniform(62));
      const Seqno want = set.Newest(key, kMaxSeqno);
      ASSERT_EQ(cover.At(key), want) << key;
      if (want != 0) {
        ASSERT_GT(cover.EndHere(), key);
      }
    }
  }
}

TEST(RangeCoverTest, APartIsCoveredOnlyIfNoKeyOfItIsBare) {
  const std::uint64_t seed = SeedFromEnvironment(23);
  SCOPED_TRACE(fmt::format("BEACHDB_SEED={}", seed));
  Random random(seed);
  int whole = 0;
  for (int round = 0; round < 2000; ++round) {
    const RandomSet set(random, random.Uniform(12));
    const RangeCover cover(set.tombstones);
    std::uint64_t from = random.Uniform(60);
    std::uint64_t to = random.Uniform(60);
    if (to < from) std::swap(from, to);
    // Every key that can matter: those that bound something, and the ones right behind them.
    Seqno want = kMaxSeqno;
    const auto look = [&](const std::string& key) {
      if (key < RandomSet::KeyOf(from) || key > RandomSet::KeyOf(to)) return;
      want = std::min(want, set.Newest(key, kMaxSeqno));
    };
    for (std::uint64_t n = from; n <= to; ++n) {
      look(RandomSet::KeyOf(n));
      look(KeySuccessor(RandomSet::KeyOf(n)));
      look(RandomSet::KeyOf(n) + 'x');
    }
    ASSERT_EQ(cover.OldestOver(RandomSet::KeyOf(from), RandomSet::KeyOf(to)), want);
    whole += want != 0 ? 1 : 0;
  }
  EXPECT_GT(whole, 100);
}

TEST(RangeCoverTest, WithoutTombstonesNothingIsCovered) {
  RangeCover cover;
  EXPECT_EQ(cover.At("a"), 0u);
  EXPECT_EQ(cover.OldestOver("a", "b"), 0u);
  EXPECT_TRUE(cover.empty());
}

}  // namespace
}  // namespace beachdb
