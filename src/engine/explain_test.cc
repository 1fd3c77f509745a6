// What explanations say, against databases whose shape is known.
#include "beachdb/explain.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "beachdb/db.h"

namespace beachdb {
namespace {

class ExplainTest : public testing::Test {
 protected:
  ExplainTest()
      : directory_(testing::TempDir() + "beachdb_explain_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
  }
  ~ExplainTest() override { std::filesystem::remove_all(directory_); }

  Db Open() {
    Options options;
    options.log = [](LogLevel, std::string_view) {};
    options.compression = options.bottom_compression = Compression::kNone;
    auto db = Db::Open(directory_, options);
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    return std::move(db).value();
  }
  static std::string Key(int i) {
    std::string key = std::to_string(i);
    return "key" + std::string(6 - key.size(), '0') + key;
  }
  // Keys [0, count) in the deepest level, a few hundred bytes each.
  static void FillBottom(Db& db, int count) {
    WriteBatch batch;
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(batch.Put(Key(i), std::string(200, 'v')).ok());
    }
    ASSERT_TRUE(db.Write(batch).ok());
    ASSERT_TRUE(db.CompactRange().ok());
  }
  static GetExplanation Explain(const Db& db, std::string_view key, const ReadOptions& how = {}) {
    auto explanation = db.Explain(key, how);
    if (!explanation.ok()) throw std::runtime_error(explanation.error().ToString());
    return std::move(explanation).value();
  }
  static const ExplainedTable& TableOf(const GetExplanation& get, int level, std::size_t i = 0) {
    for (const ExplainedLevel& l : get.levels) {
      if (l.level == level) return l.tables.at(i);
    }
    throw std::runtime_error("no such level");
  }
  static int DeepestLevel(const GetExplanation& get) { return get.levels.back().level; }

  const std::string directory_;
};

TEST_F(ExplainTest, AValueInTheMemtableSparesEverythingBelow) {
  Db db = Open();
  FillBottom(db, 1000);
  ASSERT_TRUE(db.Put(Key(5), "new").ok());
  const GetExplanation get = Explain(db, Key(5));
  ASSERT_EQ(get.memtables.size(), 1u);
  EXPECT_TRUE(get.memtables[0].active);
  EXPECT_EQ(get.memtables[0].finding, Finding::kValue);
  EXPECT_EQ(get.memtables[0].entries, 1u);
  EXPECT_EQ(TableOf(get, DeepestLevel(get)).finding, Finding::kNotAsked);
  EXPECT_EQ(get.answer, Finding::kValue);
  EXPECT_EQ(get.value, "new");
  EXPECT_EQ(get.seqno, 1001u);
  EXPECT_EQ(get.snapshot, 1001u);
}

TEST_F(ExplainTest, ABlockIsReadFromTheFileOnceAndThenComesFromTheCache) {
  {
    Db db = Open();
    FillBottom(db, 1000);
  }
  Db db = Open();
  const GetExplanation cold = Explain(db, Key(500));
  const ExplainedTable& table = TableOf(cold, DeepestLevel(cold));
  EXPECT_EQ(table.finding, Finding::kValue);
  EXPECT_TRUE(table.opened);
  ASSERT_TRUE(table.block.has_value());
  EXPECT_FALSE(table.block->cached);
  EXPECT_GT(table.block->blocks, 40u);
  EXPECT_LT(table.block->number, table.block->blocks);
  EXPECT_GT(table.block->offset, 0u);
  EXPECT_GT(table.block->bytes, 2000u);
  EXPECT_GT(table.block->entries, 10u);
  EXPECT_GE(table.block->compared, 4u);
  EXPECT_LE(table.block->compared, 6u);
  EXPECT_EQ(cold.seqno, 501u);

  const GetExplanation warm = Explain(db, Key(500));
  EXPECT_FALSE(TableOf(warm, DeepestLevel(warm)).opened);
  EXPECT_TRUE(TableOf(warm, DeepestLevel(warm)).block->cached);
  EXPECT_EQ(TableOf(warm, DeepestLevel(warm)).block->offset, table.block->offset);
}

TEST_F(ExplainTest, EveryTableThatWasSkippedSaysWhy) {
  Db db = Open();
  FillBottom(db, 1000);
  // Two runs of level 0: one around the key without it, one beside it.
  ASSERT_TRUE(db.Put(Key(1), "x").ok());
  ASSERT_TRUE(db.Put(Key(900), "x").ok());
  ASSERT_TRUE(db.Flush().ok());
  ASSERT_TRUE(db.Put(Key(2000), "x").ok());
  ASSERT_TRUE(db.Put(Key(3000), "x").ok());
  ASSERT_TRUE(db.Flush().ok());
  const GetExplanation get = Explain(db, Key(500));
  EXPECT_EQ(TableOf(get, 0, 0).finding, Finding::kRange) << get.ToString();
  EXPECT_EQ(TableOf(get, 0, 1).finding, Finding::kFilter) << get.ToString();
  EXPECT_FALSE(TableOf(get, 0, 1).block.has_value());
  EXPECT_EQ(get.answer, Finding::kValue);
  EXPECT_EQ(Explain(db, Key(1)).levels[0].tables[1].finding, Finding::kValue);
  EXPECT_EQ(Explain(db, "nowhere").answer, Finding::kAbsent);
}

TEST_F(ExplainTest, ATombstoneAnswersAndASnapshotPassesWhatIsNewer) {
  Db db = Open();
  ASSERT_TRUE(db.Put("a", "1").ok());
  {
    const Snapshot before = db.GetSnapshot();
    ASSERT_TRUE(db.Put("a", "2").ok());
    ASSERT_TRUE(db.Delete("a").ok());
    ASSERT_TRUE(db.Flush().ok());
    const GetExplanation now = Explain(db, "a");
    EXPECT_EQ(now.answer, Finding::kTombstone);
    EXPECT_EQ(now.seqno, 3u);
    EXPECT_EQ(now.value, std::nullopt);
    const GetExplanation then = Explain(db, "a", {.snapshot = &before});
    EXPECT_EQ(then.value, "1");
    EXPECT_EQ(then.snapshot, 1u);
    // The second version was shadowed in the flush: no snapshot sees it.
    EXPECT_EQ(TableOf(then, 0).block->newer, 1u);
  }
  EXPECT_EQ(db.Explain("").error().code(), Code::kInvalidArgument);
}

TEST_F(ExplainTest, AGetAndItsExplanationAgreeOnEveryKey) {
  Db db = Open();
  FillBottom(db, 300);
  for (int i = 0; i < 300; i += 3) ASSERT_TRUE(db.Delete(Key(i)).ok());
  ASSERT_TRUE(db.Flush().ok());
  for (int i = 1; i < 300; i += 3) ASSERT_TRUE(db.Put(Key(i), "newer").ok());
  for (int i = 0; i < 310; ++i) {
    const GetExplanation get = Explain(db, Key(i));
    EXPECT_EQ(get.value, *db.Get(Key(i))) << Key(i);
    EXPECT_EQ(get.answer, i >= 300     ? Finding::kAbsent
                          : i % 3 == 0 ? Finding::kTombstone
                                       : Finding::kValue);
  }
}

TEST_F(ExplainTest, AScanCountsItsBlocksAndWhatWasDead) {
  Db db = Open();
  FillBottom(db, 1000);
  for (int i = 100; i < 103; ++i) ASSERT_TRUE(db.Delete(Key(i)).ok());
  ASSERT_TRUE(db.Put(Key(200), "newer").ok());
  const std::string lower = Key(100);
  const std::string upper = Key(300);
  const IteratorOptions bounds{{}, lower, upper, {}};
  for (const ScanOrder order : {ScanOrder::kForward, ScanOrder::kReverse}) {
    const auto scan = db.ExplainScan(bounds, order);
    ASSERT_TRUE(scan.ok());
    EXPECT_EQ(scan->records, 197u);
    EXPECT_EQ(scan->tombstones, 3u) << scan->ToString();
    EXPECT_EQ(scan->older_versions, 4u) << scan->ToString();
    EXPECT_EQ(scan->newer_versions, 0u);
    ASSERT_EQ(scan->runs.size(), 2u);
    EXPECT_TRUE(scan->runs[0].active);
    EXPECT_EQ(scan->runs[1].files, 1u);
    EXPECT_EQ(scan->runs[1].files_opened, 1u);
    // 200 records of some 220 bytes in blocks of 4 KiB.
    const std::uint64_t blocks = scan->runs[1].blocks_cached + scan->runs[1].blocks_read;
    EXPECT_GE(blocks, 10u);
    EXPECT_LE(blocks, 16u);
  }
  const auto limited = db.ExplainScan({}, ScanOrder::kForward, 5);
  EXPECT_EQ(limited->records, 5u);
  const auto outside = db.ExplainScan({{}, "x", {}, {}});
  EXPECT_EQ(outside->files_outside, 1u);
  EXPECT_EQ(outside->records, 0u);
}

TEST_F(ExplainTest, AScanPastWhatASnapshotDoesNotSeeCountsIt) {
  Db db = Open();
  ASSERT_TRUE(db.Put("a", "1").ok());
  const Snapshot before = db.GetSnapshot();
  ASSERT_TRUE(db.Put("a", "2").ok());
  ASSERT_TRUE(db.Put("b", "2").ok());
  IteratorOptions options;
  options.snapshot = &before;
  for (const ScanOrder order : {ScanOrder::kForward, ScanOrder::kReverse}) {
    const auto scan = db.ExplainScan(options, order);
    EXPECT_EQ(scan->records, 1u);
    EXPECT_EQ(scan->newer_versions, 2u) << scan->ToString();
    EXPECT_EQ(scan->tombstones, 0u);
  }
}

TEST_F(ExplainTest, HistoryShowsEveryVersionThatIsHeldAndWhere) {
  Db db = Open();
  ASSERT_TRUE(db.Put("a", "one").ok());
  const Snapshot first = db.GetSnapshot();
  ASSERT_TRUE(db.Flush().ok());
  ASSERT_TRUE(db.Delete("a").ok());
  ASSERT_TRUE(db.Put("a", "three").ok());
  const auto versions = db.History("a");
  ASSERT_TRUE(versions.ok());
  ASSERT_EQ(versions->size(), 3u);
  EXPECT_EQ((*versions)[0].seqno, 3u);
  EXPECT_EQ((*versions)[0].value_bytes, 5u);
  EXPECT_EQ((*versions)[0].level, -1);
  EXPECT_EQ((*versions)[1].seqno, 2u);
  EXPECT_EQ((*versions)[1].kind, VersionKind::kDelete);
  EXPECT_EQ((*versions)[2].seqno, 1u);
  EXPECT_EQ((*versions)[2].level, 0);
  EXPECT_GT((*versions)[2].table, 0u);
  EXPECT_TRUE(db.History("b")->empty());
  EXPECT_EQ(db.History("").error().code(), Code::kInvalidArgument);
}

TEST_F(ExplainTest, TheTextIsATreeAndTheJsonHasTheSameFacts) {
  Db db = Open();
  FillBottom(db, 100);
  ASSERT_TRUE(db.Delete(Key(7)).ok());
  ASSERT_TRUE(db.Flush().ok());
  const GetExplanation get = Explain(db, Key(7));
  const std::string text = get.ToString();
  EXPECT_TRUE(text.starts_with("get key000007 at seqno 101\n|- active memtable, 0 entries"))
      << text;
  EXPECT_NE(text.find("`- not found: deleted by seqno 101; "), std::string::npos) << text;
  EXPECT_NE(text.find("not asked"), std::string::npos) << text;
  const auto json = nlohmann::json::parse(get.ToJson());
  EXPECT_EQ(json["answer"], "deletion");
  EXPECT_EQ(json["value"], nullptr);
  EXPECT_EQ(json["levels"][0]["tables"][0]["finding"], "deletion");
  EXPECT_EQ(json["levels"][0]["tables"][0]["block"]["entries"], 1);
  const auto scan = nlohmann::json::parse(db.ExplainScan()->ToJson());
  EXPECT_EQ(scan["records"], 99);
  EXPECT_EQ(scan["tombstones"], 1);
  EXPECT_TRUE(db.ExplainScan()->ToString().starts_with("scan from the first key to the last key"));
}

}  // namespace
}  // namespace beachdb
