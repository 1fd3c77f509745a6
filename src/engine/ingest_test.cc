// Bulk loads and tables from outside: one write, straight to where nothing overlaps.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "beachdb/db.h"
#include "io/fault_environment.h"

namespace beachdb {
namespace {

using ::testing::HasSubstr;

const VerifyOptions kDeep{.depth = VerifyDepth::kTree};

class IngestTest : public testing::Test {
 protected:
  IngestTest()
      : directory_(testing::TempDir() + "beachdb_ingest_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directory(directory_);
    Reopen();
  }
  ~IngestTest() override {
    db_.reset();
    std::filesystem::remove_all(directory_);
  }
  void Reopen(int compaction_threads = 1) {
    db_.reset();
    Options options;
    options.write_buffer = 64u << 10;
    options.table_size = 64u << 10;
    options.compaction_threads = compaction_threads;
    options.log = [](LogLevel, std::string_view) {};
    auto db = Db::Open(Path("db"), options);
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    db_.emplace(std::move(db).value());
  }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  static std::string Key(int i) { return fmt::format("key{:06}", i); }

  // A table file of keys [from, to).
  std::string Table(const std::string& name, int from, int to, const std::string& value = "t") {
    auto builder = TableFileBuilder::Create(Path(name));
    EXPECT_TRUE(builder.ok()) << builder.error().ToString();
    for (int i = from; i < to; ++i) EXPECT_TRUE(builder->Add(Key(i), value).ok());
    EXPECT_TRUE(builder->Finish().ok());
    return Path(name);
  }
  Status Ingest(const std::string& path, IngestMode mode = IngestMode::kCopy) {
    return db_->Ingest(std::vector<std::string>{path}, mode);
  }
  int Count(const ReadOptions& read = {}) {
    IteratorOptions options;
    static_cast<ReadOptions&>(options) = read;
    Iterator it = db_->NewIterator(options);
    int count = 0;
    for (it.SeekToFirst(); it.Valid(); it.Next()) ++count;
    EXPECT_TRUE(it.status().ok());
    int back = 0;
    for (it.SeekToLast(); it.Valid(); it.Prev()) ++back;
    EXPECT_EQ(count, back);
    return count;
  }
  std::uint64_t FilesIn(std::size_t level) { return db_->GetStats().levels[level].files; }

  const std::string directory_;
  std::optional<Db> db_;
};

TEST_F(IngestTest, ABulkLoadIsSeenWholeFromItsCommitOnAndNotByOlderSnapshots) {
  ASSERT_TRUE(db_->Put(Key(5), "old").ok());
  {
    const Snapshot before = db_->GetSnapshot();
    {
      auto load = db_->NewBulkLoad();
      ASSERT_TRUE(load.ok());
      for (int i = 0; i < 5000; ++i) ASSERT_TRUE(load->Add(Key(i), std::string(100, 'b')).ok());
      EXPECT_EQ(load->entries(), 5000u);
      EXPECT_EQ(Count(), 1);
      EXPECT_EQ(*db_->Get(Key(5)), "old");
      ASSERT_TRUE(db_->Put(Key(6), "before the commit").ok());
      ASSERT_TRUE(load->Commit().ok());
      EXPECT_FALSE(load->Commit().ok());
      EXPECT_FALSE(load->Add(Key(9999), "").ok());
    }
    ASSERT_TRUE(db_->Put(Key(7), "after it").ok());
    EXPECT_EQ(Count(), 5000);
    EXPECT_EQ(*db_->Get(Key(5)), std::string(100, 'b'));
    EXPECT_EQ(*db_->Get(Key(6)), std::string(100, 'b')) << "its place is that of the commit";
    EXPECT_EQ(*db_->Get(Key(7)), "after it");
    EXPECT_EQ(Count({.snapshot = &before}), 1);
    EXPECT_EQ(db_->Get(Key(5), {.snapshot = &before})->value(), "old");
    EXPECT_EQ(*db_->Get(Key(6), {.snapshot = &before}), std::nullopt);
    ASSERT_TRUE(db_->CompactRange().ok());
    EXPECT_EQ(Count({.snapshot = &before}), 1);
  }
  EXPECT_TRUE(db_->Verify(kDeep)->problems.empty()) << db_->Verify(kDeep)->problems.front();
  Reopen();
  EXPECT_EQ(Count(), 5000);
  EXPECT_EQ(*db_->Get(Key(7)), "after it");
  ASSERT_TRUE(db_->CompactRange().ok());
  EXPECT_EQ(Count(), 5000);
}

TEST_F(IngestTest, TablesGoAsDeepAsNothingOverlapsThem) {
  const auto load = [&](int from, int to) {
    auto bulk = db_->NewBulkLoad();
    for (int i = from; i < to; ++i) ASSERT_TRUE(bulk->Add(Key(i), "v").ok());
    ASSERT_TRUE(bulk->Commit().ok());
  };
  load(0, 100);
  EXPECT_EQ(FilesIn(6), 1u);
  EXPECT_TRUE(db_->GetStats().tables[0].ingested);
  load(200, 300);
  EXPECT_EQ(FilesIn(6), 2u);
  load(50, 60);
  EXPECT_EQ(FilesIn(5), 1u) << "above what it is newer than";
  ASSERT_TRUE(db_->Put(Key(55), "memtable").ok());
  load(54, 56);
  EXPECT_EQ(*db_->Get(Key(55)), "v");
  EXPECT_EQ(Count(), 200);
}

TEST_F(IngestTest, AGiantDoesNotMakeTheTablesBehindItLarger) {
  auto load = db_->NewBulkLoad();
  ASSERT_TRUE(load.ok());
  ASSERT_TRUE(load->Add(Key(0), std::string(1u << 20, 'g')).ok());
  for (int i = 1; i < 4000; ++i) ASSERT_TRUE(load->Add(Key(i), std::string(1000, 'v')).ok());
  ASSERT_TRUE(load->Commit().ok());
  for (const TableStats& table : db_->GetStats().tables) EXPECT_LE(table.entries, 65u);
  EXPECT_EQ(Count(), 4000);
}

TEST_F(IngestTest, ALoadThatIsDroppedOrOutOfOrderLeavesNothing) {
  {
    auto load = db_->NewBulkLoad();
    ASSERT_TRUE(load->Add("b", "1").ok());
    const Status wrong = load->Add("a", "2");
    ASSERT_FALSE(wrong.ok());
    EXPECT_EQ(wrong.error().code(), Code::kInvalidArgument);
    EXPECT_FALSE(load->Commit().ok()) << "the first error stays";
    EXPECT_EQ(db_->Close().error().code(), Code::kBusy);
  }
  {
    auto empty = db_->NewBulkLoad();
    EXPECT_TRUE(empty->Commit().ok());
  }
  EXPECT_EQ(Count(), 0);
  Reopen();
  for (const auto& entry : std::filesystem::directory_iterator(Path("db"))) {
    EXPECT_NE(entry.path().extension(), ".sst") << entry.path();
  }
}

// Many tables: threads of the load lane and the caller build them side by side.
TEST_F(IngestTest, ALoadOfManyTablesKeepsTheOrder) {
  constexpr int kEntries = 60'000;
  for (const int threads : {1, 3}) {
    Reopen(threads);
    {
      auto load = db_->NewBulkLoad();
      for (int i = 0; i < kEntries; ++i) {
        ASSERT_TRUE(load->Add(Key(i), Key(i) + std::string(40, static_cast<char>(threads))).ok());
      }
      ASSERT_TRUE(db_->Put(Key(kEntries / 2), "before the commit").ok());
      ASSERT_TRUE(load->Commit().ok());
    }
    EXPECT_GT(FilesIn(6) + FilesIn(5), 10u);
    EXPECT_EQ(Count(), kEntries);
    for (int i = 0; i < kEntries; i += 997) {
      EXPECT_EQ(*db_->Get(Key(i)), Key(i) + std::string(40, static_cast<char>(threads)));
    }
    EXPECT_TRUE(db_->Verify(kDeep)->problems.empty()) << db_->Verify(kDeep)->problems.front();
  }
}

TEST_F(IngestTest, ALoadOfManyTablesThatIsDroppedLeavesNothing) {
  {
    auto load = db_->NewBulkLoad();
    for (int i = 0; i < 20'000; ++i) ASSERT_TRUE(load->Add(Key(i), Key(i)).ok());
  }
  ASSERT_TRUE(db_->Close().ok());
  for (const auto& entry : std::filesystem::directory_iterator(Path("db"))) {
    EXPECT_NE(entry.path().extension(), ".sst") << entry.path();
  }
}

TEST_F(IngestTest, TablesFromOutsideAreTakenInAsOneWriteByCopyOrByMove) {
  ASSERT_TRUE(db_->Put(Key(10), "old").ok());
  const std::vector<std::string> paths = {Table("b.sst", 100, 200), Table("a.sst", 0, 50)};
  ASSERT_TRUE(db_->Ingest(paths).ok());
  EXPECT_EQ(Count(), 150);
  EXPECT_EQ(*db_->Get(Key(10)), "t");
  EXPECT_TRUE(std::filesystem::exists(paths[0]));
  ASSERT_TRUE(Ingest(Table("c.sst", 40, 60, "c"), IngestMode::kMove).ok());
  EXPECT_FALSE(std::filesystem::exists(Path("c.sst")));
  EXPECT_EQ(*db_->Get(Key(45)), "c");
  EXPECT_EQ(Count(), 160);
  EXPECT_TRUE(db_->Verify(kDeep)->problems.empty()) << db_->Verify(kDeep)->problems.front();
  ASSERT_TRUE(Ingest(paths[1]).ok()) << "the same file again is a new write";
  EXPECT_EQ(*db_->Get(Key(45)), "t");
  Reopen();
  EXPECT_EQ(*db_->Get(Key(45)), "t");
  ASSERT_TRUE(db_->DeleteRange(Key(0), Key(1000)).ok());
  ASSERT_TRUE(db_->CompactRange().ok());
  EXPECT_EQ(Count(), 0);
}

TEST_F(IngestTest, FilesThatAreNoneAreRefusedByNameAndChangeNothing) {
  ASSERT_TRUE(db_->Put("a", "1").ok());
  const std::string good = Table("good.sst", 0, 2000, std::string(100, 'x'));
  const auto refused = [&](const std::vector<std::string>& paths, Code code, const char* want) {
    const Status status = db_->Ingest(paths);
    ASSERT_FALSE(status.ok()) << want;
    EXPECT_EQ(status.error().code(), code) << status.ToString();
    EXPECT_THAT(status.error().message(), HasSubstr(want));
    EXPECT_EQ(Count(), 1);
  };
  refused({Path("nowhere.sst")}, Code::kIoError, "nowhere.sst");
  std::ofstream(Path("text.sst")) << std::string(1000, 'x');
  refused({Path("text.sst")}, Code::kCorruption, "text.sst");
  refused({good, Table("over.sst", 1999, 2100)}, Code::kInvalidArgument,
          "overlap at key 'key001999'");
  std::filesystem::copy_file(good, Path("flipped.sst"));
  {
    std::fstream file(Path("flipped.sst"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(5000);
    file.put('!');
  }
  refused({Path("flipped.sst")}, Code::kCorruption, "flipped.sst");
  ASSERT_TRUE(db_->Flush().ok());
  for (const auto& entry : std::filesystem::directory_iterator(Path("db"))) {
    if (entry.path().extension() != ".sst") continue;
    std::filesystem::copy_file(entry.path(), Path("own.sst"));
  }
  refused({Path("own.sst")}, Code::kInvalidArgument, "a table of a database");
}

TEST_F(IngestTest, ATableFileIsThereWholeOrNotAtAll) {
  {
    auto builder = TableFileBuilder::Create(Path("t.sst"));
    ASSERT_TRUE(builder->Add("a", "1").ok());
  }
  EXPECT_FALSE(std::filesystem::exists(Path("t.sst")));
  auto empty = TableFileBuilder::Create(Path("t.sst"));
  EXPECT_EQ(empty->Finish().error().code(), Code::kInvalidArgument);
  const std::string made = Table("u.sst", 0, 1);
  EXPECT_EQ(TableFileBuilder::Create(made).error().code(), Code::kInvalidArgument);
  EXPECT_EQ(TableFileBuilder::Create(Path("v.sst"), {.block_size = 1}).error().code(),
            Code::kInvalidArgument);
}

// Loads, writers and compactions side by side: no entry of either is lost, levels stay sound.
TEST_F(IngestTest, LoadsRunBesideWritersAndCompactions) {
  std::atomic<bool> failed{false};
  std::thread writer([&] {
    for (int i = 0; i < 20'000 && !failed; ++i) {
      if (!db_->Put(Key(i % 5000) + "w", std::string(50, 'w'), {Durability::kBuffered}).ok()) {
        failed = true;
      }
    }
  });
  for (int round = 0; round < 20 && !failed; ++round) {
    auto load = db_->NewBulkLoad();
    for (int i = round * 100; i < round * 100 + 400; ++i) {
      if (!load->Add(Key(i), std::to_string(round)).ok()) failed = true;
    }
    if (const Status done = load->Commit(); !done.ok()) {
      failed = true;
      ADD_FAILURE() << done.ToString();
    }
    if (*db_->Get(Key(round * 100 + 399)) != std::to_string(round)) failed = true;
  }
  writer.join();
  EXPECT_FALSE(failed);
  EXPECT_EQ(Count(), 5000 + 2300);
  ASSERT_TRUE(db_->CompactRange().ok());
  EXPECT_EQ(Count(), 5000 + 2300);
  EXPECT_TRUE(db_->Verify(kDeep)->problems.empty());
}

// A load shares its commit group with writes that find no log: theirs is not its failure, and its
// tables, which the manifest names, stay.
TEST_F(IngestTest, WritesThatFailInTheGroupOfALoadLeaveItAlone) {
  FaultEnvironment world;
  Options options;
  options.environment = &world;
  options.log = [](LogLevel, std::string_view) {};
  auto opened = Db::Open(Path("faulty"), options);
  ASSERT_TRUE(opened.ok());
  Db db = *std::move(opened);
  world.faults().Inject({.ops = {FileOp::kOpen}, .name = ".wal", .times = 1'000'000});
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < 3; ++i) {
    writers.emplace_back([&] {
      while (!stop) failures += db.Put("key", "value").ok() ? 0 : 1;
    });
  }
  int loaded = 0;
  for (int round = 0; round < 100; ++round) {
    auto load = db.NewBulkLoad();
    EXPECT_TRUE(load->Add(Key(round), "v").ok());
    const Status done = load->Commit();
    EXPECT_TRUE(done.ok()) << done.ToString();
    loaded += done.ok() ? 1 : 0;
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_GT(failures, 0);
  EXPECT_EQ(loaded, 100);
  const auto report = db.Verify(kDeep);
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_TRUE(report->problems.empty()) << report->problems.front();
  for (int round = 0; round < 100; ++round) {
    const auto got = db.Get(Key(round));
    EXPECT_TRUE(got.ok() && got->has_value()) << round;
  }
}

}  // namespace
}  // namespace beachdb
