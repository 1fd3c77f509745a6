// The engine when the disk fails it: what docs/semantics.md says under "Errors", fault by fault.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "beachdb/db.h"
#include "io/fault_file_system.h"
#include "tests/support/test_world.h"

namespace beachdb {
namespace {

class FaultsTest : public testing::Test {
 protected:
  FaultsTest()
      : directory_(testing::TempDir() + "beachdb_faults_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()),
        fs_(PosixFileSystem()),
        world_(fs_) {
    std::filesystem::remove_all(directory_);
  }
  ~FaultsTest() override { std::filesystem::remove_all(directory_); }

  Db Open() {
    Options options;
    options.environment = &world_;
    options.memory_budget = 4u << 20;
    options.write_buffer = 64u << 10;
    options.log = [](LogLevel, std::string_view) {};
    auto db = Db::Open(directory_, std::move(options));
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    return std::move(db).value();
  }

  // One more acknowledged or refused put; what was acknowledged is remembered.
  Status Put(Db& db, Durability durability = Durability::kSync) {
    const std::string key = "key" + std::to_string(next_++);
    Status put = db.Put(key, std::string(500, 'v'), {.durability = durability});
    if (put.ok()) {
      acknowledged_.push_back(key);
    } else {
      refused_.push_back(key);
    }
    return put;
  }
  void ExpectAcknowledgedThere(const Db& db) {
    for (const std::string& key : acknowledged_) {
      const auto value = db.Get(key);
      ASSERT_TRUE(value.ok()) << value.error().ToString();
      ASSERT_TRUE(value->has_value()) << key << " was acknowledged and is lost";
    }
  }

  // The files there, sorted, whose names end so.
  std::vector<std::string> Names(std::string_view ending) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      std::string name = entry.path().filename().string();
      if (name.ends_with(ending)) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  const std::string directory_;
  FaultFileSystem fs_;
  TestWorld world_;
  int next_ = 0;
  std::vector<std::string> acknowledged_;
  std::vector<std::string> refused_;
};

TEST_F(FaultsTest, AfterAFailedSyncWritesAreRefusedAndReadsGoOnUntilReopened) {
  {
    Db db = Open();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(Put(db).ok());
    fs_.Inject({.ops = {FileOp::kSync}, .name = ".wal", .times = 1});
    const Status failed = Put(db);
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code(), Code::kIoError);
    const auto unseen = db.Get(refused_.front());
    ASSERT_TRUE(unseen.ok());
    EXPECT_EQ(*unseen, std::nullopt) << "a write that failed must not be read";
    // The fault is over, but a retried sync would prove nothing.
    for (int i = 0; i < 5; ++i) {
      const Status refused = Put(db, i % 2 == 0 ? Durability::kSync : Durability::kBuffered);
      ASSERT_FALSE(refused.ok());
      EXPECT_EQ(refused.error().code(), Code::kShutDown);
      EXPECT_NE(refused.error().message().find("reopen"), std::string::npos);
    }
    EXPECT_FALSE(db.Flush().ok());
    EXPECT_FALSE(db.SyncWal().ok());
    EXPECT_NE(db.GetStats().background_error, "");
    ExpectAcknowledgedThere(db);
    EXPECT_TRUE(db.Close().ok());
  }
  Db db = Open();
  ExpectAcknowledgedThere(db);
  // The first refused write may be there or not; the later ones never reached the log.
  for (std::size_t i = 1; i < refused_.size(); ++i) {
    EXPECT_EQ(*db.Get(refused_[i]), std::nullopt);
  }
  EXPECT_TRUE(Put(db).ok());
}

TEST_F(FaultsTest, AFailedAppendIsReportedAndTheNextWriteGoesToAFreshLog) {
  {
    Db db = Open();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(Put(db).ok());
    fs_.Inject({.ops = {FileOp::kWrite}, .name = ".wal", .times = 1, .partial_bytes = 100});
    const Status failed = Put(db);
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code(), Code::kIoError);
    for (int i = 0; i < 10; ++i) {
      const Status put = Put(db);
      ASSERT_TRUE(put.ok()) << put.ToString();
    }
    ExpectAcknowledgedThere(db);
    EXPECT_EQ(*db.Get(refused_.front()), std::nullopt);
  }
  Db db = Open();
  ExpectAcknowledgedThere(db);
  EXPECT_EQ(*db.Get(refused_.front()), std::nullopt);
}

TEST_F(FaultsTest, AFullDiskRefusesWritesServesReadsAndWritesResumeByThemselves) {
  {
    Db db = Open();
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(Put(db, Durability::kBuffered).ok());
    fs_.LimitSpace(300u << 10);
    Status put;
    for (int i = 0; i < 5000 && put.ok(); ++i) put = Put(db, Durability::kBuffered);
    ASSERT_FALSE(put.ok()) << "the disk never ran full";
    EXPECT_EQ(put.error().code(), Code::kNoSpace) << put.ToString();
    ExpectAcknowledgedThere(db);
    fs_.AddSpace(64u << 20);
    // Flushes are tried again after a pause; until one has succeeded writes may still be refused,
    // also behind some that the active memtable had room for.
    const std::uint64_t until = SystemClock().MonotonicNanos() + 20'000'000'000;
    for (int accepted = 0; accepted < 500;) {
      put = Put(db, accepted == 0 ? Durability::kSync : Durability::kBuffered);
      if (put.ok()) {
        ++accepted;
      } else {
        ASSERT_LT(SystemClock().MonotonicNanos(), until)
            << "writes did not resume: " << put.ToString();
      }
    }
    ExpectAcknowledgedThere(db);
    ASSERT_TRUE(db.Flush().ok());
    EXPECT_EQ(db.GetStats().background_error, "");
    EXPECT_TRUE(db.Close().ok());
  }
  Db db = Open();
  ExpectAcknowledgedThere(db);
}

TEST_F(FaultsTest, ADatabaseWithoutUnflushedWritesOpensReadsAndClosesOnAFullDisk) {
  {
    Db db = Open();
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(Put(db, Durability::kBuffered).ok());
    fs_.LimitSpace(0);
    // The active log has room for some; then they must be flushed, and there is no room for that.
    EXPECT_EQ(db.Flush().error().code(), Code::kNoSpace);
    fs_.Heal();
    ASSERT_TRUE(db.Close().ok());
  }
  fs_.LimitSpace(0);
  const std::vector<std::string> before = Names("");
  {
    Db db = Open();
    ExpectAcknowledgedThere(db);
    EXPECT_EQ(Put(db).error().code(), Code::kNoSpace);
    EXPECT_TRUE(db.SyncWal().ok()) << "everything is in tables";
    EXPECT_TRUE(db.Close().ok());
  }
  const std::vector<std::string> after = Names("");
  EXPECT_TRUE(std::includes(before.begin(), before.end(), after.begin(), after.end()))
      << "something new was left where there is no room: " << testing::PrintToString(after);
}

TEST_F(FaultsTest, AfterACrashAFullDiskServesReadsAndWritesResumeByThemselves) {
  {
    Db db = Open();
    for (int i = 0; i < 600; ++i) ASSERT_TRUE(Put(db, Durability::kBuffered).ok());
    fs_.Freeze();  // the process dies with several memtables' worth of log
  }
  fs_.Heal();
  const std::vector<std::string> logs = Names(".wal");
  ASSERT_FALSE(logs.empty());
  // Room for one table, not for all of them.
  fs_.Inject({.ops = {FileOp::kWrite}, .name = ".sst", .skip = 1, .code = Code::kNoSpace});
  for (int opening = 0; opening < 2; ++opening) {
    Db db = Open();
    ExpectAcknowledgedThere(db);
    auto iterator = db.NewIterator();
    std::size_t seen = 0;
    for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next()) ++seen;
    EXPECT_EQ(seen, acknowledged_.size());
    EXPECT_EQ(Put(db).error().code(), Code::kNoSpace);
    EXPECT_EQ(Put(db, Durability::kBuffered).error().code(), Code::kNoSpace);
    EXPECT_EQ(db.SyncWal().error().code(), Code::kNoSpace)
        << "what was buffered is in the page cache alone";
    const auto report = db.Verify({.depth = VerifyDepth::kTree});
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->problems, std::vector<std::string>());
    fs_.Freeze();  // and dies again
    static_cast<void>(db.Close().ok());
    fs_.Heal();
    fs_.Inject({.ops = {FileOp::kWrite}, .name = ".sst", .code = Code::kNoSpace});
  }
  {
    Db db = Open();
    fs_.Heal();
    Status put = Put(db);
    const std::uint64_t until = SystemClock().MonotonicNanos() + 20'000'000'000;
    while (!put.ok() && SystemClock().MonotonicNanos() < until) put = Put(db);
    ASSERT_TRUE(put.ok()) << "writes did not resume: " << put.ToString();
    ExpectAcknowledgedThere(db);
    for (const std::string& log : logs) {
      EXPECT_FALSE(std::filesystem::exists(directory_ + "/" + log)) << log << " stayed";
    }
    fs_.Freeze();
  }
  fs_.Heal();
  Db db = Open();
  ExpectAcknowledgedThere(db);
}

TEST_F(FaultsTest, AFlushThatFindsNoSpaceLeavesNoPartOfATable) {
  {
    Db db = Open();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(Put(db, Durability::kBuffered).ok());
    fs_.Freeze();
  }
  fs_.Heal();
  const std::vector<std::string> before = Names(".sst");
  fs_.Inject({.ops = {FileOp::kWrite}, .name = ".sst", .code = Code::kNoSpace});
  Db db = Open();
  EXPECT_EQ(db.Flush().error().code(), Code::kNoSpace);
  EXPECT_TRUE(db.Close().ok()) << "all of it is in the log";
  EXPECT_EQ(Names(".sst"), before);
  fs_.Heal();
  db = Open();
  ExpectAcknowledgedThere(db);
}

TEST_F(FaultsTest, AFailedTableWriteIsTriedAgain) {
  Db db = Open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Put(db).ok());
  fs_.Inject({.ops = {FileOp::kWrite}, .name = ".sst"});
  const Status failed = db.Flush();
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), Code::kIoError);
  EXPECT_NE(failed.error().message().find(".sst"), std::string::npos) << failed.ToString();
  fs_.Heal();
  // Whoever asks for a flush gets a new attempt, not the news of the last one.
  const Status again = db.Flush();
  EXPECT_TRUE(again.ok()) << again.ToString();
  ExpectAcknowledgedThere(db);
}

TEST_F(FaultsTest, AFailedManifestSyncStopsWritesAndLosesNothing) {
  {
    Db db = Open();
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(Put(db).ok());
    fs_.Inject({.ops = {FileOp::kSync}, .name = "MANIFEST", .times = 1});
    EXPECT_FALSE(db.Flush().ok());
    EXPECT_FALSE(Put(db).ok());
    ExpectAcknowledgedThere(db);
    EXPECT_TRUE(db.Close().ok());
  }
  Db db = Open();
  ExpectAcknowledgedThere(db);
  EXPECT_TRUE(Put(db).ok());
}

TEST_F(FaultsTest, AReadErrorIsReportedAndNotCached) {
  Db db = Open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Put(db).ok());
  ASSERT_TRUE(db.Flush().ok());
  ASSERT_TRUE(db.Get("key0").ok());  // opens the table
  fs_.Inject({.ops = {FileOp::kRead}, .name = ".sst", .times = 1});
  const auto failed = db.Get("key19");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), Code::kIoError);
  EXPECT_NE(failed.error().message().find(".sst"), std::string::npos);
  ExpectAcknowledgedThere(db);
}

TEST_F(FaultsTest, AReadErrorInsideAMultiGetFailsTheCallAndNothingElse) {
  Db db = Open();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Put(db).ok());
  ASSERT_TRUE(db.Flush().ok());
  ASSERT_TRUE(db.Get("key0").ok());  // opens the table
  std::vector<std::string_view> keys(acknowledged_.begin(), acknowledged_.end());
  // Each of the reads of the call in turn, until it has no more.
  for (std::uint64_t nth = 0;; ++nth) {
    const ReadOptions cold{.fill_cache = false};
    const std::uint64_t faults = fs_.FaultCount();
    const auto id = fs_.Inject({.ops = {FileOp::kRead}, .name = ".sst", .skip = nth, .times = 1});
    const auto values = db.MultiGet(keys, cold);
    fs_.Remove(id);
    const bool failed = fs_.FaultCount() > faults;
    ASSERT_EQ(values.ok(), !failed);
    if (!failed) {
      EXPECT_GT(nth, 5u) << "every stride reads blocks";
      break;
    }
    EXPECT_EQ(values.error().code(), Code::kIoError);
    EXPECT_NE(values.error().message().find(".sst: data block "), std::string::npos)
        << values.error().message();
    const auto again = db.MultiGet(keys, cold);
    ASSERT_TRUE(again.ok()) << again.error().ToString();
    for (const auto& value : *again) EXPECT_EQ(value, std::string(500, 'v'));
  }
  EXPECT_TRUE(db.Close().ok());
}

// The process dies at its n-th change of the disk, for every n: in the page cache everything before
// is there, and recovery needs no help.
TEST_F(FaultsTest, AnIteratorThatMetAnErrorIsWellAgainAfterTheNextSeek) {
  Db db = Open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Put(db).ok());
  ASSERT_TRUE(db.Flush().ok());
  {
    IteratorOptions options;
    options.upper = "key9";
    Iterator it = db.NewIterator(options);
    fs_.Inject({.ops = {FileOp::kRead}, .name = ".sst", .times = 1});
    it.SeekToFirst();
    ASSERT_FALSE(it.Valid());
    ASSERT_FALSE(it.status().ok());
    int shown = 0;
    for (it.SeekToFirst(); it.Valid(); it.Next()) ++shown;
    EXPECT_EQ(shown, 9);
    EXPECT_TRUE(it.status().ok()) << it.status().error().ToString();
  }
  EXPECT_TRUE(db.Close().ok());
}

TEST_F(FaultsTest, AGetFindsItsKeyHoweverManyRunsLevel0Has) {
  Db db = Open();
  // Compactions read tables, flushes do not.
  const auto unreadable = fs_.Inject({.ops = {FileOp::kRead}, .name = ".sst"});
  constexpr int kRuns = 30;  // above what a get holds in its array, below where writes stop
  for (int run = 0; run < kRuns; ++run) {
    ASSERT_TRUE(db.Put("a", "first").ok());
    ASSERT_TRUE(db.Put("run" + std::to_string(run), std::to_string(run)).ok());
    ASSERT_TRUE(db.Put("z", "last").ok());
    ASSERT_TRUE(db.Flush().ok());
  }
  ASSERT_EQ(db.GetStats().levels[0].files, static_cast<std::uint64_t>(kRuns));
  fs_.Remove(unreadable);
  for (int run = 0; run < kRuns; ++run) {
    const auto value = db.Get("run" + std::to_string(run));
    ASSERT_TRUE(value.ok()) << value.error().ToString();
    EXPECT_EQ(*value, std::to_string(run));
  }
  EXPECT_TRUE(db.Close().ok());
}

TEST_F(FaultsTest, DeathAtAnyChangeOfTheDiskLosesNothingAcknowledged) {
  std::uint64_t changes_max = 0;
  for (std::uint64_t n = 0;; ++n) {
    SCOPED_TRACE("died at change " + std::to_string(n));
    std::filesystem::remove_all(directory_);
    acknowledged_.clear();
    refused_.clear();
    next_ = 0;
    {
      fs_.FreezeAfter(n);
      Options options;
      options.environment = &world_;
      options.memory_budget = 4u << 20;
      options.write_buffer = 64u << 10;
      options.log = [](LogLevel, std::string_view) {};
      auto db = Db::Open(directory_, std::move(options));
      if (db.ok()) {
        for (int i = 0; i < 6; ++i) static_cast<void>(Put(*db).ok());
        static_cast<void>(db->Flush().ok());
        for (int i = 0; i < 6; ++i) static_cast<void>(Put(*db).ok());
        static_cast<void>(db->CompactRange().ok());
        static_cast<void>(Put(*db).ok());
      }
    }
    const bool finished = !fs_.frozen();
    fs_.Heal();
    {
      Db db = Open();
      ExpectAcknowledgedThere(db);
      if (HasFatalFailure()) return;
      const auto report = db.Verify({.depth = VerifyDepth::kTree});
      ASSERT_TRUE(report.ok());
      ASSERT_EQ(report->problems, std::vector<std::string>());
    }
    changes_max = n;
    if (finished) break;
  }
  EXPECT_GT(changes_max, 30u) << "the workload hardly touched the disk";
}

}  // namespace
}  // namespace beachdb
