// The promises of beachdb/backup.h on a real file system; what a power cut leaves is in
// tests/power_cut, what a kill leaves is shown by the crash campaign.
#include "beachdb/backup.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "backup/repository.h"
#include "io/fault_environment.h"
#include "tests/support/scratch.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;

class BackupTest : public testing::Test {
 protected:
  BackupTest()
      : folder_(ScratchDirectory("beachdb_backup_") +
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~BackupTest() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  static Options Quiet() {
    Options options;
    options.write_buffer = 64u << 10;
    options.table_size = 64u << 10;
    options.log = [](LogLevel, std::string_view) {};
    return options;
  }
  static Db Open(const std::string& directory) {
    auto db = Db::Open(directory, Quiet());
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    return std::move(db).value();
  }
  BackupInfo Create(Db& db) const {
    auto made = CreateBackup(db, Path("backups"));
    if (!made.ok()) throw std::runtime_error(made.error().ToString());
    return *made;
  }
  static void Put(Db& db, const std::string& key, const std::string& value = "value") {
    ASSERT_TRUE(db.Put(key, value, {.durability = Durability::kBuffered}).ok());
  }
  static std::string Get(const Db& db, const std::string& key) {
    auto value = db.Get(key);
    return value.ok() ? value->value_or("-") : value.error().ToString();
  }
  // The value of `key` in that backup.
  std::string Restored(std::uint64_t id, const std::string& key) const {
    const std::string target = Path("restored");
    fs::remove_all(target);
    const Status restored = RestoreBackup(Path("backups"), id, target);
    if (!restored.ok()) return restored.ToString();
    Db db = Open(target);
    EXPECT_TRUE(db.Verify()->problems.empty());
    return Get(db, key);
  }
  // The one stored file, of those that end so, that comes first.
  std::string StoredFileOf(const std::string& suffix) const {
    for (const auto& entry : fs::directory_iterator(Path("backups/files"))) {
      if (entry.path().string().ends_with(suffix)) return entry.path();
    }
    throw std::runtime_error("no " + suffix);
  }
  static std::size_t FilesIn(const std::string& directory) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
  }
  static void FlipByte(const std::string& path, std::streamoff offset) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(offset);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(offset);
    file.put(byte);
  }
  static void ExpectError(const Status& status, Code code, const std::string& part) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), code) << status.ToString();
    EXPECT_NE(status.error().message().find(part), std::string::npos) << status.ToString();
  }
  template <typename T>
  static Status StatusOf(const Result<T>& result) {
    return result.ok() ? OkStatus() : Status(result.error());
  }

  const std::string folder_;
};

TEST_F(BackupTest, EachBackupRestoresToItsOwnTimeWithoutTheSource) {
  {
    Db db = Open(Path("db"));
    Put(db, "conch", "first");
    EXPECT_EQ(Create(db).id, 1u);
    Put(db, "conch", "second");
    EXPECT_EQ(Create(db).id, 2u);
    ASSERT_TRUE(db.CompactRange().ok());
    ASSERT_TRUE(db.Delete("conch").ok());
    EXPECT_EQ(Create(db).id, 3u);
  }
  fs::remove_all(Path("db"));
  EXPECT_EQ(Restored(1, "conch"), "first");
  EXPECT_EQ(Restored(2, "conch"), "second");
  EXPECT_EQ(Restored(3, "conch"), "-");
  EXPECT_EQ(Restored(0, "conch"), "-");
}

TEST_F(BackupTest, AnEmptyDatabaseIsBackedUpToo) {
  {
    Db db = Open(Path("db"));
    const BackupInfo info = Create(db);
    EXPECT_EQ(info.files, 1u);
    EXPECT_EQ(info.last_seqno, 0u);
  }
  EXPECT_EQ(Restored(1, "conch"), "-");
}

TEST_F(BackupTest, WhatDidNotChangeIsStoredOnce) {
  Db db = Open(Path("db"));
  for (int i = 0; i < 100; ++i) Put(db, "a" + std::to_string(i), std::string(1000, 'a'));
  const BackupInfo first = Create(db);
  EXPECT_EQ(first.new_files, first.files);
  EXPECT_EQ(first.new_bytes, first.bytes);
  Put(db, "b");
  const BackupInfo second = Create(db);
  EXPECT_EQ(second.files, first.files + 1);
  EXPECT_EQ(second.new_files, 2u);  // one table, one manifest
  EXPECT_LT(second.new_bytes, 10'000u);
  const BackupInfo third = Create(db);
  EXPECT_EQ(third.new_files, 1u);
  EXPECT_EQ(third.last_seqno, second.last_seqno);
  EXPECT_EQ(FilesIn(Path("backups/files")), first.files + 2 + 1);
}

TEST_F(BackupTest, ARestoredDatabaseGoesItsOwnWayInTheSameRepository) {
  {
    Db db = Open(Path("db"));
    Put(db, "conch", "spiral");
    Create(db);
    Put(db, "conch", "of the original");
    Create(db);
  }
  ASSERT_TRUE(RestoreBackup(Path("backups"), 1, Path("fork")).ok());
  {
    Db fork = Open(Path("fork"));
    Put(fork, "conch", "of the fork");
    EXPECT_EQ(Create(fork).id, 3u);
  }
  EXPECT_TRUE(VerifyBackups(Path("backups"))->problems.empty());
  EXPECT_EQ(Restored(2, "conch"), "of the original");
  EXPECT_EQ(Restored(3, "conch"), "of the fork");
}

TEST_F(BackupTest, WritersAndCompactionsGoOnMeanwhile) {
  Db db = Open(Path("db"));
  std::atomic<bool> stop{false};
  std::atomic<int> acknowledged{-1};
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      EXPECT_TRUE(db.Put("key" + std::to_string(i), std::string(500, 'v'),
                         {.durability = Durability::kBuffered})
                      .ok());
      acknowledged = i;
      if (i % 500 == 499) {
        EXPECT_TRUE(db.CompactRange().ok());
      }
    }
  });
  for (std::uint64_t id = 1; id <= 5; ++id) {
    const int before = acknowledged;
    EXPECT_EQ(Create(db).id, id);
    if (before >= 0) {
      EXPECT_NE(Restored(id, "key" + std::to_string(before)), "-");
    }
  }
  stop = true;
  writer.join();
  const auto report = VerifyBackups(Path("backups"));
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->problems.empty());
  EXPECT_EQ(report->backups, 5u);
  EXPECT_EQ(report->unused_files, 0u);
}

TEST_F(BackupTest, PruningKeepsTheNewestAndWhatTheyNeed) {
  Db db = Open(Path("db"));
  Put(db, "kept");
  Put(db, "zebra");
  Create(db);
  Put(db, "more");
  Create(db);
  ASSERT_TRUE(db.CompactRange().ok());
  Create(db);
  Create(db);
  const auto pruned = PruneBackups(Path("backups"), 2);
  ASSERT_TRUE(pruned.ok()) << pruned.error().ToString();
  EXPECT_EQ(pruned->removed, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(pruned->kept, 2u);
  EXPECT_EQ(pruned->files, 4u);  // two tables that were merged since, two manifests
  EXPECT_EQ(FilesIn(Path("backups/files")), 3u);
  EXPECT_EQ(Restored(3, "kept"), "value");
  EXPECT_EQ(Restored(4, "more"), "value");
  EXPECT_EQ(Create(db).id, 5u);
  EXPECT_TRUE(PruneBackups(Path("backups"), 9)->removed.empty());
  ExpectError(StatusOf(PruneBackups(Path("backups"), 0)), Code::kInvalidArgument,
              "keep at least 1");
}

TEST_F(BackupTest, WhatAnInterruptedOneLeftIsRemovedAndNothingElse) {
  Db db = Open(Path("db"));
  Put(db, "conch");
  Create(db);
  const std::string table = StoredFileOf(".sst");
  std::ofstream(table + ".tmp") << "half";
  std::string orphan = table;
  orphan.replace(orphan.find("-000"), 7, "-999999");
  std::ofstream(orphan) << "orphan";
  std::ofstream(Path("backups/backups/000002.backup.tmp")) << "half";
  std::ofstream(Path("backups/files/README")) << "somebody else's";
  EXPECT_EQ(VerifyBackups(Path("backups"))->unused_files, 2u);
  EXPECT_EQ(Create(db).id, 2u);
  EXPECT_FALSE(fs::exists(table + ".tmp"));
  EXPECT_FALSE(fs::exists(orphan));
  EXPECT_FALSE(fs::exists(Path("backups/backups/000002.backup.tmp")));
  EXPECT_TRUE(fs::exists(Path("backups/files/README")));
  std::ofstream(orphan) << "orphan";
  EXPECT_EQ(PruneBackups(Path("backups"), 1)->files, 2u);  // it, and the manifest of backup 1
  EXPECT_FALSE(fs::exists(orphan));
}

TEST_F(BackupTest, DamageIsNamedWithTheBackupsThatItAffects) {
  Db db = Open(Path("db"));
  Put(db, "conch");
  Create(db);
  Create(db);
  const std::string table = StoredFileOf(".sst");
  FlipByte(table, 100);
  const auto report = VerifyBackups(Path("backups"));
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->problems.size(), 1u);
  EXPECT_NE(report->problems[0].find(table + ": checksum of the file is "), std::string::npos);
  EXPECT_NE(report->problems[0].find(", expected "), std::string::npos);
  EXPECT_NE(report->problems[0].find("; needed by backups 1, 2"), std::string::npos);
  ExpectError(RestoreBackup(Path("backups"), 2, Path("target")), Code::kCorruption,
              "needed by backups 1, 2");
  EXPECT_TRUE(fs::is_empty(Path("target"))) << "what a failed restore has written is gone";

  fs::resize_file(table, 10);
  EXPECT_NE(VerifyBackups(Path("backups"), 1)->problems.at(0).find("size is 10 bytes, expected"),
            std::string::npos);
  // The database still has the file, so the next backup puts it right.
  EXPECT_EQ(Create(db).new_files, 2u);
  EXPECT_TRUE(VerifyBackups(Path("backups"))->problems.empty());
  fs::remove(table);
  EXPECT_NE(VerifyBackups(Path("backups"))->problems.at(0).find(": missing; needed by"),
            std::string::npos);
  ExpectError(RestoreBackup(Path("backups"), 0, Path("target")), Code::kCorruption, "missing");
}

TEST_F(BackupTest, ADamagedRecordTakesNoOtherBackupWithIt) {
  Db db = Open(Path("db"));
  Put(db, "conch");
  Create(db);
  ASSERT_TRUE(db.CompactRange().ok());
  Create(db);
  FlipByte(Path("backups/backups/000001.backup"), 20);
  const auto list = ListBackups(Path("backups"));
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->backups.size(), 1u);
  EXPECT_EQ(list->backups[0].id, 2u);
  ASSERT_EQ(list->problems.size(), 1u);
  EXPECT_NE(list->problems[0].find("000001.backup: checksum mismatch"), std::string::npos);
  const std::size_t files = FilesIn(Path("backups/files"));
  ExpectError(StatusOf(PruneBackups(Path("backups"), 1)), Code::kCorruption, "nothing is removed");
  ExpectError(RestoreBackup(Path("backups"), 1, Path("target")), Code::kCorruption,
              "checksum mismatch");
  EXPECT_EQ(Create(db).id, 3u);
  EXPECT_EQ(FilesIn(Path("backups/files")), files + 1) << "what the record may need stays";
  EXPECT_EQ(Restored(2, "conch"), "value");
}

TEST_F(BackupTest, ADamagedSourceMakesNoBackup) {
  {
    Db db = Open(Path("db"));
    Put(db, "conch");
    Create(db);
    Put(db, "whelk", std::string(5000, 'w'));
  }
  std::string newest;
  for (const auto& entry : fs::directory_iterator(Path("db"))) {
    if (entry.path().extension() == ".sst") newest = std::max(newest, entry.path().string());
  }
  FlipByte(newest, 90);
  Db db = Open(Path("db"));
  ExpectError(StatusOf(CreateBackup(db, Path("backups"))), Code::kCorruption,
              newest + ": checksum of the file is ");
  EXPECT_EQ(ListBackups(Path("backups"))->backups.size(), 1u);
  EXPECT_TRUE(VerifyBackups(Path("backups"))->problems.empty());
  EXPECT_EQ(Restored(1, "conch"), "value");
}

TEST_F(BackupTest, WrongArgumentsAreNamed) {
  ExpectError(StatusOf(ListBackups(Path("nowhere"))), Code::kInvalidArgument,
              "is no repository of backups");
  ExpectError(RestoreBackup(Path("nowhere"), 0, Path("target")), Code::kInvalidArgument,
              "is no repository of backups");
  ExpectError(StatusOf(PruneBackups(Path("nowhere"), 1)), Code::kInvalidArgument,
              "is no repository of backups");
  EXPECT_FALSE(fs::exists(Path("nowhere")));
  Db db = Open(Path("db"));
  Put(db, "conch");
  ExpectError(StatusOf(CreateBackup(db, Path("db"))), Code::kInvalidArgument,
              "nor a repository of backups");
  Create(db);
  Create(db);
  ExpectError(RestoreBackup(Path("backups"), 7, Path("target")), Code::kInvalidArgument,
              "holds no backup 7: there are 1, 2");
  ExpectError(StatusOf(VerifyBackups(Path("backups"), 7)), Code::kInvalidArgument,
              "holds no backup 7");
  ExpectError(RestoreBackup(Path("backups"), 1, Path("db")), Code::kInvalidArgument,
              "is not empty");
  std::ofstream(Path("backups/REPOSITORY")) << "something else\n";
  ExpectError(StatusOf(ListBackups(Path("backups"))), Code::kCorruption, "REPOSITORY");
}

TEST_F(BackupTest, HalfARestoreIsNoDatabaseAndSaysSo) {
  Db db = Open(Path("db"));
  Put(db, "conch");
  Create(db);
  FaultEnvironment world;
  std::uint64_t changes = 0;
  {
    ASSERT_TRUE(
        RestoreBackup(Path("backups"), 1, Path("whole"), {.progress = {}, .environment = &world})
            .ok());
    changes = world.faults().ChangeCount();
  }
  int half = 0;
  for (std::uint64_t n = 0; n < changes; ++n) {
    const std::string target = Path("target");
    fs::remove_all(target);
    world.faults().FreezeAfter(n);  // the process dies before its change n
    const Status restored =
        RestoreBackup(Path("backups"), 1, target, {.progress = {}, .environment = &world});
    world.faults().Heal();
    if (!fs::exists(target) || fs::is_empty(target)) continue;
    auto opened = Db::Open(target, Quiet());
    if (fs::exists(target + "/CURRENT")) {
      ASSERT_TRUE(opened.ok()) << n << ": " << opened.error().ToString();
      EXPECT_EQ(Get(*opened, "conch"), "value");
      continue;
    }
    ++half;
    EXPECT_FALSE(restored.ok());
    ASSERT_FALSE(opened.ok()) << n;
    EXPECT_EQ(opened.error().code(), Code::kCorruption);
    EXPECT_NE(opened.error().message().find("a restore of a backup was begun here"),
              std::string::npos)
        << opened.error().message();
    ExpectError(RestoreBackup(Path("backups"), 1, target), Code::kInvalidArgument,
                "holds the beginning of a restore that did not end");
  }
  EXPECT_GE(half, 5);
}

// Each change fails once, in turn: the call says so or does without it, what was there before is
// untouched, and the next call succeeds.
TEST_F(BackupTest, AfterAnyFailureTheNextBackupSucceeds) {
  Db db = Open(Path("db"));
  FaultEnvironment world;
  const BackupOptions options{.progress = {}, .environment = &world};
  for (const Code code : {Code::kIoError, Code::kNoSpace}) {
    std::uint64_t failed = 0;
    for (std::uint64_t n = 0;; ++n) {
      Put(db, "key", std::to_string(n));
      const std::uint64_t before = world.faults().FaultCount();
      world.faults().Inject(
          {.ops = {FileOp::kWrite, FileOp::kSync, FileOp::kOpen, FileOp::kRename,
                   FileOp::kSyncDirectory, FileOp::kCreateDirectory, FileOp::kRemove},
           .skip = n,
           .times = 1,
           .code = code});
      const auto made = CreateBackup(db, Path("backups"), options);
      const auto pruned = PruneBackups(Path("backups"), 2, options);
      const bool hit = world.faults().FaultCount() > before;
      world.faults().Heal();
      if (!made.ok()) {
        ++failed;
        EXPECT_EQ(made.error().code(), code) << made.error().ToString();
      }
      if (!hit) {
        EXPECT_TRUE(made.ok() && pruned.ok());
        break;
      }
      const auto again = CreateBackup(db, Path("backups"), options);
      ASSERT_TRUE(again.ok()) << n << ": " << again.error().ToString();
      const auto report = VerifyBackups(Path("backups"));
      ASSERT_TRUE(report.ok());
      ASSERT_TRUE(report->problems.empty()) << n << ": " << report->problems.front();
      EXPECT_EQ(report->unused_files, 0u) << n;
      EXPECT_EQ(Restored(0, "key"), std::to_string(n));
    }
    EXPECT_GT(failed, 10u);
  }
}

TEST_F(BackupTest, AFullDiskIsToldBeforeAnythingIsCopied) {
  Db db = Open(Path("db"));
  Put(db, "conch", std::string(50'000, 'x'));
  FaultEnvironment world;
  world.faults().LimitSpace(10'000);
  ExpectError(StatusOf(CreateBackup(db, Path("backups"), {.progress = {}, .environment = &world})),
              Code::kNoSpace, "do not fit");
  EXPECT_TRUE(fs::is_empty(Path("backups/files")));
}

TEST_F(BackupTest, OneAtATimeMayChangeARepositoryAndOthersLook) {
  Db db = Open(Path("db"));
  Put(db, "conch");
  Create(db);
  {
    const auto held = Repository::OpenToPrune(SystemEnvironment(), Path("backups"));
    ASSERT_TRUE(held.ok());
    ExpectError(StatusOf(CreateBackup(db, Path("backups"))), Code::kBusy,
                "somebody else is creating or pruning");
    ExpectError(StatusOf(PruneBackups(Path("backups"), 1)), Code::kBusy,
                "somebody else is creating or pruning");
    EXPECT_TRUE(ListBackups(Path("backups")).ok());
    EXPECT_TRUE(VerifyBackups(Path("backups"))->problems.empty());
    EXPECT_EQ(Restored(1, "conch"), "value");
  }
  EXPECT_EQ(Create(db).id, 2u);
}

TEST_F(BackupTest, ProgressEndsWithAllOfIt) {
  Db db = Open(Path("db"));
  Put(db, "conch", std::string(3u << 20, 'x'));
  BackupProgress last;
  BackupOptions options;
  std::uint64_t calls = 0;
  options.progress = [&](const BackupProgress& progress) {
    EXPECT_GE(progress.bytes, last.bytes);
    last = progress;
    ++calls;
  };
  const auto expect_all = [&](std::uint64_t files) {
    EXPECT_GT(calls, 4u);
    EXPECT_EQ(last.files, files);
    EXPECT_EQ(last.files_all, files);
    EXPECT_EQ(last.bytes, last.bytes_all);
    last = {};
    calls = 0;
  };
  ASSERT_TRUE(CreateBackup(db, Path("backups"), options).ok());
  expect_all(2);
  ASSERT_TRUE(VerifyBackups(Path("backups"), 0, options).ok());
  expect_all(2);
  ASSERT_TRUE(RestoreBackup(Path("backups"), 0, Path("target"), options).ok());
  expect_all(2);
}

TEST_F(BackupTest, ReportsAreJson) {
  Db db = Open(Path("db"));
  const BackupInfo info = Create(db);
  EXPECT_NE(info.ToJson().find("{\"id\":1,\"created_micros\":"), std::string::npos);
  EXPECT_EQ(ListBackups(Path("backups"))->ToJson(),
            "{\"backups\":[" + info.ToJson() + "],\"problems\":[]}");
  BackupVerifyReport report{.backups = 1, .problems = {"a \"b\""}};
  EXPECT_EQ(report.ToJson(),
            "{\"ok\":false,\"backups\":1,\"files\":0,\"bytes\":0,\"unused_files\":0,"
            "\"problems\":[\"a \\\"b\\\"\"]}");
  EXPECT_EQ((PruneReport{.removed = {1, 2}, .kept = 3}).ToJson(),
            "{\"removed\":[1,2],\"kept\":3,\"files\":0,\"bytes\":0}");
}

}  // namespace
}  // namespace beachdb
