#include "wal/log_files.h"

#include <gmock/gmock.h>

#include "io/clock.h"
#include "io/fault_file_system.h"
#include "wal/log_test_util.h"

namespace beachdb {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::uint64_t kCapacity = 64 << 10;

class LogFilesTest : public ::testing::Test {
 protected:
  LogFiles MakeFiles() {
    return LogFiles(faults_, SystemClock(), logger_, kTestDirectory, kTestDatabase, kCapacity,
                    [this] { return ++number_; });
  }
  std::vector<std::string> Names() { return disk_.List(kTestDirectory).value(); }

  static void Append(LogWriter& log, Seqno seqno, Seqno durable) {
    const std::string batch = TestBatch(seqno);
    const LogEntry entry{seqno, 0, batch};
    ASSERT_TRUE(log.Append(std::span(&entry, 1), durable, LogPath::kWritten).ok());
  }

  MemoryFileSystem disk_;
  FaultFileSystem faults_{disk_};
  Logger logger_{[](LogLevel, std::string_view) {}};
  std::uint64_t number_ = 0;
};

TEST_F(LogFilesTest, NextHandsOutThePreparedLogWithoutTouchingTheDisk) {
  LogFiles files = MakeFiles();
  ASSERT_TRUE(files.Prepare().ok());
  EXPECT_TRUE(files.prepared());
  ASSERT_TRUE(files.Prepare().ok()) << "again: nothing to do";
  EXPECT_THAT(files.Spares(), ElementsAre(1));
  const std::uint64_t changes = faults_.ChangeCount();
  const auto log = files.Next().value();
  EXPECT_EQ(faults_.ChangeCount(), changes);
  EXPECT_EQ(log->number(), 1u);
  EXPECT_THAT(files.Spares(), IsEmpty());
  EXPECT_EQ(files.Next().value()->number(), 2u) << "made on the spot";
}

TEST_F(LogFilesTest, ALogsNameIsDurableBeforeItIsHandedOut) {
  LogFiles files = MakeFiles();
  Random random(1);
  for (int round = 0; round < 4; ++round) {
    auto log = files.Next().value();
    const std::uint64_t number = log->number();
    log.reset();
    disk_.CutPower(MemoryFileSystem::Unsynced::kLost, random);
    EXPECT_TRUE(disk_.Has(TestLogPath(number))) << number;
    const RecoveryRun run = Recover(disk_, {number});
    ASSERT_TRUE(run.report.ok()) << run.error();
    EXPECT_THAT(run.report->never_used, IsEmpty()) << "the header is durable too";
    files.Retire(number);
  }
}

TEST_F(LogFilesTest, RetiredLogsAreRecycledUnderHigherNumbers) {
  LogFiles files = MakeFiles();
  auto a = files.Next().value();
  Append(*a, 1, 0);
  files.Retire(*a);
  EXPECT_THAT(Names(), ElementsAre("000001.wal"));
  ASSERT_TRUE(files.Prepare().ok());
  EXPECT_THAT(Names(), ElementsAre("000002.wal"));
  auto b = files.Next().value();
  EXPECT_EQ(b->bytes_appended(), 0u);
  Append(*b, 2, 1);
  const RecoveryRun run = Recover(disk_, {2}, 1);
  ASSERT_THAT(run.applied, ::testing::SizeIs(1));
  EXPECT_EQ(run.applied[0].batch, TestBatch(2));
}

// The engine's background may still hold the writer of a log that has been recycled meanwhile.
TEST_F(LogFilesTest, ALatePrewriteOfARetiredLogNeverTouchesItsNextLife) {
  LogFiles files(faults_, SystemClock(), logger_, kTestDirectory, kTestDatabase, 4 << 20,
                 [this] { return ++number_; });
  auto old = files.Next().value();
  Append(*old, 1, 0);
  files.Retire(*old);
  auto log = files.Next().value();
  for (Seqno seqno = 2; seqno < 3000; ++seqno) {
    const std::string batch = TestBatch(seqno, 1, 1000);
    const LogEntry entry{seqno, 0, batch};
    ASSERT_TRUE(log->Append(std::span(&entry, 1), 1, LogPath::kWritten).ok());
  }
  ASSERT_TRUE(old->PrewriteAhead().ok());
  EXPECT_EQ(Recover(disk_, {log->number()}, 1).last(), 2999u);
}

TEST_F(LogFilesTest, OnlyAFewRetiredLogsAreKept) {
  LogFiles files = MakeFiles();
  std::vector<std::unique_ptr<LogWriter>> logs;
  for (int i = 0; i < 5; ++i) logs.push_back(files.Next().value());
  for (const auto& log : logs) files.Retire(*log);
  EXPECT_THAT(files.Spares(), ElementsAre(1, 2));
  EXPECT_THAT(Names(), ElementsAre("000001.wal", "000002.wal"));
  files.RemoveSpares();
  EXPECT_THAT(files.Spares(), IsEmpty());
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(LogFilesTest, LogsOfAnEarlierRunAreRecycledIfTheyHaveTheRightSize) {
  {
    LogFiles files = MakeFiles();
    ASSERT_TRUE(files.Next().ok());
  }
  ASSERT_TRUE(disk_.WriteFileSynced(TestLogPath(2), "short").ok());
  number_ = 2;
  LogFiles files = MakeFiles();
  files.Retire(1);
  files.Retire(2);
  files.Retire(77);  // is not there at all
  EXPECT_THAT(files.Spares(), ElementsAre(1));
  EXPECT_THAT(Names(), ElementsAre("000001.wal"));
}

// Recovery reads logs by number, so a log handed out later must have a higher one.
TEST_F(LogFilesTest, AnOversizedLogOvertakesThePreparedOneWhichGetsANewNumber) {
  LogFiles files = MakeFiles();
  ASSERT_TRUE(files.Prepare().ok());
  const auto large = files.Next(LogWriter::CapacityFor(1 << 20, 1)).value();
  EXPECT_EQ(large->number(), 2u);
  EXPECT_TRUE(large->HasRoom(1 << 20, 1));
  const auto next = files.Next().value();
  EXPECT_GT(next->number(), large->number());
  EXPECT_THAT(Names(), ElementsAre("000002.wal", "000003.wal"));
}

TEST_F(LogFilesTest, AnOversizedLogIsNotKeptWhenItRetires) {
  LogFiles files = MakeFiles();
  files.Retire(*files.Next(1 << 20).value());
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(LogFilesTest, AFullDiskLeavesNothingBehindAndTheCallMayBeRepeated) {
  LogFiles files = MakeFiles();
  faults_.LimitSpace(kCapacity / 2);
  const auto failed = files.Next();
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), Code::kNoSpace);
  EXPECT_EQ(files.Prepare().error().code(), Code::kNoSpace);
  EXPECT_THAT(Names(), IsEmpty());
  faults_.AddSpace(kCapacity);
  EXPECT_TRUE(files.Next().ok());
}

// The process dies at every step of making, recycling and handing out logs, and the power fails
// with it: what was acknowledged comes back, and nothing of a former life does.
TEST_F(LogFilesTest, ACrashAtAnyStepLosesNothingAndReplaysNothingOld) {
  for (const auto fate : {MemoryFileSystem::Unsynced::kLost, MemoryFileSystem::Unsynced::kKept,
                          MemoryFileSystem::Unsynced::kTorn}) {
    for (std::uint64_t step = 0;; ++step) {
      SCOPED_TRACE(fmt::format("fate {} step {}", static_cast<int>(fate), step));
      MemoryFileSystem disk;
      FaultFileSystem faults(disk);
      Seqno in_tables = 0;           // of a MANIFEST: what a flush has made durable,
      std::uint64_t log_number = 0;  // and below which number logs are obsolete
      Seqno durable = 0;
      Seqno next = 1;
      {
        std::uint64_t number = 0;
        LogFiles files(faults, SystemClock(), logger_, kTestDirectory, kTestDatabase, kCapacity,
                       [&] { return ++number; });
        faults.FreezeAfter(step);
        std::unique_ptr<LogWriter> before;
        for (int round = 0; round < 5; ++round) {
          auto log = files.Next();
          if (!log.ok()) break;
          for (int i = 0; i < 3; ++i) {
            const std::string batch = TestBatch(next);
            const LogEntry entry{next, 0, batch};
            if (!(*log)->Append(std::span(&entry, 1), durable, LogPath::kWritten).ok()) break;
            ++next;
          }
          if ((*log)->Sync().ok()) durable = next - 1;
          if (before != nullptr && !faults.frozen()) {
            in_tables = durable - 3;
            log_number = (*log)->number();
            files.Retire(*before);
          }
          before = std::move(*log);
          if (!files.Prepare().ok()) break;
        }
      }
      const bool crashed = faults.frozen();
      Random random(step + 1);
      disk.CutPower(fate, random);
      std::vector<std::uint64_t> numbers;
      const std::vector<std::string> names = disk.List(kTestDirectory).value();
      for (const std::string& name : names) {
        const auto parsed = ParseFileName(name);
        ASSERT_TRUE(parsed.has_value());
        if (parsed->number >= log_number) numbers.push_back(parsed->number);
      }
      const RecoveryRun run = Recover(disk, numbers, in_tables);
      ASSERT_TRUE(run.report.ok()) << run.error();
      EXPECT_GE(run.last(), durable);
      for (const Applied& a : run.applied) EXPECT_EQ(a.batch, TestBatch(a.first));
      if (!crashed) break;
      ASSERT_LT(step, 200u);
    }
  }
}

}  // namespace
}  // namespace beachdb
