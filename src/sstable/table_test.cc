#include "sstable/table.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/epoch.h"
#include "base/hash.h"
#include "base/random.h"
#include "sstable/table_builder.h"
#include "sstable/table_iterator.h"
#include "sstable/table_test_util.h"

namespace beachdb {
namespace {

using test::BuildTable;
using test::OpenTable;
using test::TestEntry;

std::string RandomKey(Random& random, std::size_t longest) {
  // A small alphabet makes shared prefixes and keys that are prefixes of others likely.
  static constexpr char kLetters[] = {'\0', '\1', 'a', 'b', '\x7f', '\xfe', '\xff'};
  std::string key(1 + random.Uniform(longest), 'x');
  for (char& c : key) c = kLetters[random.Uniform(sizeof kLetters)];
  return key;
}

std::vector<TestEntry> RandomEntries(Random& random, std::size_t count, std::size_t longest_key,
                                     std::size_t longest_value) {
  std::vector<TestEntry> entries;
  Seqno seqno = 1 + random.Uniform(1000);
  while (entries.size() < count) {
    TestEntry entry;
    entry.key = RandomKey(random, longest_key);
    const std::uint64_t versions = random.OneIn(4) ? 1 + random.Uniform(60) : 1;
    for (std::uint64_t v = 0; v < versions; ++v) {
      seqno += 1 + random.Uniform(3);
      const Kind kind = random.OneIn(5) ? Kind::kDelete : Kind::kPut;
      entry.trailer = PackTrailer(seqno, kind);
      entry.value = kind == Kind::kPut ? std::string(random.Uniform(longest_value + 1), 'v') : "";
      for (char& c : entry.value) c = static_cast<char>('a' + random.Uniform(4));
      entries.push_back(entry);
    }
  }
  std::sort(entries.begin(), entries.end(), test::Before);
  return entries;
}

TestEntry Current(const TableIterator& it) {
  return {std::string(it.user_key()), it.trailer(), std::string(it.value())};
}

// The model: positions in the sorted vector.
std::size_t ModelSeek(const std::vector<TestEntry>& entries, const std::string& key,
                      std::uint64_t trailer) {
  const TestEntry target{key, trailer, ""};
  return static_cast<std::size_t>(
      std::lower_bound(entries.begin(), entries.end(), target, test::Before) - entries.begin());
}

struct Shape {
  std::size_t block_size;
  Compression compression;
  std::size_t alignment;
  std::size_t longest_key;
  std::size_t longest_value;
};

class TableModelTest : public testing::TestWithParam<Shape> {
 protected:
  void SetUp() override {
    seed_ = test::TestSeed(20240611);
    Random random(seed_);
    entries_ = RandomEntries(random, 1500, GetParam().longest_key, GetParam().longest_value);
    TableOptions options;
    options.block_size = GetParam().block_size;
    options.compression = GetParam().compression;
    auto built = BuildTable(entries_, options, test::TestIdentity(), GetParam().alignment);
    ASSERT_TRUE(built.ok()) << built.error().ToString();
    built_ = *std::move(built);
    auto table = OpenTable(built_.bytes, cache_, test::TestIdentity(), GetParam().alignment);
    ASSERT_TRUE(table.ok()) << table.error().ToString();
    table_ = *std::move(table);
  }

  std::uint64_t seed_ = 0;
  std::vector<TestEntry> entries_;
  test::BuiltTable built_;
  BlockCache cache_{1u << 20};
  std::unique_ptr<Table> table_;
};

TEST_P(TableModelTest, WalksGiveEveryEntryInOrderBothWays) {
  for (const ScanKind kind : {ScanKind::kRead, ScanKind::kNoFill, ScanKind::kCompact}) {
    SCOPED_TRACE(static_cast<int>(kind));
    TableIterator it(*table_, kind);
    std::size_t i = 0;
    for (it.SeekToFirst(); it.Valid(); it.Next(), ++i) {
      ASSERT_LT(i, entries_.size());
      ASSERT_EQ(Current(it), entries_[i]) << i;
    }
    EXPECT_TRUE(it.status().ok()) << it.status().ToString();
    EXPECT_EQ(i, entries_.size());
    for (it.SeekToLast(); it.Valid(); it.Prev()) {
      ASSERT_GT(i, 0u);
      ASSERT_EQ(Current(it), entries_[--i]) << i;
    }
    EXPECT_EQ(i, 0u);
  }
}

TEST_P(TableModelTest, RandomMovesAgreeWithASortedVector) {
  SCOPED_TRACE(testing::Message() << "BEACHDB_SEED=" << seed_);
  Random random(seed_ + 1);
  for (const ScanKind kind : {ScanKind::kRead, ScanKind::kNoFill, ScanKind::kCompact}) {
    TableIterator it(*table_, kind);
    std::size_t at = entries_.size();
    for (int step = 0; step < 6000; ++step) {
      const bool seek = at >= entries_.size() || random.OneIn(8);
      if (seek) {
        std::string key = random.OneIn(2) ? entries_[random.Uniform(entries_.size())].key
                                          : RandomKey(random, GetParam().longest_key);
        const std::uint64_t trailer = random.OneIn(3) ? UINT64_MAX
                                      : random.OneIn(2)
                                          ? entries_[random.Uniform(entries_.size())].trailer
                                          : PackTrailer(random.Uniform(8000), Kind::kPut);
        at = ModelSeek(entries_, key, trailer);
        if (random.OneIn(2)) {
          it.Seek(key, trailer);
        } else {
          it.SeekForPrev(key, trailer);
          const bool exact =
              at < entries_.size() && entries_[at].key == key && entries_[at].trailer == trailer;
          if (!exact) at = at == 0 ? entries_.size() : at - 1;
        }
      } else if (random.OneIn(2)) {
        it.Next();
        ++at;
      } else {
        it.Prev();
        at = at == 0 ? entries_.size() : at - 1;
      }
      ASSERT_EQ(it.Valid(), at < entries_.size()) << step;
      if (!it.Valid()) continue;
      ASSERT_EQ(Current(it), entries_[at]) << step;
    }
  }
}

TEST_P(TableModelTest, GetFindsTheNewestVersionThatASnapshotSees) {
  SCOPED_TRACE(testing::Message() << "BEACHDB_SEED=" << seed_);
  Random random(seed_ + 2);
  for (int step = 0; step < 4000; ++step) {
    const std::string key = random.OneIn(4) ? RandomKey(random, GetParam().longest_key)
                                            : entries_[random.Uniform(entries_.size())].key;
    const Seqno snapshot = random.OneIn(3) ? kMaxSeqno : random.Uniform(9000);
    const std::size_t want = ModelSeek(entries_, key, SeekTrailer(snapshot));
    const bool present = want < entries_.size() && entries_[want].key == key;
    const EpochGuard guard;
    TableHit hit;
    const auto found = table_->Get(key, snapshot, random.OneIn(2), &hit);
    ASSERT_TRUE(found.ok()) << found.error().ToString();
    ASSERT_EQ(*found, present) << step;
    if (!present) continue;
    ASSERT_TRUE(table_->MayContain(Hash64(key)));
    ASSERT_EQ(hit.trailer, entries_[want].trailer);
    ASSERT_EQ(hit.value, entries_[want].value);
  }
}

TEST_P(TableModelTest, VerifyOfAGoodTableFindsNothingAndReadsEveryByte) {
  const Table::VerifyResult result = table_->Verify();
  EXPECT_THAT(result.problems, testing::IsEmpty());
  EXPECT_EQ(result.bytes, built_.bytes->size());
  EXPECT_EQ(result.entries, entries_.size());
  EXPECT_EQ(result.blocks, built_.summary.properties.data_blocks);
  EXPECT_EQ(result.file_checksum, built_.summary.file_checksum);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, TableModelTest,
    testing::Values(Shape{4096, Compression::kNone, 1, 12, 100},
                    Shape{1, Compression::kNone, 1, 12, 10},  // every entry a block of its own
                    Shape{64, Compression::kLz4, 1, 6, 30},
                    Shape{300, Compression::kZstd, 1, 40, 200},
                    Shape{4096, Compression::kLz4, 4096, 12, 300},
                    Shape{4096, Compression::kNone, 4096, 200, 300},
                    Shape{200000, Compression::kNone, 1, 12, 200},  // offsets of 4 bytes
                    Shape{1000, Compression::kZstd, 1, 3000, 5000}));

}  // namespace
}  // namespace beachdb
