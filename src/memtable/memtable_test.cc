// The contract of a memtable, held against both structures.
#include "memtable/memtable.h"

#include <cstring>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "memtable/entry.h"
#include "memtable/radix_node.h"
#include "memtable/version_chain.h"

namespace beachdb {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

using Seen = std::tuple<std::string, Seqno, std::string>;  // key, seqno, value

class MemTableTest : public testing::TestWithParam<MemTableKind> {
 protected:
  void Put(std::string_view key, Seqno seqno, std::string_view value) {
    table_.Add(key, PackTrailer(seqno, Kind::kPut), value);
  }
  void Delete(std::string_view key, Seqno seqno) {
    table_.Add(key, PackTrailer(seqno, Kind::kDelete), "");
  }
  static Seen At(const MemTable::Iterator& it) {
    return {std::string(it.user_key()), TrailerSeqno(it.trailer()), std::string(it.value())};
  }
  std::vector<Seen> Forward() const {
    std::vector<Seen> all;
    MemTable::Iterator it = table_.NewIterator();
    for (it.SeekToFirst(); it.Valid(); it.Next()) all.push_back(At(it));
    return all;
  }
  std::vector<Seen> Backward() const {
    std::vector<Seen> all;
    MemTable::Iterator it = table_.NewIterator();
    for (it.SeekToLast(); it.Valid(); it.Prev()) all.push_back(At(it));
    return all;
  }
  std::vector<std::string> Keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, seqno, value] : Forward()) keys.push_back(key);
    return keys;
  }
  std::string Get(std::string_view key, Seqno snapshot) const {
    MemHit hit;
    if (!table_.Get(key, snapshot, &hit)) return "(none)";
    if (TrailerKind(hit.trailer) == Kind::kDelete) return "(deleted)";
    return std::string(hit.value);
  }

  MemTable table_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Structures, MemTableTest,
                         testing::Values(MemTableKind::kSkipList, MemTableKind::kRadixTree),
                         [](const testing::TestParamInfo<MemTableKind>& kind) {
                           return kind.param == MemTableKind::kSkipList ? "SkipList" : "RadixTree";
                         });

TEST_P(MemTableTest, AnEmptyOneHasNothingToFindOrWalk) {
  EXPECT_TRUE(table_.empty());
  EXPECT_EQ(Get("a", kMaxSeqno), "(none)");
  MemTable::Iterator it = table_.NewIterator();
  EXPECT_FALSE(it.Valid());
  it.SeekToFirst();
  EXPECT_FALSE(it.Valid());
  it.SeekToLast();
  EXPECT_FALSE(it.Valid());
  it.Seek("a", SeekTrailer(kMaxSeqno));
  EXPECT_FALSE(it.Valid());
  it.SeekForPrev("a", 0);
  EXPECT_FALSE(it.Valid());
  EXPECT_TRUE(it.status().ok());
}

TEST_P(MemTableTest, KeysComeInByteOrderAndVersionsNewestFirst) {
  Put("b", 1, "b1");
  Put("a", 2, "a2");
  Delete("b", 3);
  Put("c", 4, "c4");
  Put("b", 5, "b5");
  const std::vector<Seen> want = {
      {"a", 2, "a2"}, {"b", 5, "b5"}, {"b", 3, ""}, {"b", 1, "b1"}, {"c", 4, "c4"}};
  EXPECT_THAT(Forward(), ElementsAreArray(want));
  EXPECT_THAT(Backward(), ElementsAreArray(want.rbegin(), want.rend()));
}

TEST_P(MemTableTest, GetFindsTheNewestVersionThatTheSnapshotMaySee) {
  Put("k", 10, "ten");
  Delete("k", 20);
  Put("k", 30, "thirty");
  EXPECT_EQ(Get("k", 9), "(none)");
  EXPECT_EQ(Get("k", 10), "ten");
  EXPECT_EQ(Get("k", 19), "ten");
  EXPECT_EQ(Get("k", 20), "(deleted)");
  EXPECT_EQ(Get("k", 29), "(deleted)");
  EXPECT_EQ(Get("k", 30), "thirty");
  EXPECT_EQ(Get("k", kMaxSeqno), "thirty");
}

TEST_P(MemTableTest, GetDoesNotTakeARelativeForTheKey) {
  Put("abcdefgh-tail-1", 1, "one");
  Put("abcdefgh-tail-2", 2, "two");
  for (const char* absent : {"a", "abcdefgh-tail-", "abcdefgh-tail-3", "abcdefgh-tail-11",
                             "abcdefgh-tail", "Xbcdefgh-tail-1", "abcdefgh-taiX-1", "b"}) {
    EXPECT_EQ(Get(absent, kMaxSeqno), "(none)") << absent;
  }
  EXPECT_EQ(Get("abcdefgh-tail-1", kMaxSeqno), "one");
  EXPECT_EQ(Get("abcdefgh-tail-2", kMaxSeqno), "two");
}

TEST_P(MemTableTest, KeysMayBePrefixesOfOthersInAnyOrderOfArrival) {
  std::vector<std::string> keys = {"a", "ab", "abc", "abcd", "abcdefghijkl", "abd", "b"};
  std::vector<std::string> arrival = keys;
  Seqno seqno = 0;
  do {
    MemTable table(GetParam());
    for (const std::string& key : arrival) {
      table.Add(key, PackTrailer(++seqno, Kind::kPut), key);
    }
    std::vector<std::string> seen;
    MemTable::Iterator it = table.NewIterator();
    for (it.SeekToFirst(); it.Valid(); it.Next()) seen.emplace_back(it.value());
    ASSERT_THAT(seen, ElementsAreArray(keys));
    seen.clear();
    for (it.SeekToLast(); it.Valid(); it.Prev()) seen.emplace_back(it.user_key());
    ASSERT_THAT(seen, ElementsAreArray(keys.rbegin(), keys.rend()));
  } while (std::next_permutation(arrival.begin(), arrival.end()));
}

TEST_P(MemTableTest, BytesOrderAsUnsignedAndZerosCount) {
  using namespace std::string_literals;
  const std::vector<std::string> keys = {"\0"s,   "\0\0"s, "\0\xff"s, "\x01"s,    "\x7f"s,
                                         "\x80"s, "\xff"s, "\xff\0"s, "\xff\xff"s};
  Seqno seqno = 0;
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) Put(*key, ++seqno, *key);
  EXPECT_THAT(Keys(), ElementsAreArray(keys));
  for (const std::string& key : keys) EXPECT_EQ(Get(key, kMaxSeqno), key);
  EXPECT_EQ(Get("\0\0\0"s, kMaxSeqno), "(none)");
}

TEST_P(MemTableTest, EveryFanOutFromOneTo256KeepsTheOrder) {
  // Bytes arrive in a scattered order, and the walk is checked after each: all four node sizes and
  // the three passages between them.
  std::vector<std::string> keys;
  for (unsigned i = 0; i < 256; ++i) {
    keys.push_back("fan" + std::string(1, static_cast<char>(i * 167 % 256)) + "out");
    Put(keys.back(), i + 1, keys.back());
    std::vector<std::string> want = keys;
    std::sort(want.begin(), want.end());
    ASSERT_THAT(Keys(), ElementsAreArray(want));
    const std::vector<Seen> backward = Backward();
    ASSERT_EQ(backward.size(), want.size());
    for (std::size_t j = 0; j < want.size(); ++j) {
      ASSERT_EQ(std::get<0>(backward[j]), want[want.size() - 1 - j]);
    }
  }
}

TEST_P(MemTableTest, KeysOf64KiBThatDifferAtTheirLastByte) {
  const std::string base(kMaxKeySize - 1, 'x');
  Put(base + "b", 1, "b");
  Put(base + "a", 2, "a");
  Put(base, 3, "short");
  Put(base + "c", 4, "c");
  EXPECT_EQ(Get(base + "a", kMaxSeqno), "a");
  EXPECT_EQ(Get(base + "b", kMaxSeqno), "b");
  EXPECT_EQ(Get(base + "d", kMaxSeqno), "(none)");
  EXPECT_EQ(Get(base, kMaxSeqno), "short");
  EXPECT_EQ(Get(base.substr(1), kMaxSeqno), "(none)");
  EXPECT_THAT(Keys(), ElementsAre(base, base + "a", base + "b", base + "c"));
}

TEST_P(MemTableTest, KeysNestThousandsDeepWithoutLosingTheWay) {
  // "x", "xx", "xxx", ...: every node of the tree has a terminal and one child.
  constexpr std::size_t kDepth = 3000;
  const std::string longest(kDepth, 'x');
  for (std::size_t size = 1; size <= kDepth; ++size) {
    Put(std::string_view(longest).substr(0, size), size, "v");
  }
  MemTable::Iterator it = table_.NewIterator();
  it.SeekToFirst();
  for (std::size_t size = 1; size <= kDepth; ++size, it.Next()) {
    ASSERT_TRUE(it.Valid());
    ASSERT_EQ(it.user_key().size(), size);
  }
  EXPECT_FALSE(it.Valid());
  it.SeekForPrev(longest + "x", 0);
  for (std::size_t size = kDepth; size >= 1; --size, it.Prev()) {
    ASSERT_TRUE(it.Valid());
    ASSERT_EQ(it.user_key().size(), size);
  }
  EXPECT_FALSE(it.Valid());
}

TEST_P(MemTableTest, SeekGoesToTheFirstEntryAtOrAfter) {
  Put("b", 10, "b10");
  Put("b", 20, "b20");
  Put("d", 30, "d30");
  const struct {
    const char* key;
    Seqno seqno;
    Seen want;
  } kCases[] = {
      {"a", 99, {"b", 20, "b20"}}, {"b", 99, {"b", 20, "b20"}}, {"b", 20, {"b", 20, "b20"}},
      {"b", 19, {"b", 10, "b10"}}, {"b", 9, {"d", 30, "d30"}},  {"bb", 99, {"d", 30, "d30"}},
  };
  MemTable::Iterator it = table_.NewIterator();
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(c.key) + "@" + std::to_string(c.seqno));
    it.Seek(c.key, SeekTrailer(c.seqno));
    ASSERT_TRUE(it.Valid());
    EXPECT_EQ(At(it), c.want);
  }
  it.Seek("d", SeekTrailer(29));
  EXPECT_FALSE(it.Valid());
  it.Seek("e", SeekTrailer(99));
  EXPECT_FALSE(it.Valid());
}

TEST_P(MemTableTest, SeekForPrevGoesToTheLastEntryAtOrBefore) {
  Put("b", 10, "b10");
  Put("b", 20, "b20");
  Put("d", 30, "d30");
  const struct {
    const char* key;
    Seqno seqno;
    Seen want;
  } kCases[] = {
      {"b", 20, {"b", 20, "b20"}}, {"b", 11, {"b", 20, "b20"}}, {"b", 10, {"b", 10, "b10"}},
      {"b", 0, {"b", 10, "b10"}},  {"c", 99, {"b", 10, "b10"}}, {"d", 31, {"b", 10, "b10"}},
      {"d", 30, {"d", 30, "d30"}}, {"dd", 0, {"d", 30, "d30"}},
  };
  MemTable::Iterator it = table_.NewIterator();
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string(c.key) + "@" + std::to_string(c.seqno));
    it.SeekForPrev(c.key, PackTrailer(c.seqno, Kind::kPut));
    ASSERT_TRUE(it.Valid());
    EXPECT_EQ(At(it), c.want);
  }
  it.SeekForPrev("b", PackTrailer(21, Kind::kPut));
  EXPECT_FALSE(it.Valid());
  it.SeekForPrev("a", 0);
  EXPECT_FALSE(it.Valid());
}

TEST_P(MemTableTest, AMillionVersionsOfOneKeyAreFoundAndWalkedInTimeToSpare) {
  constexpr Seqno kVersions = 1'000'000;
  Put("a", 1, "before");
  for (Seqno seqno = 2; seqno <= kVersions; ++seqno) Put("k", seqno, "");
  Put("z", kVersions + 1, "after");
  MemHit hit;
  for (Seqno snapshot = 2; snapshot <= kVersions; snapshot += 997) {
    ASSERT_TRUE(table_.Get("k", snapshot, &hit));
    ASSERT_EQ(TrailerSeqno(hit.trailer), snapshot);
  }
  EXPECT_FALSE(table_.Get("k", 1, &hit));
  MemTable::Iterator it = table_.NewIterator();
  it.SeekToFirst();
  it.Next();
  for (Seqno seqno = kVersions; seqno >= 2; --seqno, it.Next()) {
    ASSERT_EQ(TrailerSeqno(it.trailer()), seqno);
  }
  EXPECT_EQ(it.user_key(), "z");
  it.Prev();
  for (Seqno seqno = 2; seqno <= kVersions; ++seqno, it.Prev()) {
    ASSERT_EQ(TrailerSeqno(it.trailer()), seqno);
  }
  EXPECT_EQ(it.user_key(), "a");
}

TEST_P(MemTableTest, EntriesAndTombstonesAreCounted) {
  Put("a", 1, "");
  Delete("a", 2);
  Delete("b", 3);
  EXPECT_EQ(table_.entries(), 3u);
  EXPECT_EQ(table_.tombstones(), 2u);
  EXPECT_FALSE(table_.empty());
}

TEST_P(MemTableTest, KeyAndValueAreCopied) {
  std::string key = "key";
  std::string value(5000, 'v');
  Put(key, 1, value);
  key.assign(3, '?');
  value.assign(5000, '?');
  EXPECT_EQ(Get("key", 1), std::string(5000, 'v'));
}

TEST_P(MemTableTest, ACopyOfAnIteratorWalksOnByItself) {
  for (Seqno seqno = 1; seqno <= 100; ++seqno) Put("k" + std::to_string(seqno + 100), seqno, "v");
  MemTable::Iterator it = table_.NewIterator();
  it.Seek("k150", SeekTrailer(kMaxSeqno));
  MemTable::Iterator copy = it;
  it.Prev();
  copy.Next();
  EXPECT_EQ(it.user_key(), "k149");
  EXPECT_EQ(copy.user_key(), "k151");
}

TEST_P(MemTableTest, AnIteratorMayBeOlderThanTheEntriesThatItPasses) {
  Put("b", 1, "");
  MemTable::Iterator it = table_.NewIterator();
  it.SeekToFirst();
  for (char c = 'c'; c <= 'z'; ++c) Put(std::string(1, c), static_cast<Seqno>(c), "");
  Put("a", 200, "");
  Put("b", 201, "");
  // It may or may not pass what is new; it must go up, end, and keep what it stands on.
  EXPECT_EQ(it.user_key(), "b");
  EXPECT_EQ(TrailerSeqno(it.trailer()), 1u);
  std::string previous = "b";
  for (it.Next(); it.Valid(); it.Next()) {
    EXPECT_LT(previous, it.user_key());
    previous = it.user_key();
  }
}

TEST(MemTableMemoryTest, AnEmptyOneIsSmall) {
  EXPECT_EQ(MemTable(MemTableKind::kRadixTree).BytesUsed(), 0u);
  EXPECT_LE(MemTable(MemTableKind::kSkipList).BytesUsed(), 128u);
  EXPECT_LE(MemTable(MemTableKind::kSkipList).MemoryUsage(), 64u << 10);
}

TEST_P(MemTableTest, WhatPagesHeldBeforeDoesNotMatter) {
  PagePool pool(8 * kHugePage);
  std::vector<char*> pages;
  for (int i = 0; i < 8; ++i) pages.push_back(pool.Take());
  for (char* page : pages) std::memset(page, 0xff, kHugePage);
  for (char* page : pages) pool.GiveBack(page);
  MemTable table(GetParam(), 8 * kHugePage, &pool);
  const auto key = [](int i) { return "key" + std::to_string(i * 7919 % 40'000); };
  for (int i = 0; i < 40'000; ++i) {
    table.Add(key(i), PackTrailer(static_cast<Seqno>(i) + 1, Kind::kPut), std::string(200, 'v'));
  }
  ASSERT_GT(table.MemoryUsage(), 4 * kHugePage) << "the pages were not used";
  MemHit hit;
  for (int i = 0; i < 40'000; ++i) {
    ASSERT_TRUE(table.MayContain(Hash64(key(i))));
    ASSERT_TRUE(table.Get(key(i), kMaxSeqno, &hit));
    EXPECT_EQ(TrailerSeqno(hit.trailer), static_cast<Seqno>(i) + 1);
  }
  int count = 0;
  auto it = table.NewIterator();
  for (it.SeekToFirst(); it.Valid(); it.Next()) ++count;
  EXPECT_EQ(count, 40'000);
}

TEST(MemTableMemoryTest, TheFilterSaysNoToMostKeysThatAreNotThere) {
  MemTable table(MemTableKind::kRadixTree, 1u << 20);
  int mistakes = 0;
  for (int i = 0; i < 8000; ++i) {
    const std::string key = "key" + std::to_string(i);
    mistakes += table.MayContain(Hash64(key)) ? 1 : 0;
    table.Add(key, PackTrailer(static_cast<Seqno>(i) + 1, Kind::kPut), std::string(100, 'v'));
    EXPECT_TRUE(table.MayContain(Hash64(key)));
  }
  EXPECT_LT(mistakes, 80);
}

TEST(MemTableMemoryTest, EveryByteOfARadixTreeIsAccountedFor) {
  MemTable table(MemTableKind::kRadixTree);
  std::size_t want = 0;
  Seqno seqno = 0;
  const auto add = [&](std::string_view key, std::string_view value, std::size_t structure) {
    SCOPED_TRACE(key);
    table.Add(key, PackTrailer(++seqno, Kind::kPut), value);
    want += EntrySize(key.size(), value.size()) + structure;
    EXPECT_EQ(table.BytesUsed(), want);
  };
  add("k000", "value", 0);
  add("k001", "", sizeof(radix::Node4));  // where they part
  add("k002", std::string(999, 'v'), 0);
  add("k003", "", 0);
  add("k004", "", sizeof(radix::Node15));  // outgrown; the old node stays
  add("k00", "", 0);                       // a key that ends at a node needs no other
  add("k000", "newer", sizeof(VersionLinks));
  EXPECT_GE(table.MemoryUsage(), table.BytesUsed());
}

TEST(MemTableMemoryTest, EveryByteOfASkipListIsAccountedFor) {
  MemTable table(MemTableKind::kSkipList);
  const std::size_t head = table.BytesUsed();
  std::size_t entries = 0;
  for (Seqno seqno = 1; seqno <= 1000; ++seqno) {
    const std::string key = std::to_string(seqno);
    table.Add(key, PackTrailer(seqno, Kind::kPut), "value");
    entries += EntrySize(key.size(), 5);
  }
  const std::size_t towers = table.BytesUsed() - head - entries;
  EXPECT_EQ(towers % sizeof(void*), 0u);
  EXPECT_GE(towers, 1000 * sizeof(void*));
  EXPECT_LE(towers, 1500 * sizeof(void*)) << "4/3 links a node are expected";
  EXPECT_GE(table.MemoryUsage(), table.BytesUsed());
}

TEST(MemTableDeathTest, WhatTheDataModelForbidsIsABugOfTheCaller) {
  MemTable table(MemTableKind::kRadixTree);
  EXPECT_DEATH(table.Add("", PackTrailer(1, Kind::kPut), ""), "kMinKeySize");
  EXPECT_DEATH(table.Add(std::string(kMaxKeySize + 1, 'x'), PackTrailer(1, Kind::kPut), ""),
               "kMaxKeySize");
  table.Add("k", PackTrailer(5, Kind::kPut), "");
  EXPECT_DEATH(table.Add("k", PackTrailer(4, Kind::kPut), ""), "trailer");
  EXPECT_DEATH(table.Add("k", PackTrailer(5, Kind::kPut), ""), "trailer");
}

}  // namespace
}  // namespace beachdb
