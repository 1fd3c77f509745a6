// The promises of include/beachdb/db.h that need no fault to be tested.
#include "beachdb/db.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

class DbTest : public testing::Test {
 protected:
  DbTest()
      : directory_(testing::TempDir() + "beachdb_db_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
  }
  ~DbTest() override { std::filesystem::remove_all(directory_); }

  static Options Quiet() {
    Options options;
    options.log = [](LogLevel, std::string_view) {};
    return options;
  }
  Db Open(Options options = Quiet()) {
    auto db = Db::Open(directory_, std::move(options));
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    return std::move(db).value();
  }
  static Code CodeOf(const Status& status) {
    EXPECT_FALSE(status.ok());
    return status.ok() ? Code{} : status.error().code();
  }

  const std::string directory_;
};

TEST_F(DbTest, WhatWasPutIsReadAndWhatWasDeletedIsNot) {
  Db db = Open();
  ASSERT_TRUE(db.Put("conch", "spiral").ok());
  ASSERT_TRUE(db.Put("conch", "spiral shell").ok());
  ASSERT_TRUE(db.Put("empty", "").ok());
  ASSERT_TRUE(db.Put("gone", "soon").ok());
  ASSERT_TRUE(db.Delete("gone").ok());
  EXPECT_EQ(*db.Get("conch"), "spiral shell");
  EXPECT_EQ(*db.Get("empty"), "");
  EXPECT_EQ(*db.Get("gone"), std::nullopt);
  EXPECT_EQ(*db.Get("never"), std::nullopt);
  std::string value = "untouched";
  EXPECT_FALSE(*db.Get("never", &value));
  EXPECT_EQ(value, "untouched");
}

TEST_F(DbTest, EverythingIsThereAfterReopening) {
  {
    Db db = Open();
    WriteBatch batch;
    for (int i = 0; i < 1000; ++i) {
      ASSERT_TRUE(batch.Put("key" + std::to_string(i), std::to_string(i)).ok());
    }
    ASSERT_TRUE(db.Write(batch).ok());
    ASSERT_TRUE(db.Close().ok());
  }
  Db db = Open();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(*db.Get("key" + std::to_string(i)), std::to_string(i));
  }
  EXPECT_EQ(db.GetStats().last_seqno, 1000u);
}

TEST_F(DbTest, TheLimitsOfKeysAndValuesAreClearErrorsAndTheirEdgesWork) {
  Db db = Open();
  EXPECT_EQ(CodeOf(db.Put("", "value")), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(db.Put(std::string(kMaxKeySize + 1, 'k'), "value")), Code::kInvalidArgument);
  EXPECT_EQ(CodeOf(db.Delete("")), Code::kInvalidArgument);
  EXPECT_EQ(db.Get("").error().code(), Code::kInvalidArgument);
  const std::string longest(kMaxKeySize, 'k');
  ASSERT_TRUE(db.Put(longest, "value").ok());
  ASSERT_TRUE(db.Put(std::string(1, '\0'), std::string(40u << 20, 'v')).ok());
  ASSERT_TRUE(db.Flush().ok());
  EXPECT_EQ(*db.Get(longest), "value");
  EXPECT_EQ((*db.Get(std::string(1, '\0')))->size(), 40u << 20);
}

TEST_F(DbTest, ASnapshotSeesItsStateThroughWritesFlushAndCompaction) {
  Db db = Open();
  ASSERT_TRUE(db.Put("a", "1").ok());
  ASSERT_TRUE(db.Put("b", "1").ok());
  {
    const Snapshot snapshot = db.GetSnapshot();
    ASSERT_TRUE(db.Put("a", "2").ok());
    ASSERT_TRUE(db.Delete("b").ok());
    ASSERT_TRUE(db.Put("c", "2").ok());
    ASSERT_TRUE(db.CompactRange().ok());
    EXPECT_EQ(*db.Get("a", {.snapshot = &snapshot}), "1");
    EXPECT_EQ(*db.Get("b", {.snapshot = &snapshot}), "1");
    EXPECT_EQ(*db.Get("c", {.snapshot = &snapshot}), std::nullopt);
    EXPECT_EQ(*db.Get("b"), std::nullopt);
    EXPECT_EQ(db.GetStats().snapshots, 1u);
  }
  EXPECT_EQ(db.GetStats().snapshots, 0u);
}

TEST_F(DbTest, CompactRangeLeavesNoDeadVersionAndNoTombstone) {
  Db db = Open();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 500; ++i) {
      ASSERT_TRUE(db.Put("key" + std::to_string(i), std::string(100, 'x'),
                         {.durability = Durability::kBuffered})
                      .ok());
    }
    ASSERT_TRUE(db.Flush().ok());
  }
  for (int i = 0; i < 500; i += 2) ASSERT_TRUE(db.Delete("key" + std::to_string(i)).ok());
  ASSERT_TRUE(db.CompactRange().ok());
  std::uint64_t entries = 0;
  std::uint64_t tombstones = 0;
  for (const TableStats& table : db.GetStats().tables) {
    entries += table.entries;
    tombstones += table.tombstones;
  }
  EXPECT_EQ(entries, 250u);
  EXPECT_EQ(tombstones, 0u);
}

TEST_F(DbTest, ScansThatHavePaidEnoughGetLevel0Merged) {
  Db db = Open();
  for (int run = 0; run < 2; ++run) {
    for (int i = 0; i < 1000; ++i) {
      ASSERT_TRUE(db.Put("key" + std::to_string(i), std::string(100, 'x'),
                         {.durability = Durability::kBuffered})
                      .ok());
    }
    ASSERT_TRUE(db.Flush().ok());
  }
  const auto runs_after_scans = [&](int scans) {
    for (int scan = 0; scan < scans; ++scan) {
      auto rows = db.NewIterator();
      int count = 0;
      for (rows.SeekToFirst(); rows.Valid(); rows.Next()) ++count;
      EXPECT_EQ(count, 1000);
    }
    // Compacts nothing, but waits for what runs.
    EXPECT_TRUE(db.CompactRange("none", "none").ok());
    return db.GetStats().levels[0].files;
  };
  // A scan costs 41.4 microseconds more, the merge 10 milliseconds and a little.
  EXPECT_EQ(runs_after_scans(200), 2u);
  EXPECT_EQ(runs_after_scans(100), 0u);
}

TEST_F(DbTest, ScansOverDeletedKeysPayForTheMergeThatDropsThem) {
  Db db = Open();
  const auto write_all = [&](const std::function<Status(const std::string& key)>& write) {
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(write("key" + std::to_string(i)).ok());
    ASSERT_TRUE(db.Flush().ok());
  };
  write_all([&](const std::string& key) { return db.Put(key, "x", {Durability::kBuffered}); });
  ASSERT_TRUE(db.CompactRange().ok());
  write_all([&](const std::string& key) { return db.Delete(key, {Durability::kBuffered}); });
  const auto tables_after_scans = [&](int scans) {
    for (int scan = 0; scan < scans; ++scan) {
      auto rows = db.NewIterator();
      rows.SeekToFirst();
      EXPECT_FALSE(rows.Valid());
      EXPECT_TRUE(rows.status().ok());
    }
    EXPECT_TRUE(db.CompactRange("none", "none").ok());  // as above
    return db.GetStats().tables.size();
  };
  // A scan steps over 2000 entries, which costs 50.7 microseconds, the merge 10 milliseconds.
  EXPECT_EQ(tables_after_scans(150), 2u);
  EXPECT_EQ(tables_after_scans(100), 0u);
}

TEST_F(DbTest, GetsThatHavePaidEnoughGetLevel0Merged) {
  Db db = Open();
  for (int run = 0; run < 2; ++run) {
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(db.Put("key" + std::to_string(i), "value", {Durability::kBuffered}).ok());
    }
    ASSERT_TRUE(db.Flush().ok());
  }
  const auto runs_after_gets = [&](int gets) {
    for (int i = 0; i < gets; ++i) EXPECT_TRUE(db.Get("key" + std::to_string(i % 100)).ok());
    EXPECT_TRUE(db.CompactRange("none", "none").ok());  // as above
    return db.GetStats().levels[0].files;
  };
  // A get costs 80 nanoseconds more, the merge 10 milliseconds.
  EXPECT_EQ(runs_after_gets(120'000), 2u);
  EXPECT_EQ(runs_after_gets(20'000), 0u);
}

TEST_F(DbTest, WhatWasCachedStaysCachedThroughCompactionAndWhatWasReadThroughAFlush) {
  Db db = Open();
  const auto key = [](int i) { return "key" + std::to_string(100'000 + i); };
  const auto write = [&] {
    for (int i = 0; i < 20'000; ++i) {
      ASSERT_TRUE(
          db.Put(key(i), std::string(100, 'v'), {.durability = Durability::kBuffered}).ok());
    }
  };
  // How many blocks it takes from the files to read everything.
  const auto read = [&] {
    const std::uint64_t before = db.GetStats().blocks_read;
    for (int i = 0; i < 20'000; ++i) EXPECT_TRUE(db.Get(key(i))->has_value());
    return db.GetStats().blocks_read - before;
  };
  write();
  ASSERT_TRUE(db.Flush().ok());
  EXPECT_GT(read(), 500u) << "nobody had read it: its blocks were not worth their place";
  write();
  EXPECT_EQ(read(), 0u);
  ASSERT_TRUE(db.Flush().ok());
  EXPECT_EQ(read(), 0u);
  ASSERT_TRUE(db.CompactRange().ok());
  EXPECT_EQ(read(), 0u);
}

TEST_F(DbTest, CompactRangeAlsoCleansWhatASnapshotHeldWhenItWasCompactedBefore) {
  Db db = Open();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(db.Put("key" + std::to_string(i), "1").ok());
  {
    const Snapshot snapshot = db.GetSnapshot();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(db.Delete("key" + std::to_string(i)).ok());
    ASSERT_TRUE(db.CompactRange().ok());
    EXPECT_EQ(*db.Get("key7", {.snapshot = &snapshot}), "1");
  }
  ASSERT_TRUE(db.CompactRange().ok());
  EXPECT_TRUE(db.GetStats().tables.empty()) << db.GetStats().ToString();

  const auto entries = [&db] {
    std::uint64_t sum = 0;
    for (const auto& table : db.GetStats().tables) sum += table.entries;
    return sum;
  };
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(db.Put("key" + std::to_string(i), "1").ok());
  {
    const Snapshot snapshot = db.GetSnapshot();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(db.Put("key" + std::to_string(i), "2").ok());
    ASSERT_TRUE(db.CompactRange().ok());
    EXPECT_EQ(*db.Get("key7", {.snapshot = &snapshot}), "1");
    EXPECT_EQ(entries(), 200u);
  }
  ASSERT_TRUE(db.CompactRange().ok());
  EXPECT_EQ(entries(), 100u);
  EXPECT_EQ(*db.Get("key7"), "2");
}

TEST_F(DbTest, AProgramThatOnlyReadsWritesNoLog) {
  const auto logs = [this] {
    return std::ranges::count_if(
        std::filesystem::directory_iterator(directory_),
        [](const auto& entry) { return entry.path().extension() == ".wal"; });
  };
  {
    Db db = Open();
    ASSERT_TRUE(db.Put("conch", "spiral").ok());
    EXPECT_EQ(logs(), 1);
    ASSERT_TRUE(db.Flush().ok());
    EXPECT_EQ(*db.Get("conch"), "spiral");
    ASSERT_TRUE(db.Close().ok());
  }
  Db db = Open();
  EXPECT_EQ(*db.Get("conch"), "spiral");
  ASSERT_TRUE(db.Flush().ok());
  ASSERT_TRUE(db.SyncWal().ok());
  EXPECT_EQ(logs(), 0);
}

TEST_F(DbTest, CloseIsRefusedWhileReadersHoldOn) {
  Db db = Open();
  ASSERT_TRUE(db.Put("a", "1").ok());
  {
    Iterator it = db.NewIterator();
    it.SeekToFirst();
    EXPECT_EQ(CodeOf(db.Close()), Code::kBusy);
    EXPECT_EQ(it.key(), "a");
    ASSERT_TRUE(db.Put("b", "2").ok()) << "still open";
  }
  {
    const Snapshot snapshot = db.GetSnapshot();
    EXPECT_EQ(CodeOf(db.Close()), Code::kBusy);
  }
  ASSERT_TRUE(db.Close().ok());
  EXPECT_EQ(CodeOf(db.Put("c", "3")), Code::kShutDown);
  EXPECT_EQ(db.Get("a").error().code(), Code::kShutDown);
  Iterator it = db.NewIterator();
  it.SeekToFirst();
  EXPECT_FALSE(it.Valid());
  EXPECT_EQ(CodeOf(it.status()), Code::kShutDown);
}

TEST_F(DbTest, ASecondOpenerIsToldWhoHoldsTheDirectory) {
  Db db = Open();
  const auto second = Db::Open(directory_, Quiet());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Code::kBusy);
  EXPECT_NE(second.error().message().find(std::to_string(getpid())), std::string::npos)
      << second.error().message();
}

TEST_F(DbTest, OpenCreatesOnlyWhatItMay) {
  Options options = Quiet();
  options.create_if_missing = false;
  EXPECT_EQ(Db::Open(directory_, options).error().code(), Code::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(directory_)) << "a refused open must leave no trace";
  { const Db db = Open(); }
  EXPECT_TRUE(Db::Open(directory_, options).ok());
  options.error_if_exists = true;
  EXPECT_EQ(Db::Open(directory_, options).error().code(), Code::kInvalidArgument);
}

TEST_F(DbTest, OptionsOutOfRangeAreNamed) {
  Options options = Quiet();
  options.write_buffer = 1;
  const auto db = Db::Open(directory_, options);
  ASSERT_FALSE(db.ok());
  EXPECT_NE(db.error().message().find("write_buffer"), std::string::npos);
}

TEST_F(DbTest, AMissingTableOrCurrentIsNamed) {
  {
    Db db = Open();
    ASSERT_TRUE(db.Put("a", "1").ok());
  }
  std::string table;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    if (entry.path().extension() == ".sst") table = entry.path().string();
  }
  ASSERT_FALSE(table.empty());
  std::filesystem::rename(table, table + ".away");
  auto db = Db::Open(directory_, Quiet());
  ASSERT_FALSE(db.ok());
  EXPECT_EQ(db.error().code(), Code::kCorruption);
  EXPECT_NE(db.error().message().find(std::filesystem::path(table).filename().string()),
            std::string::npos);
  std::filesystem::rename(table + ".away", table);
  std::filesystem::rename(directory_ + "/CURRENT", directory_ + "/elsewhere");
  db = Db::Open(directory_, Quiet());
  ASSERT_FALSE(db.ok());
  EXPECT_EQ(db.error().code(), Code::kCorruption);
  EXPECT_NE(db.error().message().find("CURRENT"), std::string::npos);
}

TEST_F(DbTest, OrphansAreRemovedAndForeignFilesAreNotTouched) {
  { const Db db = Open(); }
  for (const char* name : {"000999.sst", "CURRENT.tmp", "000001.wal", "notes.txt"}) {
    std::ofstream(directory_ + "/" + name) << "left behind";
  }
  { const Db db = Open(); }
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/000999.sst"));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/CURRENT.tmp"));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/000001.wal"));
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/notes.txt"));
}

TEST_F(DbTest, VerifyNamesTheFileThatWasDamagedAndTheRestStaysReadable) {
  Db db = Open();
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(db.Put("key" + std::to_string(i), std::string(100, 'v'),
                       {.durability = Durability::kBuffered})
                    .ok());
  }
  ASSERT_TRUE(db.Flush().ok());
  ASSERT_TRUE(db.Put("in the log", "only").ok());
  const auto sound = db.Verify();
  ASSERT_TRUE(sound.ok()) << sound.error().ToString();
  EXPECT_EQ(sound->problems, std::vector<std::string>());
  EXPECT_EQ(sound->entries, 2000u);
  EXPECT_EQ(sound->files, 5u) << "a table, CURRENT, IDENTITY, a MANIFEST, a log";
  for (const char* damaged : {".sst", "MANIFEST", "CURRENT", "IDENTITY"}) {
    SCOPED_TRACE(damaged);
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      if (entry.path().filename().string().find(damaged) == std::string::npos) continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      const auto middle = static_cast<std::streamoff>(entry.file_size() / 2);
      file.seekg(middle);
      const char good = static_cast<char>(file.get());
      const auto put = [&](char byte) {
        file.seekp(middle);
        file.put(byte);
        file.flush();
      };
      put(static_cast<char>(good ^ 0x10));
      const auto report = db.Verify();
      ASSERT_TRUE(report.ok()) << report.error().ToString();
      ASSERT_FALSE(report->problems.empty());
      EXPECT_NE(report->problems.front().find(entry.path().filename().string()), std::string::npos)
          << report->problems.front();
      put(good);
    }
  }
  EXPECT_EQ(*db.Get("key0"), std::string(100, 'v'));
}

TEST_F(DbTest, ACallersLogGetsTheIndexThatItMayForget) {
  Options options = Quiet();
  options.log_owner = LogOwner::kCaller;
  const auto put = [](Db& db, std::uint64_t index) {
    return db.Put("key" + std::to_string(index), std::to_string(index), {.applied_index = index});
  };
  {
    Db db = Open(options);
    for (std::uint64_t i = 1; i <= 10; ++i) ASSERT_TRUE(put(db, i).ok());
    EXPECT_EQ(db.AppliedIndex(), 10u);
    EXPECT_EQ(db.DurableIndex(), 0u);
    EXPECT_EQ(CodeOf(put(db, 10)), Code::kInvalidArgument) << "an index is applied once";
    ASSERT_TRUE(db.Flush().ok());
    EXPECT_EQ(db.DurableIndex(), 10u);
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      EXPECT_NE(entry.path().extension(), ".wal");
    }
  }
  Db db = Open(options);
  EXPECT_EQ(db.AppliedIndex(), 10u);
  EXPECT_EQ(*db.Get("key10"), "10");
  ASSERT_TRUE(put(db, 11).ok());
}

TEST_F(DbTest, AnAppliedIndexSurvivesInTheDatabasesOwnLog) {
  {
    Db db = Open();
    ASSERT_TRUE(db.Put("a", "1", {.applied_index = 7}).ok());
    EXPECT_EQ(db.AppliedIndex(), 7u);
  }
  Db db = Open();
  EXPECT_EQ(db.AppliedIndex(), 7u);
  EXPECT_EQ(db.DurableIndex(), 7u);
}

TEST_F(DbTest, ThreadsReadTheirOwnWritesAndBatchesAreNeverSeenInHalves) {
  Options options = Quiet();
  options.write_buffer = 64u << 10;  // many switches, flushes and compactions on the way
  options.memory_budget = 4u << 20;
  Db db = Open(options);
  constexpr int kWriters = 3;
  std::atomic<bool> done{false};
  std::thread observer([&] {
    std::string left;
    std::string right;
    while (!done.load()) {
      const Snapshot snapshot = db.GetSnapshot();
      for (int t = 0; t < kWriters; ++t) {
        const std::string suffix = std::to_string(t);
        const auto a = db.Get("left" + suffix, &left, {.snapshot = &snapshot});
        const auto b = db.Get("right" + suffix, &right, {.snapshot = &snapshot});
        ASSERT_TRUE(a.ok() && b.ok());
        ASSERT_EQ(*a, *b);
        if (*a) {
          ASSERT_EQ(left, right);
        }
      }
    }
  });
  std::vector<std::thread> writers;
  for (int t = 0; t < kWriters; ++t) {
    writers.emplace_back([&, t] {
      const std::string suffix = std::to_string(t);
      for (int i = 0; i < 3000; ++i) {
        WriteBatch batch;
        const std::string value = std::to_string(i) + std::string(200, 'x');
        ASSERT_TRUE(batch.Put("left" + suffix, value).ok());
        ASSERT_TRUE(batch.Put("fill" + suffix + std::to_string(i), value).ok());
        ASSERT_TRUE(batch.Put("right" + suffix, value).ok());
        ASSERT_TRUE(db.Write(batch, {.durability =
                                         i % 100 == 0 ? Durability::kSync : Durability::kBuffered})
                        .ok());
        ASSERT_EQ(*db.Get("right" + suffix), value);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done = true;
  observer.join();
  const Stats stats = db.GetStats();
  EXPECT_EQ(stats.last_seqno, std::uint64_t{kWriters} * 3000 * 3);
  EXPECT_GT(stats.flushes, 5u);
  EXPECT_LE(stats.commit_groups, stats.batches);
}

}  // namespace
}  // namespace beachdb
