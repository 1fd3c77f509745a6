// Which reads reach the file, and what they leave in the cache.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/check.h"
#include "base/epoch.h"
#include "base/random.h"
#include "sstable/table.h"
#include "sstable/table_iterator.h"
#include "sstable/table_test_util.h"

namespace beachdb {
namespace {

class TableIoTest : public testing::Test {
 protected:
  TableIoTest() {
    for (int i = 100'000; i < 120'000; ++i) {
      entries_.push_back({"k" + std::to_string(i), PackTrailer(1, Kind::kPut),
                          std::string(90, static_cast<char>(i))});
    }
    auto built = test::BuildTable(entries_);
    EXPECT_TRUE(built.ok());
    bytes_ = built->bytes;
  }

  void Open(std::size_t budget) {
    table_.reset();
    cache_ = std::make_unique<BlockCache>(budget);
    auto file = std::make_unique<test::MemoryFile>(bytes_);
    file_ = file.get();
    auto table =
        Table::Open(std::move(file), test::TestIdentity(), bytes_->size(), *cache_, &counters_);
    ASSERT_TRUE(table.ok()) << table.error().ToString();
    table_ = *std::move(table);
    file_->reads = 0;
  }

  void Walk(ScanKind kind, bool forward) {
    TableIterator it(*table_, kind);
    std::size_t seen = 0;
    if (forward) {
      for (it.SeekToFirst(); it.Valid(); it.Next()) ++seen;
    } else {
      for (it.SeekToLast(); it.Valid(); it.Prev()) ++seen;
    }
    EXPECT_EQ(seen, entries_.size());
  }

  bool Get(const std::string& key, bool fill_cache) {
    const EpochGuard guard;
    TableHit hit;
    const auto found = table_->Get(key, kMaxSeqno, fill_cache, &hit);
    return found.ok() && *found;
  }

  std::vector<test::TestEntry> entries_;
  std::shared_ptr<std::string> bytes_;
  TableCounters counters_;
  std::unique_ptr<BlockCache> cache_;
  test::MemoryFile* file_ = nullptr;
  std::unique_ptr<Table> table_;
};

TEST_F(TableIoTest, ABlockIsReadOnceAndThenFoundInTheCache) {
  Open(64u << 20);
  EXPECT_TRUE(Get("k100000", true));
  EXPECT_EQ(file_->reads, 1u);
  EXPECT_EQ(counters_.blocks_read, 1u);
  EXPECT_TRUE(Get("k100001", true));
  EXPECT_EQ(file_->reads, 1u);
  EXPECT_EQ(cache_->hits(), 1u);
}

TEST_F(TableIoTest, WithoutFillTheCacheStaysAsItWas) {
  Open(64u << 20);
  EXPECT_TRUE(Get("k100000", false));
  Walk(ScanKind::kNoFill, true);
  Walk(ScanKind::kCompact, true);
  EXPECT_EQ(cache_->block_bytes(), 0u);
}

TEST_F(TableIoTest, LongWalksReadInLargePiecesBothWays) {
  const std::uint64_t mib = bytes_->size() >> 20;
  Open(64u << 20);
  for (const bool forward : {true, false}) {
    file_->reads = 0;
    Walk(ScanKind::kCompact, forward);
    EXPECT_LE(file_->reads, 2 * mib + 2) << forward;
    file_->reads = 0;
    Walk(ScanKind::kNoFill, forward);
    EXPECT_LE(file_->reads, 4 * mib + 12) << forward;
  }
  Walk(ScanKind::kRead, true);
  file_->reads = 0;
  Walk(ScanKind::kRead, false);
  EXPECT_EQ(file_->reads, 0u) << "the walk before has filled the cache";
}

TEST_F(TableIoTest, AFullCacheTakesFewOfTheBlocksThatThePageCacheHoldsAnyway) {
  Open(1u << 20);  // half of the table
  const auto key = [](int block) { return "k" + std::to_string(100'000 + 40 * block); };
  for (int block = 0; block < 300; ++block) EXPECT_TRUE(Get(key(block), true));
  int taken = 0;
  constexpr int kBlocks = 100;
  for (int block = 400; block < 400 + kBlocks; ++block) {
    EXPECT_TRUE(Get(key(block), true));
    const std::uint64_t before = file_->reads;
    EXPECT_TRUE(Get(key(block), true));
    if (file_->reads == before) ++taken;
  }
  EXPECT_GT(taken, 0) << "what is asked for often gets in";
  EXPECT_LT(taken, kBlocks / 2) << "most are not worth the work";
  EXPECT_LE(cache_->block_bytes() + cache_->charged_bytes(), 1u << 20);
}

TEST_F(TableIoTest, AShortWalkReadsOnlyWhatItNeeds) {
  Open(64u << 20);
  TableIterator it(*table_, ScanKind::kRead);
  it.Seek("k110000", UINT64_MAX);
  for (int i = 0; i < 10; ++i) it.Next();
  EXPECT_LE(file_->reads, 2u);
  EXPECT_LE(counters_.bytes_read, 2u * 4200);
}

TEST_F(TableIoTest, MemoryIsChargedWhileOpenAndGivenBack) {
  Open(64u << 20);
  EXPECT_EQ(cache_->charged_bytes(), table_->memory_usage());
  EXPECT_GT(table_->memory_usage(), entries_.size() * 10 / 8) << "the filter is in it";
  {
    TableIterator it(*table_, ScanKind::kCompact);
    it.SeekToFirst();
    EXPECT_GT(cache_->charged_bytes(), table_->memory_usage() + (512u << 10)) << "its piece";
    TableIterator moved(std::move(it));
    EXPECT_EQ(moved.user_key(), "k100000");
  }
  EXPECT_EQ(cache_->charged_bytes(), table_->memory_usage());
  Walk(ScanKind::kRead, true);
  table_.reset();
  EXPECT_EQ(cache_->charged_bytes(), 0u);
  EXPECT_EQ(cache_->block_bytes(), 0u);
}

TEST_F(TableIoTest, ThreadsReadTheSameTableThroughATinyCache) {
  Open(1u << 18);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      Random random(t);
      TableIterator it(*table_, t % 2 == 0 ? ScanKind::kRead : ScanKind::kCompact);
      for (int i = 0; i < 1500; ++i) {
        const test::TestEntry& want = entries_[random.Uniform(entries_.size())];
        {
          const EpochGuard guard;
          TableHit hit;
          const auto found = table_->Get(want.key, kMaxSeqno, random.OneIn(2), &hit);
          CHECK(found.ok() && *found && hit.value == want.value);
        }
        it.Seek(want.key, UINT64_MAX);
        CHECK(it.Valid() && it.value() == want.value);
        for (int step = 0; step < 5 && it.Valid(); ++step) it.Next();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache_->block_bytes() + cache_->charged_bytes(), std::size_t{1} << 18);
}

}  // namespace
}  // namespace beachdb
