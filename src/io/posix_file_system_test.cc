#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "io/file_system.h"

namespace beachdb {
namespace {

constexpr std::size_t kPage = 4096;

class PosixFileSystemTest : public testing::Test {
 protected:
  PosixFileSystemTest() {
    char pattern[] = "posix_file_system_test.XXXXXX";
    directory_ = ::mkdtemp(pattern);
  }
  ~PosixFileSystemTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  std::unique_ptr<File> MustOpen(const std::string& name, OpenMode mode,
                                 IoMode io = IoMode::kBuffered) {
    auto file = fs_.Open(Path(name), mode, io);
    if (!file.ok()) {
      ADD_FAILURE() << file.error().ToString();
      std::abort();
    }
    return std::move(file).value();
  }
  std::string Contents(const std::string& name) {
    auto contents = fs_.ReadFile(Path(name), 1u << 30);
    EXPECT_TRUE(contents.ok());
    return contents.ok() ? *contents : "";
  }

  FileSystem& fs_ = PosixFileSystem();
  std::string directory_;
};

TEST_F(PosixFileSystemTest, ASyncOfARangeTakesPagesOfAFileThatIsMappedOrNot) {
  const auto file = fs_.Open(Path("file"), OpenMode::kCreate).value();
  ASSERT_TRUE(file->WriteAt(0, std::string(3 * 4096, 'x')).ok());
  EXPECT_TRUE(file->SyncRange(4096, 4096).ok());
  ASSERT_TRUE(file->Map(2 * 4096).ok());
  EXPECT_TRUE(file->SyncRange(0, 3 * 4096).ok());
  char bytes[4096];
  EXPECT_EQ(file->ReadAt(4096, bytes).value(), sizeof bytes);
  EXPECT_EQ(bytes[0], 'x');
}

TEST_F(PosixFileSystemTest, WhatIsWrittenIsRead) {
  const auto file = MustOpen("shells", OpenMode::kCreate);
  ASSERT_TRUE(file->WriteAt(0, "conch whelk").ok());
  ASSERT_TRUE(file->WriteAt(6, "limpet").ok());
  EXPECT_EQ(*file->Size(), 12u);
  char out[64];
  EXPECT_EQ(*file->ReadAt(0, out), 12u) << "short only at the end of the file";
  EXPECT_EQ(std::string_view(out, 12), "conch limpet");
  EXPECT_EQ(*file->ReadAt(100, out), 0u);
  EXPECT_EQ(file->alignment(), 1u);
  EXPECT_EQ(file->path(), Path("shells"));
}

TEST_F(PosixFileSystemTest, AWriteBehindTheEndLeavesZeros) {
  const auto file = MustOpen("sparse", OpenMode::kCreate);
  ASSERT_TRUE(file->WriteAt(5, "x").ok());
  EXPECT_EQ(Contents("sparse"), std::string(5, '\0') + "x");
}

TEST_F(PosixFileSystemTest, OpenModesDecideAboutExistence) {
  EXPECT_FALSE(fs_.Open(Path("a"), OpenMode::kRead).ok());
  EXPECT_FALSE(fs_.Open(Path("a"), OpenMode::kReadWrite).ok());
  ASSERT_TRUE(MustOpen("a", OpenMode::kCreate)->WriteAt(0, "old").ok());
  const auto again = fs_.Open(Path("a"), OpenMode::kCreate);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().ToString(), "I/O error: open " + Path("a") + ": File exists");
  EXPECT_FALSE(fs_.Open(Path("a"), OpenMode::kCreate, IoMode::kDirect).ok());
  EXPECT_EQ(*MustOpen("a", OpenMode::kReadWrite)->Size(), 3u);
  EXPECT_EQ(*MustOpen("a", OpenMode::kReplace)->Size(), 0u);
  EXPECT_FALSE(MustOpen("a", OpenMode::kRead)->WriteAt(0, "x").ok());
}

TEST_F(PosixFileSystemTest, ErrorsNameTheCallTheFileTheOffsetAndTheReason) {
  MustOpen("f", OpenMode::kCreate);
  const auto read_only = MustOpen("f", OpenMode::kRead);
  EXPECT_EQ(read_only->WriteAt(4096, std::string(100, 'x')).ToString(),
            "I/O error: pwrite " + Path("f") + " at offset 4096 (100 bytes): Bad file descriptor");
  EXPECT_EQ(
      fs_.Rename(Path("no"), Path("where")).ToString(),
      "I/O error: rename " + Path("no") + " to " + Path("where") + ": No such file or directory");
  EXPECT_EQ(fs_.Open(Path("no"), OpenMode::kRead).error().message(),
            "open " + Path("no") + ": No such file or directory");
}

TEST_F(PosixFileSystemTest, DirectFilesDemandAndKeepTheirAlignment) {
  const auto file = MustOpen("direct", OpenMode::kCreate, IoMode::kDirect);
  if (file->alignment() == 1) GTEST_SKIP() << "this file system has no O_DIRECT";
  ASSERT_EQ(file->alignment(), kPage);
  char* buffer = static_cast<char*>(std::aligned_alloc(kPage, 4 * kPage));
  std::memset(buffer, 's', 4 * kPage);
  EXPECT_TRUE(file->WriteAt(0, {buffer, 2 * kPage}).ok());
  ASSERT_TRUE(file->Truncate(kPage + 100).ok());
  std::memset(buffer, 0, 4 * kPage);
  EXPECT_EQ(*file->ReadAt(0, {buffer, 4 * kPage}), kPage + 100);
  EXPECT_EQ(std::string_view(buffer, kPage + 100), std::string(kPage + 100, 's'));
  EXPECT_DEATH(std::ignore = file->WriteAt(100, {buffer, kPage}), "CHECK failed");
  std::free(buffer);
}

TEST_F(PosixFileSystemTest, DirectFallsBackToBufferedWhereTheFileSystemRefusesIt) {
  // procfs has no O_DIRECT, and everybody may open this file.
  const auto file = fs_.Open("/proc/self/comm", OpenMode::kReadWrite, IoMode::kDirect);
  ASSERT_TRUE(file.ok()) << file.error().ToString();
  EXPECT_EQ((*file)->alignment(), 1u);
}

TEST_F(PosixFileSystemTest, AllocatedBlocksAreRealAndReadAsZeros) {
  const auto file = MustOpen("log", OpenMode::kCreate);
  ASSERT_TRUE(file->WriteAt(0, "head").ok());
  ASSERT_TRUE(file->Allocate(1u << 20).ok());
  EXPECT_EQ(*file->Size(), 1u << 20);
  struct stat info {};
  ASSERT_EQ(::stat(Path("log").c_str(), &info), 0);
  EXPECT_GE(static_cast<std::uint64_t>(info.st_blocks) * 512, 1u << 20);
  EXPECT_EQ(Contents("log"), "head" + std::string((1u << 20) - 4, '\0'));
  ASSERT_TRUE(file->Allocate(10).ok()) << "never shortens";
  EXPECT_EQ(*file->Size(), 1u << 20);
}

TEST_F(PosixFileSystemTest, OnlyWhatWasNeverWrittenIsSkipped) {
  const auto file = MustOpen("log", OpenMode::kCreate);
  ASSERT_TRUE(file->WriteAt(0, "head").ok());
  constexpr std::uint64_t kSize = 1u << 20;
  ASSERT_TRUE(file->Allocate(kSize).ok());
  const std::uint64_t skipped = file->SkipUnwritten(4096);
  // Some file systems keep no account of it.
  EXPECT_TRUE(skipped == kSize || skipped == 4096) << skipped;
  EXPECT_EQ(file->SkipUnwritten(0), 0u);

  // A store through a mapping counts before it has reached the device, and so do zeros.
  file->Map(kSize).value()[300'000] = 'x';
  ASSERT_TRUE(file->WriteAt(600'000, std::string(1, '\0')).ok());
  EXPECT_LE(file->SkipUnwritten(4096), 300'000u);
  EXPECT_LE(file->SkipUnwritten(400'000), 600'000u);
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_LE(file->SkipUnwritten(4096), 300'000u);
  EXPECT_LE(file->SkipUnwritten(400'000), 600'000u);
}

TEST_F(PosixFileSystemTest, StoresThroughAMappingAreSeenByReaders) {
  {
    const auto file = MustOpen("mapped", OpenMode::kCreate);
    ASSERT_TRUE(file->Allocate(2 * kPage).ok());
    const auto mapping = file->Map(2 * kPage);
    ASSERT_TRUE(mapping.ok());
    ASSERT_EQ(mapping->size(), 2 * kPage);
    std::memcpy(mapping->data() + kPage, "tide", 4);
    char out[4];
    ASSERT_TRUE(file->ReadAt(kPage, out).ok());
    EXPECT_EQ(std::string_view(out, 4), "tide");
    ASSERT_TRUE(file->WriteAt(0, "wave").ok());
    EXPECT_EQ(std::string_view(mapping->data(), 4), "wave");
    file->Unload(0, 2 * kPage);
    EXPECT_EQ(std::string_view(mapping->data(), 4), "wave");
    EXPECT_EQ(std::string_view(mapping->data() + kPage, 4), "tide");
    EXPECT_TRUE(file->Sync().ok());
  }
  EXPECT_EQ(Contents("mapped").substr(kPage, 4), "tide");
}

TEST_F(PosixFileSystemTest, TruncateShortensAndLengthens) {
  const auto file = MustOpen("t", OpenMode::kCreate);
  ASSERT_TRUE(file->WriteAt(0, "abcdef").ok());
  ASSERT_TRUE(file->Truncate(2).ok());
  ASSERT_TRUE(file->Truncate(4).ok());
  EXPECT_EQ(Contents("t"), std::string("ab\0\0", 4));
  file->Prefetch(0, 4);
}

TEST_F(PosixFileSystemTest, NamesAppearMoveAndGo) {
  MustOpen("b", OpenMode::kCreate);
  MustOpen("a", OpenMode::kCreate);
  ASSERT_TRUE(fs_.CreateDirectory(Path("deep/er/still")).ok());
  ASSERT_TRUE(fs_.CreateDirectory(Path("deep/er/still")).ok()) << "there already";
  ASSERT_TRUE(fs_.CreateDirectory(Path("deep/er/")).ok());
  ASSERT_TRUE(fs_.SyncDirectory(directory_).ok());
  EXPECT_EQ(*fs_.List(directory_), (std::vector<std::string>{"a", "b", "deep"}));
  ASSERT_TRUE(fs_.Rename(Path("a"), Path("c")).ok());
  ASSERT_TRUE(fs_.Link(Path("c"), Path("d")).ok());
  EXPECT_FALSE(fs_.Link(Path("c"), Path("b")).ok()) << "a link never replaces";
  ASSERT_TRUE(fs_.RemoveFile(Path("b")).ok());
  EXPECT_FALSE(fs_.RemoveFile(Path("b")).ok());
  EXPECT_EQ(*fs_.List(directory_), (std::vector<std::string>{"c", "d", "deep"}));
  EXPECT_TRUE(*fs_.Exists(Path("c")));
  EXPECT_FALSE(*fs_.Exists(Path("b")));
  EXPECT_FALSE(*fs_.Exists(Path("c/below-a-file")));
  EXPECT_EQ(*fs_.FileSize(Path("d")), 0u);
}

TEST_F(PosixFileSystemTest, ADirectoryCannotStandWhereAFileStands) {
  MustOpen("plain", OpenMode::kCreate);
  EXPECT_FALSE(fs_.CreateDirectory(Path("plain")).ok());
  EXPECT_FALSE(fs_.CreateDirectory(Path("plain/below")).ok());
  EXPECT_FALSE(fs_.List(Path("plain")).ok());
  EXPECT_FALSE(fs_.SyncDirectory(Path("plain")).ok());
  EXPECT_FALSE(fs_.ReadFile(directory_, 100).ok()) << "a directory is no file";
}

TEST_F(PosixFileSystemTest, ReadFileRefusesWhatIsLongerThanItsLimit) {
  ASSERT_TRUE(fs_.WriteFileSynced(Path("CURRENT"), "12345").ok());
  ASSERT_TRUE(fs_.WriteFileSynced(Path("CURRENT"), "123").ok()) << "replaces";
  EXPECT_EQ(*fs_.ReadFile(Path("CURRENT"), 3), "123");
  const auto refused = fs_.ReadFile(Path("CURRENT"), 2);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kCorruption);
  EXPECT_EQ(refused.error().message(), Path("CURRENT") + " is 3 bytes long, want at most 2");
}

TEST_F(PosixFileSystemTest, FreeSpaceIsThatOfTheFileSystem) {
  EXPECT_GT(*fs_.FreeSpace(directory_), 0u);
  EXPECT_FALSE(fs_.FreeSpace(Path("nowhere")).ok());
}

TEST_F(PosixFileSystemTest, RunningOutOfDescriptorsSaysHowToGetMore) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer probes memory through a pipe, so it needs descriptors itself; the "
                  "build for the thread sanitizer runs this test";
#endif
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  MustOpen("f", OpenMode::kCreate);
  const rlimit none{0, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto file = fs_.Open(Path("f"), OpenMode::kRead);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &old), 0);
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().message(), "open " + Path("f") + ": Too many open files (the limit of " +
                                        "this process: raise it with ulimit -n)");
}

// A file size limit makes the kernel write the part that fits and then fail, as a full disk does.
TEST_F(PosixFileSystemTest, AShortWriteIsContinuedUntilTheErrorShows) {
  const auto file = MustOpen("big", OpenMode::kCreate);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit small{100, old.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status written = file->WriteAt(60, std::string(80, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().message(),
            "pwrite " + Path("big") + " at offset 100 (40 bytes): File too large");
}

// /dev/full is a disk that is always full.
TEST_F(PosixFileSystemTest, AFullDiskIsNoSpace) {
  const auto file = fs_.Open("/dev/full", OpenMode::kReadWrite);
  ASSERT_TRUE(file.ok());
  const Status written = (*file)->WriteAt(0, "x");
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code(), Code::kNoSpace);
  EXPECT_EQ(written.error().message(),
            "pwrite /dev/full at offset 0 (1 bytes): No space left on device");
}

}  // namespace
}  // namespace beachdb
