// System calls that do less than was asked: interrupted, short, or not supported. The calls are
// replaced in this program by ones that follow a plan, and do the real thing when there is none.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "io/file_system.h"

namespace {

struct CallPlan {
  bool active = false;              // the other fields are for one thread
  int interruptions = 0;            // calls that fail with EINTR first
  std::size_t bytes_max = 1 << 30;  // a call moves at most so many
  bool no_fallocate = false;
  int calls = 0;
};
CallPlan plan;

bool Interrupted() {
  if (!plan.active) return false;
  ++plan.calls;
  if (plan.interruptions == 0) return false;
  --plan.interruptions;
  errno = EINTR;
  return true;
}

}  // namespace

extern "C" {
ssize_t pread(int fd, void* out, std::size_t size, off_t offset) {
  if (Interrupted()) return -1;
  return ::syscall(SYS_pread64, fd, out, std::min(size, plan.bytes_max), offset);
}
ssize_t pwrite(int fd, const void* data, std::size_t size, off_t offset) {
  if (Interrupted()) return -1;
  return ::syscall(SYS_pwrite64, fd, data, std::min(size, plan.bytes_max), offset);
}
int fallocate(int fd, int mode, off_t offset, off_t size) {
  if (plan.no_fallocate) {
    errno = EOPNOTSUPP;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fallocate, fd, mode, offset, size));
}
}

namespace beachdb {
namespace {

class PosixFileCallTest : public testing::Test {
 protected:
  PosixFileCallTest()
      : path_(testing::TempDir() + "beachdb_call_" +
              testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(path_);
  }
  ~PosixFileCallTest() override {
    plan = CallPlan();
    std::filesystem::remove_all(path_);
  }

  std::unique_ptr<File> MustOpen(OpenMode mode, IoMode io = IoMode::kBuffered) {
    auto file = PosixFileSystem().Open(path_, mode, io);
    EXPECT_TRUE(file.ok()) << file.error().ToString();
    return file.ok() ? std::move(*file) : nullptr;
  }
  std::string Contents() {
    plan = CallPlan();
    const auto bytes = PosixFileSystem().ReadFile(path_, 1 << 20);
    return bytes.ok() ? *bytes : bytes.error().ToString();
  }

  const std::string path_;
};

TEST_F(PosixFileCallTest, WritesThatAreShortOrInterruptedAreContinued) {
  const auto file = MustOpen(OpenMode::kCreate);
  plan = {.active = true, .interruptions = 3, .bytes_max = 2};
  ASSERT_TRUE(file->WriteAt(1, "seashell").ok());
  EXPECT_EQ(plan.calls, 3 + 4);
  EXPECT_EQ(Contents(), std::string("\0seashell", 9));
}

TEST_F(PosixFileCallTest, ReadsThatAreShortOrInterruptedAreContinued) {
  const auto file = MustOpen(OpenMode::kCreate);
  ASSERT_TRUE(file->WriteAt(0, "seashell").ok());
  plan = {.active = true, .interruptions = 2, .bytes_max = 3};
  std::string out(20, '?');
  const auto read = file->ReadAt(2, out);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(out.substr(0, *read), "ashell");
}

TEST_F(PosixFileCallTest, WhereAFileSystemCannotAllocateZerosAreWritten) {
  constexpr std::uint64_t kSize = 200'000;  // no multiple of the pieces
  for (const IoMode io : {IoMode::kBuffered, IoMode::kDirect}) {
    std::filesystem::remove_all(path_);
    const auto file = MustOpen(OpenMode::kCreate, io);
    const std::string old(4096, 'o');
    alignas(4096) char aligned[4096];
    old.copy(aligned, sizeof aligned);
    ASSERT_TRUE(file->WriteAt(0, std::string_view(aligned, sizeof aligned)).ok());
    plan.no_fallocate = true;
    const Status allocated = file->Allocate(kSize);
    ASSERT_TRUE(allocated.ok()) << allocated.ToString();
    EXPECT_EQ(*file->Size(), kSize);
    struct stat info {};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_GE(static_cast<std::uint64_t>(info.st_blocks) * 512, kSize) << "really allocated";
    EXPECT_EQ(Contents(), old + std::string(kSize - old.size(), '\0')) << "what was there stays";
    plan.no_fallocate = true;
    ASSERT_TRUE(file->Allocate(100).ok());
    EXPECT_EQ(*file->Size(), kSize) << "an allocation never shortens";
  }
}

TEST_F(PosixFileCallTest, APipeOrADirectoryIsRefusedAndNothingHangs) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0644), 0);
  for (const OpenMode mode : {OpenMode::kRead, OpenMode::kReadWrite, OpenMode::kReplace}) {
    const auto opened = PosixFileSystem().Open(path_, mode);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().message(),
              "open " + path_ + ": expected a file, found a pipe or socket");
  }
  std::filesystem::remove_all(path_);
  std::filesystem::create_directory(path_);
  const auto opened = PosixFileSystem().Open(path_, OpenMode::kRead);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().message(), "open " + path_ + ": expected a file, found a directory");
}

}  // namespace
}  // namespace beachdb
