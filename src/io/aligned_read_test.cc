#include "io/aligned_read.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/support/memory_file_system.h"

namespace beachdb {
namespace {

constexpr std::size_t kPage = 4096;

std::string RandomBytes(std::size_t size) {
  Random random(size);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Uniform(256));
  return bytes;
}

// A direct file of the disk in memory, which refuses whatever is not aligned.
class AlignedReadTest : public testing::Test {
 protected:
  void Make(std::size_t size) {
    bytes_ = RandomBytes(size);
    ASSERT_TRUE(disk_.WriteFileSynced("/file", bytes_).ok());
    auto file = disk_.Open("/file", OpenMode::kRead, IoMode::kDirect);
    ASSERT_TRUE(file.ok());
    file_ = std::move(*file);
    ASSERT_EQ(file_->alignment(), kPage);
  }

  void ExpectAsInTheFile(std::uint64_t offset, std::size_t size) {
    SCOPED_TRACE(std::to_string(size) + " bytes at " + std::to_string(offset));
    // Memory of odd alignment, with a byte behind it that must stay.
    std::string out(size + 2, '#');
    const auto got = ReadUnaligned(*file_, offset, {out.data() + 1, size});
    ASSERT_TRUE(got.ok()) << got.error().ToString();
    const std::string_view want =
        offset < bytes_.size() ? std::string_view(bytes_).substr(offset, size) : "";
    EXPECT_EQ(std::string_view(out).substr(1, *got), want);
    EXPECT_EQ(out.front(), '#');
    EXPECT_EQ(out.back(), '#');
  }

  MemoryFileSystem disk_;
  std::string bytes_;
  std::unique_ptr<File> file_;
};

TEST_F(AlignedReadTest, AnyRangeIsReadAndTheEndOfTheFileCutsIt) {
  for (const std::size_t file_size :
       {std::size_t{0}, std::size_t{1}, kPage - 1, kPage, kPage + 1, 5 * kPage + 700}) {
    Make(file_size);
    std::vector<std::size_t> edges;
    for (const std::size_t base : {std::size_t{0}, kPage, 2 * kPage, file_size}) {
      for (int delta = -2; delta <= 2; ++delta) {
        if (delta < 0 && base < 2) continue;
        edges.push_back(base + static_cast<std::size_t>(delta));
      }
    }
    for (const std::size_t offset : edges) {
      for (const std::size_t size : edges) ExpectAsInTheFile(offset, size);
    }
  }
}

TEST_F(AlignedReadTest, WhatIsLargerThanTheBufferIsReadInPieces) {
  Make(2 * kReadBufferSize + 3 * kPage + 5);
  for (const std::uint64_t offset : {0, 1, 4095, 4096, 5000}) {
    for (const std::size_t size : {kReadBufferSize - 1, kReadBufferSize, kReadBufferSize + 1,
                                   2 * kReadBufferSize, 3 * kReadBufferSize}) {
      ExpectAsInTheFile(offset, size);
    }
  }
}

TEST_F(AlignedReadTest, ABufferedFileIsReadAsItIs) {
  Make(100);
  file_ = *disk_.Open("/file", OpenMode::kRead, IoMode::kBuffered);
  ExpectAsInTheFile(3, 50);
  ExpectAsInTheFile(90, 50);
}

TEST_F(AlignedReadTest, AReadInsideAReadHasABufferOfItsOwn) {
  const char* first = nullptr;
  {
    const ReadBuffer outer;
    first = outer.data();
    std::memset(outer.data(), 'o', kReadBufferSize);
    Make(kPage);
    ExpectAsInTheFile(1, 100);
    EXPECT_EQ(std::string_view(outer.data(), kReadBufferSize), std::string(kReadBufferSize, 'o'));
  }
  EXPECT_EQ(ReadBuffer().data(), first) << "given back, and lent again";
  std::thread other([&] { EXPECT_NE(ReadBuffer().data(), first); });
  other.join();
}

// What there is of O_DIRECT in the real world; without it the same bytes come through the cache.
TEST(AlignedReadPosixTest, ARealFileIsReadPastThePageCacheOrThroughIt) {
  const std::string path = testing::TempDir() + "beachdb_aligned_read";
  const std::string bytes = RandomBytes(3 * kPage + 123);
  ASSERT_TRUE(PosixFileSystem().WriteFileSynced(path, bytes).ok());
  const auto file = PosixFileSystem().Open(path, OpenMode::kRead, IoMode::kDirect);
  ASSERT_TRUE(file.ok()) << file.error().ToString();
  EXPECT_TRUE((*file)->alignment() == 1 || (*file)->alignment() == kPage);
  std::string out(bytes.size() - 10, '\0');
  const auto got = ReadUnaligned(**file, 20, out);
  ASSERT_TRUE(got.ok()) << got.error().ToString();
  EXPECT_EQ(out.substr(0, *got), bytes.substr(20));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace beachdb
