#include "wal/log_writer.h"

#include <filesystem>
#include <random>
#include <thread>

#include <gmock/gmock.h>

#include "io/fault_file_system.h"
#include "wal/log_reader.h"
#include "wal/log_test_util.h"

namespace beachdb {
namespace {

using ::testing::HasSubstr;

// On the real file system, since that is where mappings and threads meet.
class LogWriterTest : public ::testing::Test {
 protected:
  LogWriterTest() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    directory_ = std::filesystem::temp_directory_path() /
                 fmt::format("beachdb-{}-{}", test->name(), std::random_device()());
    std::filesystem::create_directories(directory_);
  }
  ~LogWriterTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(std::uint64_t number) const {
    return JoinPath(directory_.string(), LogName(number));
  }

  std::unique_ptr<LogWriter> Make(std::uint64_t number, std::uint64_t capacity = 8 << 20) {
    auto log = LogWriter::Create(faults_, Path(number), {kTestDatabase, number}, capacity, 1);
    EXPECT_TRUE(log.ok()) << log.error().ToString();
    return std::move(log).value();
  }

  static Status AppendOne(LogWriter& log, Seqno seqno, Seqno durable, LogPath how,
                          std::size_t value_size = 10) {
    const std::string batch = TestBatch(seqno, 1, value_size);
    const LogEntry entry{seqno, 0, batch};
    return log.Append(std::span(&entry, 1), durable, how);
  }

  // Reads through another descriptor: what the kernel shows, whoever stored it.
  std::vector<std::string> Batches(std::uint64_t number) {
    auto reader = LogReader::Open(faults_, Path(number), {kTestDatabase, number}).value();
    std::vector<std::string> batches;
    LogRecord record;
    while (reader->Next(record).value()) batches.emplace_back(record.batch);
    EXPECT_TRUE(IsCleanEnd(reader->stop().fault)) << reader->stop().message;
    return batches;
  }

  std::filesystem::path directory_;
  FaultFileSystem faults_{PosixFileSystem()};
};

TEST_F(LogWriterTest, AppendsOfBothPathsAreVisibleAtOnceToOtherDescriptors) {
  auto log = Make(3);
  std::vector<std::string> want;
  for (Seqno seqno = 1; seqno <= 200; ++seqno) {
    want.push_back(TestBatch(seqno, 1, seqno * 3));
    const LogPath how = seqno % 3 == 0 ? LogPath::kWritten : LogPath::kMapped;
    ASSERT_TRUE(AppendOne(*log, seqno, 0, how, seqno * 3).ok());
    if (seqno % 50 != 0) continue;
    ASSERT_EQ(Batches(3), want) << "the writer is still open";
  }
  log.reset();
  EXPECT_EQ(Batches(3), want);
}

TEST_F(LogWriterTest, AGroupIsOneWriteOfOneRecordPerEntry) {
  auto log = Make(3);
  const std::string a = TestBatch(1);
  const std::string b = TestBatch(2, 5);
  const LogEntry group[] = {{1, 0, a}, {2, 9, b}};
  const std::uint64_t writes = faults_.Count(FileOp::kWrite);
  ASSERT_TRUE(log->Append(group, 0, LogPath::kWritten).ok());
  EXPECT_EQ(faults_.Count(FileOp::kWrite), writes + 1);
  ASSERT_TRUE(log->Append(std::span(group).first(1), 0, LogPath::kMapped).ok());
  EXPECT_EQ(faults_.Count(FileOp::kWrite), writes + 1) << "a mapped append makes no system call";
  EXPECT_EQ(Batches(3), (std::vector<std::string>{a, b, a}));
}

TEST_F(LogWriterTest, RoomIsExactEnoughThatALogMadeForAnEntryHoldsIt) {
  for (const std::size_t size : {0, 1, 5000, 1 << 20, 6 << 20}) {
    const std::string batch = TestBatch(1, 1, size);
    auto log = Make(size + 1, LogWriter::CapacityFor(batch.size(), 1));
    EXPECT_TRUE(log->HasRoom(batch.size(), 1));
    EXPECT_FALSE(log->HasRoom(batch.size() + 8192, 1));
    const LogEntry entry{1, 0, batch};
    ASSERT_TRUE(log->Append(std::span(&entry, 1), 0, LogPath::kWritten).ok());
    EXPECT_EQ(Batches(size + 1), std::vector<std::string>{batch});
  }
}

TEST_F(LogWriterTest, ALogFilledToTheBrimHoldsEverything) {
  auto log = Make(3, 64 << 10);
  std::vector<std::string> want;
  for (Seqno seqno = 1; log->HasRoom(TestBatch(seqno).size(), 1); ++seqno) {
    want.push_back(TestBatch(seqno));
    ASSERT_TRUE(
        AppendOne(*log, seqno, 0, seqno % 2 == 0 ? LogPath::kMapped : LogPath::kWritten).ok());
  }
  EXPECT_GT(want.size(), 800u);
  EXPECT_LE(log->end_offset(), log->capacity());
  EXPECT_EQ(Batches(3), want);
}

TEST_F(LogWriterTest, ARecycledLogShowsNothingOfItsFormerLife) {
  auto log = Make(3);
  for (Seqno seqno = 1; seqno <= 100; ++seqno) {
    ASSERT_TRUE(AppendOne(*log, seqno, 0, LogPath::kWritten).ok());
  }
  const std::uint64_t record = log->bytes_appended() / 100;
  const RetiredLog old = log->Retire();
  const std::uint64_t capacity = log->capacity();
  log.reset();
  auto again = LogWriter::Recycle(faults_, Path(3), Path(9), {kTestDatabase, 9}, capacity, old, 2);
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(faults_.Exists(Path(3)).value());
  EXPECT_TRUE(Batches(9).empty());
  std::vector<std::string> want;
  for (Seqno seqno = 101; seqno <= 150; ++seqno) {
    // At the same offsets as the old records, so that a stale one follows every new one.
    want.push_back(TestBatch(seqno));
    ASSERT_TRUE(AppendOne(**again, seqno, 100, LogPath::kMapped).ok());
    ASSERT_EQ((*again)->bytes_appended(), want.size() * record);
    ASSERT_EQ(Batches(9), want);
  }
}

TEST_F(LogWriterTest, ARecycledLogThatWasSyncedNeedsNoPrewriting) {
  auto log = Make(3, 2 << 20);
  for (Seqno seqno = 1; log->HasRoom(1100, 1); ++seqno) {
    ASSERT_TRUE(AppendOne(*log, seqno, 0, LogPath::kMapped, 1000).ok());
  }
  ASSERT_TRUE(log->Sync().ok());
  const RetiredLog old = log->Retire();
  log.reset();
  auto again =
      LogWriter::Recycle(faults_, Path(3), Path(9), {kTestDatabase, 9}, 2 << 20, old, 2).value();
  ASSERT_TRUE(again->Sync().ok());
  EXPECT_FALSE(again->needs_prewrite());
}

TEST_F(LogWriterTest, WhatNobodySyncedIsNotWrittenToTheDeviceForTheNextLife) {
  const auto syncs_of_recycling = [this](bool synced_before) {
    auto log = Make(3, 4 << 20);
    for (Seqno seqno = 1; seqno <= 3000; ++seqno) {
      EXPECT_TRUE(AppendOne(*log, seqno, 0, LogPath::kMapped, 1000).ok());
    }
    EXPECT_GT(log->bytes_appended(), 2 * LogWriter::kPrewriteBytes);
    EXPECT_TRUE(!synced_before || log->Sync().ok());
    const RetiredLog old = log->Retire();
    log.reset();
    EXPECT_EQ(old.synced, synced_before);
    EXPECT_EQ(old.written_through > LogWriter::kPrewriteBytes, synced_before);
    faults_.StartRecording();
    auto again =
        LogWriter::Recycle(faults_, Path(3), Path(9), {kTestDatabase, 9}, 4 << 20, old, 2).value();
    std::vector<std::string> syncs;
    for (const FileCall& call : faults_.StopRecording()) {
      if (call.op == FileOp::kSync) syncs.push_back(call.ToString());
    }
    EXPECT_TRUE(again->Sync().ok());
    EXPECT_EQ(again->needs_prewrite(), !synced_before) << "its blocks are not on the device";
    again.reset();
    EXPECT_TRUE(faults_.RemoveFile(Path(9)).ok());
    return syncs;
  };
  EXPECT_THAT(syncs_of_recycling(true), testing::ElementsAre("sync 000009.wal"));
  EXPECT_THAT(syncs_of_recycling(false), testing::ElementsAre("sync 000009.wal 0+4096"));
}

TEST_F(LogWriterTest, PrewritingStaysAheadOfSyncedAppendsOnly) {
  auto log = Make(3, 16 << 20);
  ASSERT_TRUE(AppendOne(*log, 1, 0, LogPath::kMapped).ok());
  EXPECT_FALSE(log->needs_prewrite()) << "nobody waits for a sync";
  ASSERT_TRUE(log->Sync().ok());
  EXPECT_TRUE(log->needs_prewrite());
  ASSERT_TRUE(log->PrewriteAhead().ok());
  EXPECT_FALSE(log->needs_prewrite());
  const std::uint64_t written = log->Retire().written_through;
  EXPECT_GE(written, log->end_offset() + LogWriter::kPrewriteAhead);
  EXPECT_LT(written, log->end_offset() + 2 * LogWriter::kPrewriteAhead);
  EXPECT_EQ(Batches(3).size(), 1u);
}

TEST_F(LogWriterTest, AFailedSyncIsTheAnswerForEver) {
  auto log = Make(3);
  ASSERT_TRUE(AppendOne(*log, 1, 0, LogPath::kWritten).ok());
  faults_.Inject({.ops = {FileOp::kSync}, .times = 1});
  const Status failed = log->Sync();
  ASSERT_FALSE(failed.ok());
  const std::uint64_t syncs = faults_.Count(FileOp::kSync);
  EXPECT_EQ(log->Sync().ToString(), failed.ToString());
  EXPECT_EQ(AppendOne(*log, 2, 0, LogPath::kMapped).ToString(), failed.ToString());
  EXPECT_EQ(faults_.Count(FileOp::kSync), syncs) << "and it is never tried again";
}

TEST_F(LogWriterTest, AFailedWriteEndsTheLogWhereItWas) {
  auto log = Make(3);
  ASSERT_TRUE(AppendOne(*log, 1, 0, LogPath::kWritten).ok());
  const std::uint64_t end = log->end_offset();
  faults_.Inject({.ops = {FileOp::kWrite}, .times = 1, .partial_bytes = 20});
  EXPECT_FALSE(AppendOne(*log, 2, 0, LogPath::kWritten).ok());
  EXPECT_FALSE(AppendOne(*log, 2, 0, LogPath::kMapped).ok());
  EXPECT_EQ(log->end_offset(), end);
  EXPECT_TRUE(log->Sync().ok()) << "what was appended before is none the worse for it";
}

TEST_F(LogWriterTest, AFailedPrewriteLeavesTheLogUsable) {
  auto log = Make(3);
  faults_.Inject({.ops = {FileOp::kWrite}, .times = 1, .code = Code::kNoSpace});
  EXPECT_FALSE(log->PrewriteAhead().ok());
  EXPECT_TRUE(AppendOne(*log, 1, 0, LogPath::kWritten).ok());
  EXPECT_TRUE(log->Sync().ok());
  EXPECT_FALSE(log->needs_prewrite()) << "tried once, not for ever";
}

TEST_F(LogWriterTest, WhereFilesCannotBeMappedTheyAreWritten) {
  faults_.Inject({.ops = {FileOp::kMap}, .code = Code::kNotSupported});
  auto log = Make(3);
  ASSERT_TRUE(AppendOne(*log, 1, 0, LogPath::kMapped).ok());
  ASSERT_TRUE(AppendOne(*log, 2, 0, LogPath::kMapped, 5 << 20).ok());
  EXPECT_EQ(Batches(3).size(), 2u);
}

TEST_F(LogWriterTest, AFailedCreationLeavesNoFile) {
  const std::uint64_t before = faults_.ChangeCount();
  Make(2).reset();
  const std::uint64_t changes = faults_.ChangeCount() - before;
  ASSERT_GE(changes, 5u);
  for (std::uint64_t step = 0; step + 1 < changes; ++step) {
    const auto fault = faults_.Inject({.ops = {FileOp::kAllocate, FileOp::kWrite, FileOp::kSync},
                                       .skip = step,
                                       .times = 1,
                                       .code = Code::kNoSpace});
    const auto log = LogWriter::Create(faults_, Path(3), {kTestDatabase, 3}, 1 << 20, 1);
    faults_.Remove(fault);
    if (log.ok()) break;
    EXPECT_EQ(log.error().code(), Code::kNoSpace);
    EXPECT_FALSE(faults_.Exists(Path(3)).value()) << "after step " << step;
  }
}

// One thread appends by both paths, two sync, one prewrites: nothing appended is ever overwritten
// with zeros, and every record is whole. The appends are large and made beforehand, so that they
// run into the prewriter again and again. (TSan watches the rest.)
TEST_F(LogWriterTest, AppendSyncAndPrewriteRunBesideEachOther) {
  constexpr std::size_t kValue = 30000;
  std::vector<std::string> batches;
  for (Seqno seqno = 1; seqno <= 26; ++seqno) batches.push_back(TestBatch(seqno, 1, kValue));
  for (std::uint64_t number = 3; number < 6; ++number) {
    auto log = Make(number, 32 << 20);
    std::atomic<bool> done{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        while (!done.load()) ASSERT_TRUE(log->Sync().ok());
      });
    }
    threads.emplace_back([&] {
      while (!done.load()) ASSERT_TRUE(log->PrewriteAhead().ok());
    });
    std::vector<std::string> want;
    for (Seqno seqno = 1; log->HasRoom(kValue + 100, 1); ++seqno) {
      want.push_back(batches[seqno % batches.size()]);
      const LogEntry entry{seqno, 0, want.back()};
      const LogPath how = seqno % 7 == 0 ? LogPath::kWritten : LogPath::kMapped;
      ASSERT_TRUE(log->Append(std::span(&entry, 1), 0, how).ok());
    }
    done.store(true);
    for (std::thread& thread : threads) thread.join();
    const std::vector<std::string> found = Batches(number);
    ASSERT_EQ(found.size(), want.size());
    ASSERT_TRUE(found == want);
  }
}

}  // namespace
}  // namespace beachdb
