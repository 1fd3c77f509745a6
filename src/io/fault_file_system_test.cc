#include "io/fault_file_system.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/fault_environment.h"

namespace beachdb {
namespace {

using testing::ElementsAre;

class FaultFileSystemTest : public testing::Test {
 protected:
  FaultFileSystemTest() {
    char pattern[] = "fault_file_system_test.XXXXXX";
    directory_ = ::mkdtemp(pattern);
  }
  ~FaultFileSystemTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  std::unique_ptr<File> Make(const std::string& name) {
    auto file = fs_.Open(Path(name), OpenMode::kCreate, IoMode::kBuffered);
    EXPECT_TRUE(file.ok());
    return file.ok() ? std::move(file).value() : nullptr;
  }
  std::string Contents(const std::string& name) {
    return PosixFileSystem().ReadFile(Path(name), 1u << 20).value();
  }

  FaultFileSystem fs_{PosixFileSystem()};
  std::string directory_;
};

TEST_F(FaultFileSystemTest, WithoutFaultsItIsTheFileSystemBelow) {
  const auto file = Make("a");
  EXPECT_TRUE(file->WriteAt(0, "shell").ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(*file->Size(), 5u);
  EXPECT_EQ(*fs_.ReadFile(Path("a"), 10), "shell");
  EXPECT_TRUE(fs_.SyncDirectory(directory_).ok());
  EXPECT_TRUE(*fs_.Exists(Path("a")));
  EXPECT_EQ(*fs_.List(directory_), std::vector<std::string>{"a"});
  EXPECT_EQ(fs_.FaultCount(), 0u);
}

TEST_F(FaultFileSystemTest, TheNthCallOfAKindFailsWithTheCodeAndThenItGoesOn) {
  const auto file = Make("000008.wal");
  fs_.Inject({.ops = {FileOp::kSync}, .skip = 1, .times = 2, .code = Code::kNoSpace});
  EXPECT_TRUE(file->Sync().ok());
  const Status failed = file->Sync();
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.ToString(), "no space: sync 000008.wal: injected fault");
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(fs_.FaultCount(), 2u);
  EXPECT_EQ(fs_.Count(FileOp::kSync), 4u);
}

TEST_F(FaultFileSystemTest, OnlyTheNamedFilesFailAndFoldersDoNotCount) {
  const auto wal = Make("000008.wal");
  const auto sst = Make("000007.sst");
  const auto id = fs_.Inject({.name = ".sst"});
  fs_.Inject({.name = directory_});
  EXPECT_TRUE(wal->WriteAt(0, "x").ok());
  EXPECT_FALSE(sst->WriteAt(0, "x").ok());
  EXPECT_FALSE(sst->Size().ok());
  EXPECT_FALSE(fs_.Rename(Path("000008.wal"), Path("x.sst")).ok()) << "the new name counts too";
  fs_.Remove(id);
  EXPECT_TRUE(sst->WriteAt(0, "x").ok());
}

TEST_F(FaultFileSystemTest, AFailedCallHasNoEffectBelow) {
  const auto file = Make("a");
  ASSERT_TRUE(file->WriteAt(0, "old").ok());
  fs_.Inject({});
  EXPECT_FALSE(file->WriteAt(0, "new").ok());
  EXPECT_FALSE(file->Truncate(1).ok());
  EXPECT_FALSE(file->Allocate(100).ok());
  EXPECT_FALSE(file->Map(3).ok());
  char out[3];
  EXPECT_FALSE(file->ReadAt(0, out).ok());
  EXPECT_FALSE(fs_.Rename(Path("a"), Path("b")).ok());
  EXPECT_FALSE(fs_.RemoveFile(Path("a")).ok());
  EXPECT_FALSE(fs_.Link(Path("a"), Path("b")).ok());
  EXPECT_FALSE(fs_.Open(Path("a"), OpenMode::kReplace, IoMode::kBuffered).ok());
  EXPECT_FALSE(fs_.CreateDirectory(Path("d")).ok());
  EXPECT_FALSE(fs_.Lock(Path("LOCK")).ok());
  EXPECT_EQ(Contents("a"), "old");
  EXPECT_EQ(*PosixFileSystem().List(directory_), std::vector<std::string>{"a"});
}

TEST_F(FaultFileSystemTest, AFailingWriteMayLeaveAPart) {
  const auto file = Make("a");
  fs_.Inject({.ops = {FileOp::kWrite}, .times = 1, .partial_bytes = 4});
  EXPECT_FALSE(file->WriteAt(0, "periwinkle").ok());
  EXPECT_EQ(Contents("a"), "peri");
}

TEST_F(FaultFileSystemTest, AfterTheFreezeReadsGoOnAndNothingChanges) {
  const auto file = Make("a");
  fs_.FreezeAfter(2);
  EXPECT_TRUE(file->WriteAt(0, "one").ok());
  EXPECT_FALSE(fs_.frozen());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_TRUE(fs_.frozen());
  EXPECT_EQ(file->WriteAt(0, "two").error().code(), Code::kIoError);
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_FALSE(fs_.SyncDirectory(directory_).ok());
  EXPECT_FALSE(fs_.Rename(Path("a"), Path("b")).ok());
  EXPECT_EQ(*fs_.ReadFile(Path("a"), 10), "one");
  fs_.Heal();
  EXPECT_TRUE(file->WriteAt(0, "two").ok());
  EXPECT_EQ(Contents("a"), "two");
}

TEST_F(FaultFileSystemTest, ADiskFillsUpGivesBackAndGoesOn) {
  fs_.LimitSpace(10);
  const auto file = Make("a");
  EXPECT_TRUE(file->WriteAt(0, "12345678").ok());
  EXPECT_TRUE(file->WriteAt(0, "87654321").ok()) << "overwriting needs no space";
  EXPECT_EQ(*fs_.FreeSpace(directory_), 2u);
  const Status full = file->WriteAt(4, "abcdefgh");
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code(), Code::kNoSpace);
  EXPECT_EQ(Contents("a"), "8765abcdef") << "what fits is written";
  EXPECT_EQ(file->Allocate(11).error().code(), Code::kNoSpace);
  fs_.AddSpace(5);
  EXPECT_TRUE(file->Allocate(12).ok());
  ASSERT_TRUE(file->Truncate(2).ok());
  EXPECT_EQ(*fs_.FreeSpace(directory_), 13u);
  ASSERT_TRUE(fs_.RemoveFile(Path("a")).ok());
  EXPECT_EQ(*fs_.FreeSpace(directory_), 15u);
}

TEST_F(FaultFileSystemTest, AFailedAllocationTakesNothing) {
  fs_.LimitSpace(10);
  const auto file = Make("a");
  EXPECT_FALSE(file->Allocate(11).ok());
  EXPECT_EQ(*fs_.FreeSpace(directory_), 10u);
  EXPECT_EQ(*file->Size(), 0u);
}

TEST_F(FaultFileSystemTest, ARecordingTellsTheCallsInOrder) {
  fs_.StartRecording();
  ASSERT_TRUE(fs_.WriteFileSynced(Path("CURRENT.tmp"), "MANIFEST").ok());
  ASSERT_TRUE(fs_.Rename(Path("CURRENT.tmp"), Path("CURRENT")).ok());
  fs_.Inject({.ops = {FileOp::kSyncDirectory}});
  ASSERT_FALSE(fs_.SyncDirectory(".").ok());
  std::vector<std::string> calls;
  for (const FileCall& call : fs_.StopRecording()) calls.push_back(call.ToString());
  EXPECT_THAT(calls, ElementsAre("open CURRENT.tmp", "write CURRENT.tmp 0+8", "sync CURRENT.tmp",
                                 "rename CURRENT.tmp CURRENT", "sync-directory . failed"));
  ASSERT_TRUE(fs_.Exists(Path("CURRENT")).ok());
  EXPECT_TRUE(fs_.StopRecording().empty());
}

TEST_F(FaultFileSystemTest, ManyThreadsMeetExactlyTheFaultsThatWereInjected) {
  const auto file = Make("a");
  fs_.Inject({.ops = {FileOp::kWrite}, .skip = 100, .times = 50});
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        if (!file->WriteAt(static_cast<std::uint64_t>(t), "x").ok()) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, 50);
  EXPECT_EQ(fs_.Count(FileOp::kWrite), 400u);
}

TEST(FaultEnvironmentTest, OnlyTheFileSystemIsReplaced) {
  FaultEnvironment world;
  EXPECT_EQ(&world.file_system(), &world.faults());
  EXPECT_EQ(&world.clock(), &SystemClock());
  world.faults().Freeze();
  EXPECT_FALSE(world.file_system().CreateDirectory("never").ok());
}

}  // namespace
}  // namespace beachdb
