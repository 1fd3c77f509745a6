#include "sstable/block_batch.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/epoch.h"
#include "io/fault_file_system.h"
#include "sstable/data_block.h"
#include "sstable/table_test_util.h"
#include "tests/support/memory_file_system.h"

namespace beachdb {
namespace {

constexpr std::size_t kValueSize = 100;

// Two tables on a disk in memory, opened anew with an empty cache by Open.
class BlockBatchTest : public testing::TestWithParam<IoMode> {
 protected:
  void Build(const TableOptions& options, std::size_t value_size = kValueSize, int count = 1000) {
    for (const char* name : {"a", "b"}) {
      entries_.clear();
      for (int i = 1000; i < 1000 + count; ++i) {
        entries_.push_back({"key" + std::to_string(i), PackTrailer(1, Kind::kPut),
                            name + std::string(value_size, static_cast<char>(i))});
      }
      auto built = test::BuildTable(entries_, options);
      ASSERT_TRUE(built.ok());
      ASSERT_TRUE(disk_.WriteFileSynced(PathOf(name), *built->bytes).ok());
    }
    Open();
  }
  void Open(std::size_t budget = 64u << 20) {
    tables_.clear();
    cache_ = std::make_unique<BlockCache>(budget);
    for (const char* name : {"a", "b"}) {
      auto file = fs_.Open(PathOf(name), OpenMode::kRead, GetParam());
      ASSERT_TRUE(file.ok());
      auto table = Table::Open(std::move(*file), test::TestIdentity(), 0, *cache_, &counters_);
      ASSERT_TRUE(table.ok()) << table.error().ToString();
      tables_.push_back(std::move(*table));
    }
    ReadsSince();
  }
  static std::string PathOf(const std::string& name) { return "/" + name + ".sst"; }

  // Calls of the file system since the last time.
  std::uint64_t ReadsSince() {
    const std::uint64_t now = fs_.Count(FileOp::kRead);
    return now - std::exchange(reads_, now);
  }
  std::uint32_t BlocksOf(std::size_t table) const {
    return static_cast<std::uint32_t>(tables_[table]->properties().data_blocks);
  }

  // Whether it is the i-th block of the table: the one in which a lookup of its first key ends.
  void ExpectBlock(std::size_t table, const BlockRef& block) {
    const DataBlock data(block.block()->data());
    ASSERT_GT(data.size(), 0u);
    std::string key;
    data.CopyKey(0, &key);
    const EpochGuard guard;
    TableHit hit;
    const auto found = tables_[table]->Get(key, kMaxSeqno, false, &hit);
    ASSERT_TRUE(found.ok() && *found);
    EXPECT_EQ(data.At(0).value, hit.value);
    EXPECT_EQ(hit.value.substr(0, 1), table == 0 ? "a" : "b");
  }

  MemoryFileSystem disk_;
  FaultFileSystem fs_{disk_};
  std::uint64_t reads_ = 0;
  std::vector<test::TestEntry> entries_;
  TableCounters counters_;
  std::unique_ptr<BlockCache> cache_;
  std::vector<std::unique_ptr<Table>> tables_;
};

TEST_P(BlockBatchTest, BlocksOfSeveralTablesComeAsTheyAreAndAreCached) {
  for (const Compression compression : {Compression::kNone, Compression::kLz4}) {
    SCOPED_TRACE(static_cast<int>(compression));
    Build({.compression = compression});
    const EpochGuard guard;
    BlockBatch batch(fs_, true);
    std::vector<std::size_t> places;
    for (std::uint32_t i = 0; i < 8; ++i) {
      for (const std::size_t table : {0u, 1u}) {
        places.push_back(batch.Add(*tables_[table], i * (BlocksOf(table) - 1) / 7));
      }
    }
    batch.Read();
    EXPECT_EQ(ReadsSince(), 16u);
    std::vector<BlockRef> blocks;
    for (const std::size_t place : places) {
      auto block = batch.Take(place);
      ASSERT_TRUE(block.ok()) << block.error().ToString();
      blocks.push_back(std::move(*block));
    }
    EXPECT_EQ(cache_->misses(), 16u);
    EXPECT_EQ(cache_->hits(), 0u);
    for (std::size_t i = 0; i < blocks.size(); ++i) ExpectBlock(i % 2, blocks[i]);
    EXPECT_EQ(cache_->hits(), 16u);
    EXPECT_EQ(ReadsSince(), 0u) << "all of them are cached";
  }
}

TEST_P(BlockBatchTest, ABlockThatIsAskedForTwiceIsReadOnceAndIsAHitForTheSecond) {
  Build({});
  const EpochGuard guard;
  for (const bool fill_cache : {false, true}) {
    SCOPED_TRACE(fill_cache);
    const std::uint64_t misses = cache_->misses();
    const std::uint64_t hits = cache_->hits();
    BlockBatch batch(fs_, fill_cache);
    const std::size_t first = batch.Add(*tables_[0], 3);
    EXPECT_NE(batch.Add(*tables_[1], 3), first);
    EXPECT_EQ(batch.Add(*tables_[0], 3), first);
    batch.Read();
    EXPECT_EQ(ReadsSince(), 2u);
    const auto one = batch.Take(first);
    const auto other = batch.Take(first);
    ASSERT_TRUE(one.ok() && other.ok());
    EXPECT_EQ(one->block(), other->block());
    EXPECT_EQ(cache_->misses(), misses + 1);
    EXPECT_EQ(cache_->hits(), hits + 1);
    EXPECT_EQ(cache_->block_bytes() > 0, fill_cache);
  }
}

TEST_P(BlockBatchTest, DamageAndFailuresAreThatOfTheirBlocksAndAreNotCached) {
  Build({});
  const std::string bytes = disk_.Bytes(PathOf("a"));
  std::string damaged = bytes;
  damaged[damaged.size() / 4] ^= 1;
  disk_.Bytes(PathOf("a")) = damaged;
  const EpochGuard guard;
  std::size_t bad = 0;
  for (std::uint32_t from = 0; from < BlocksOf(0); from += 16) {
    const std::uint32_t to = std::min(from + 16, BlocksOf(0));
    BlockBatch batch(fs_, true);
    for (std::uint32_t i = from; i < to; ++i) batch.Add(*tables_[0], i);
    batch.Read();
    for (std::uint32_t i = from; i < to; ++i) {
      const auto block = batch.Take(i - from);
      if (block.ok()) continue;
      ++bad;
      EXPECT_EQ(block.error().code(), Code::kCorruption);
      EXPECT_TRUE(block.error().message().starts_with("/a.sst: data block " + std::to_string(i) +
                                                      " at offset "))
          << block.error().message();
    }
  }
  EXPECT_EQ(bad, 1u);

  disk_.Bytes(PathOf("a")) = bytes;
  BlockBatch batch(fs_, true);
  for (std::uint32_t i = 0; i < 4; ++i) batch.Add(*tables_[1], i);
  fs_.Inject({.ops = {FileOp::kRead}, .name = "b.sst", .skip = 2, .times = 1});
  batch.Read();
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto block = batch.Take(i);
    EXPECT_EQ(block.ok(), i != 2);
    if (i == 2) {
      EXPECT_TRUE(block.error().message().starts_with("/b.sst: data block 2 at offset "));
    }
  }
  ReadsSince();
  BlockBatch again(fs_, true);
  again.Add(*tables_[1], 2);
  again.Read();
  EXPECT_EQ(ReadsSince(), 1u);
  EXPECT_TRUE(again.Take(0).ok());
}

TEST_P(BlockBatchTest, AFileThatEndsBeforeTheBlockIsCorruption) {
  Build({});
  const std::uint32_t last = BlocksOf(0) - 1;
  disk_.Bytes(PathOf("a")).resize(20'000);
  const EpochGuard guard;
  BlockBatch batch(fs_, true);
  batch.Add(*tables_[0], 0);
  batch.Add(*tables_[0], last);
  batch.Read();
  EXPECT_TRUE(batch.Take(0).ok());
  const auto cut = batch.Take(1);
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code(), Code::kCorruption);
  EXPECT_NE(cut.error().message().find("file ends at "), std::string::npos)
      << cut.error().message();
}

// Sixteen at once do not fit into the buffer, and one of them alone does not either.
TEST_P(BlockBatchTest, LargeBlocksAreReadInAsManyRoundsAsTheyNeed) {
  for (const std::size_t value_size : {std::size_t{100'000}, 2 * kReadBufferSize}) {
    SCOPED_TRACE(value_size);
    Build({}, value_size, 20);
    const EpochGuard guard;
    BlockBatch batch(fs_, true);
    for (std::uint32_t i = 0; i < 16; ++i) batch.Add(*tables_[i % 2], i);
    batch.Read();
    for (std::uint32_t i = 0; i < 16; ++i) {
      const auto block = batch.Take(i);
      ASSERT_TRUE(block.ok()) << block.error().ToString();
      ExpectBlock(i % 2, *block);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(IoModes, BlockBatchTest,
                         testing::Values(IoMode::kBuffered, IoMode::kDirect),
                         [](const auto& instance) {
                           return instance.param == IoMode::kBuffered ? "Buffered" : "Direct";
                         });

}  // namespace
}  // namespace beachdb
