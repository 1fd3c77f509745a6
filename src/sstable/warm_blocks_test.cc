#include "sstable/warm_blocks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/epoch.h"
#include "sstable/table_test_util.h"

namespace beachdb {
namespace {

using test::TestEntry;

constexpr int kEntries = 400;  // of 100 bytes: ten blocks or so

std::vector<TestEntry> Entries() {
  std::vector<TestEntry> entries;
  for (int i = 0; i < kEntries; ++i) {
    entries.push_back({fmt::format("key{:05}", i), PackTrailer(1, Kind::kPut),
                       std::string(100, static_cast<char>('a' + i % 26))});
  }
  return entries;
}

class WarmBlocksTest : public ::testing::TestWithParam<Compression> {
 protected:
  // A table whose entries from `first` on are warm, opened; the cache is empty before it is.
  std::unique_ptr<Table> Build(BlockCache& cache, int first) {
    auto bytes = std::make_shared<std::string>();
    TableOptions options;
    options.compression = GetParam();
    TableBuilder builder(std::make_unique<test::MemoryFile>(bytes), test::TestIdentity(), options,
                         TableJob{}, 0, &cache);
    int i = 0;
    for (const TestEntry& e : Entries()) {
      EXPECT_TRUE(builder.Add(e.key, e.trailer, e.value, i++ >= first).ok());
    }
    EXPECT_TRUE(builder.Finish().ok());
    auto table = test::OpenTable(bytes, cache);
    if (!table.ok()) return nullptr;
    EXPECT_EQ(cache.block_bytes(), 0u);
    WarmBlocks warm = builder.TakeWarmBlocks();
    EXPECT_EQ(warm.empty(), cache.charged_bytes() == (*table)->memory_usage());
    warm.Publish(**table);
    EXPECT_EQ(cache.charged_bytes(), (*table)->memory_usage()) << "a charge was left behind";
    return *std::move(table);
  }
  // All entries are right, and how many reads of blocks that took.
  static std::uint64_t Misses(BlockCache& cache, Table& table) {
    const std::uint64_t before = cache.misses();
    for (const TestEntry& e : Entries()) {
      const EpochGuard guard;
      TableHit hit;
      const auto found = table.Get(e.key, kMaxSeqno, false, &hit);
      EXPECT_TRUE(found.ok() && *found) << e.key;
      EXPECT_EQ(hit.value, e.value);
    }
    return cache.misses() - before;
  }
};

TEST_P(WarmBlocksTest, WarmOnesAreFoundWithoutAReadTheOthersAsEver) {
  BlockCache cache(1u << 20);
  EXPECT_EQ(Misses(cache, *Build(cache, 0)), 0u);
  EXPECT_EQ(Misses(cache, *Build(cache, kEntries)), std::uint64_t{kEntries});
  const std::uint64_t half = Misses(cache, *Build(cache, kEntries / 2));
  EXPECT_GT(half, kEntries * 4u / 10);
  EXPECT_LT(half, kEntries * 6u / 10);
}

TEST_P(WarmBlocksTest, AFullCacheGivesUpAnEighthAtMost) {
  BlockCache cache(64u << 10);
  // All that is free is charged to somebody else.
  cache.Charge(60 << 10);
  WarmBlocks warm(&cache);
  const std::string contents(1000, 'x');
  for (std::uint32_t i = 0; i < 100; ++i) warm.Keep(i, contents);
  EXPECT_GT(cache.charged_bytes(), std::size_t{60} << 10);
  EXPECT_LE(cache.charged_bytes(), std::size_t{60 + 8} << 10);
  { const WarmBlocks moved(std::move(warm)); }
  EXPECT_EQ(cache.charged_bytes(), std::size_t{60} << 10);
  cache.Charge(-(60 << 10));
}

INSTANTIATE_TEST_SUITE_P(Compressions, WarmBlocksTest,
                         ::testing::Values(Compression::kNone, Compression::kLz4));

}  // namespace
}  // namespace beachdb
