// Db::DeleteRange: what it hides, from whom, and what becomes of what it hid. Random histories with
// ranges are in tests/metamorphic.
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "beachdb/db.h"

namespace beachdb {
namespace {

class RangeDeleteTest : public testing::Test {
 protected:
  RangeDeleteTest()
      : directory_(testing::TempDir() + "beachdb_range_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
  }
  ~RangeDeleteTest() override { std::filesystem::remove_all(directory_); }

  Db Open() {
    Options options;
    options.write_buffer = 64u << 10;
    options.table_size = 64u << 10;
    options.log = [](LogLevel, std::string_view) {};
    auto db = Db::Open(directory_, options);
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    return std::move(db).value();
  }
  static std::string Key(int i) { return fmt::format("key{:06}", i); }
  static void Fill(Db& db, int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(db.Put(Key(i), std::string(100, 'v'), {Durability::kBuffered}).ok());
    }
  }
  static std::vector<std::string> Keys(const Db& db, const ReadOptions& read = {}) {
    IteratorOptions options;
    static_cast<ReadOptions&>(options) = read;
    Iterator it = db.NewIterator(options);
    std::vector<std::string> forward;
    for (it.SeekToFirst(); it.Valid(); it.Next()) forward.emplace_back(it.key());
    std::vector<std::string> back;
    for (it.SeekToLast(); it.Valid(); it.Prev()) back.insert(back.begin(), std::string(it.key()));
    EXPECT_EQ(forward, back);
    EXPECT_TRUE(it.status().ok()) << it.status().ToString();
    return forward;
  }

  const std::string directory_;
};

TEST_F(RangeDeleteTest, WhatLiesInTheRangeIsGoneAndItsNeighboursStay) {
  Db db = Open();
  for (const char* key : {"a", "b", "bb", "c", "d"}) ASSERT_TRUE(db.Put(key, key).ok());
  ASSERT_TRUE(db.DeleteRange("b", "c").ok());
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_TRUE(db.Flush().ok());
    }
    EXPECT_EQ(Keys(db), (std::vector<std::string>{"a", "c", "d"}));
    EXPECT_EQ(*db.Get("b"), std::nullopt);
    EXPECT_EQ(*db.Get("bb"), std::nullopt);
    EXPECT_EQ(*db.Get("c"), "c") << "the end is not in it";
    const std::vector<std::string_view> keys{"a", "b", "bb", "c"};
    const auto many = db.MultiGet(keys);
    ASSERT_TRUE(many.ok());
    EXPECT_EQ((*many)[0], "a");
    EXPECT_EQ((*many)[1], std::nullopt);
    EXPECT_EQ((*many)[2], std::nullopt);
    EXPECT_EQ((*many)[3], "c");
    EXPECT_FALSE(db.GetPinned("b")->has_value());
  }
  ASSERT_TRUE(db.Put("b", "again").ok());
  EXPECT_EQ(*db.Get("b"), "again");
}

TEST_F(RangeDeleteTest, SnapshotsFromBeforeStillSeeEverything) {
  Db db = Open();
  Fill(db, 100);
  {
    const Snapshot before = db.GetSnapshot();
    ASSERT_TRUE(db.DeleteRange(Key(10), Key(90)).ok());
    const Snapshot after = db.GetSnapshot();
    ASSERT_TRUE(db.Put(Key(50), "new").ok());
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(Keys(db, {.snapshot = &before}).size(), 100u);
      EXPECT_EQ(Keys(db, {.snapshot = &after}).size(), 20u);
      EXPECT_EQ(Keys(db).size(), 21u);
      EXPECT_EQ(db.Get(Key(50), {.snapshot = &before})->value(), std::string(100, 'v'));
      EXPECT_EQ(*db.Get(Key(50), {.snapshot = &after}), std::nullopt);
      ASSERT_TRUE((round == 0 ? db.Flush() : db.CompactRange()).ok());
    }
  }
  ASSERT_TRUE(db.CompactRange().ok());
  EXPECT_EQ(Keys(db).size(), 21u);
  EXPECT_TRUE(db.Verify({.depth = VerifyDepth::kTree})->problems.empty());
}

TEST_F(RangeDeleteTest, ARangeWithNothingInItMakesATableOfItsOwnThatEndsWithIt) {
  Db db = Open();
  ASSERT_TRUE(db.DeleteRange("m", "n").ok());
  ASSERT_TRUE(db.Flush().ok());
  EXPECT_EQ(db.GetStats().levels[0].files, 1u);
  EXPECT_EQ(db.GetStats().levels[0].range_tombstones, 1u);
  EXPECT_TRUE(db.Verify({.depth = VerifyDepth::kTree})->problems.empty());
  EXPECT_TRUE(Keys(db).empty());
  ASSERT_TRUE(db.Put("m", "1").ok());
  EXPECT_EQ(*db.Get("m"), "1");
  ASSERT_TRUE(db.Close().ok());
  db = Open();
  EXPECT_EQ(*db.Get("m"), "1");
  ASSERT_TRUE(db.CompactRange().ok());
  EXPECT_EQ(Keys(db), std::vector<std::string>{"m"});
}

TEST_F(RangeDeleteTest, TablesWhollyCoveredAreDroppedWithoutBeingRead) {
  Db db = Open();
  Fill(db, 20'000);
  ASSERT_TRUE(db.CompactRange().ok());
  const Stats before = db.GetStats();
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  for (const auto& level : before.levels) {
    files += level.files;
    bytes += level.bytes;
  }
  ASSERT_GT(files, 10u);
  ASSERT_TRUE(db.DeleteRange(Key(10), Key(19'990)).ok());
  EXPECT_EQ(Keys(db).size(), 20u);
  ASSERT_TRUE(db.CompactRange().ok());
  const Stats after = db.GetStats();
  std::uint64_t read = 0;
  std::uint64_t left = 0;
  for (std::size_t level = 0; level < after.levels.size(); ++level) {
    read += after.levels[level].bytes_read - before.levels[level].bytes_read;
    left += after.levels[level].bytes;
  }
  EXPECT_LT(read, bytes / 4) << "only the tables at the ends of the range are read";
  EXPECT_LT(left, bytes / 10);
  EXPECT_EQ(Keys(db).size(), 20u);
  EXPECT_TRUE(db.Verify({.depth = VerifyDepth::kTree})->problems.empty());
}

TEST_F(RangeDeleteTest, AScanLeavesTablesBelowARangeBehindAfterAFewEntries) {
  Db db = Open();
  Fill(db, 20'000);
  ASSERT_TRUE(db.CompactRange().ok());
  ASSERT_TRUE(db.DeleteRange(Key(10), Key(19'990)).ok());
  for (const ScanOrder order : {ScanOrder::kForward, ScanOrder::kReverse}) {
    const auto scan = db.ExplainScan({}, order);
    ASSERT_TRUE(scan.ok());
    EXPECT_EQ(scan->records, 20u);
    EXPECT_GT(scan->range_deleted, 0u);
    EXPECT_LT(scan->range_deleted, 1000u) << scan->ToString();
    EXPECT_GT(scan->jumps, 0u);
  }
}

TEST_F(RangeDeleteTest, RangesSurviveReopeningWithAndWithoutAFlush) {
  {
    Db db = Open();
    Fill(db, 1000);
    ASSERT_TRUE(db.CompactRange().ok());
    ASSERT_TRUE(db.DeleteRange(Key(0), Key(500)).ok());
    ASSERT_TRUE(db.Close().ok());
  }
  Db db = Open();
  EXPECT_EQ(Keys(db).size(), 500u);
  EXPECT_EQ(*db.Get(Key(499)), std::nullopt);
  ASSERT_TRUE(db.Get(Key(500))->has_value());
}

TEST_F(RangeDeleteTest, ManyRangesInOneMemTableBeginANewOne) {
  Db db = Open();
  Fill(db, 3000);
  for (int i = 0; i < 3000; i += 2) {
    ASSERT_TRUE(db.DeleteRange(Key(i), Key(i + 1), {Durability::kBuffered}).ok());
  }
  const auto keys = Keys(db);
  ASSERT_EQ(keys.size(), 1500u);
  EXPECT_EQ(keys.front(), Key(1));
  ASSERT_TRUE(db.Flush().ok());
  ASSERT_TRUE(db.CompactRange().ok());
  EXPECT_EQ(Keys(db), keys);
}

TEST_F(RangeDeleteTest, OneBatchAppliesItsOperationsInOrder) {
  Db db = Open();
  ASSERT_TRUE(db.Put("b", "old").ok());
  WriteBatch batch;
  ASSERT_TRUE(batch.Put("a", "before").ok());
  ASSERT_TRUE(batch.DeleteRange("a", "c").ok());
  ASSERT_TRUE(batch.Put("b", "after").ok());
  ASSERT_TRUE(db.Write(batch).ok());
  EXPECT_EQ(*db.Get("a"), std::nullopt);
  EXPECT_EQ(*db.Get("b"), "after");
}

TEST_F(RangeDeleteTest, ARangeThatIsNoneIsRefusedAndChangesNothing) {
  Db db = Open();
  ASSERT_TRUE(db.Put("b", "kept").ok());
  for (const auto& [begin, end] : std::vector<std::pair<std::string, std::string>>{
           {"c", "a"}, {"b", "b"}, {"", "c"}, {"a", ""}}) {
    const Status status = db.DeleteRange(begin, end);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kInvalidArgument);
  }
  EXPECT_EQ(*db.Get("b"), "kept");
}

TEST_F(RangeDeleteTest, ExplainAndHistoryNameTheRange) {
  Db db = Open();
  ASSERT_TRUE(db.Put("b", "old").ok());
  ASSERT_TRUE(db.Flush().ok());
  ASSERT_TRUE(db.DeleteRange("a", "c").ok());
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_TRUE(db.Flush().ok());
    }
    const auto get = db.Explain("b");
    ASSERT_TRUE(get.ok());
    EXPECT_EQ(get->answer, Finding::kRangeDeleted);
    EXPECT_EQ(get->seqno, 2u);
    EXPECT_NE(get->ToString().find("deleted with its range by seqno 2"), std::string::npos);
    const auto versions = db.History("b");
    ASSERT_TRUE(versions.ok());
    ASSERT_EQ(versions->size(), 2u);
    EXPECT_EQ((*versions)[0].kind, VersionKind::kDeleteRange);
    EXPECT_EQ((*versions)[0].level, flushed ? 0 : -1);
    EXPECT_EQ((*versions)[1].kind, VersionKind::kPut);
  }
}

}  // namespace
}  // namespace beachdb
