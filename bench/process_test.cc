#include "bench/process.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace beachdb::bench {
namespace {

TEST(ProcessTest, WhatWasWrittenIsCountedOnceItIsOnTheDevice) {
  constexpr std::uint64_t kBytes = 8u << 20;
  const std::string folder = testing::TempDir();
  const std::string path = folder + "process_test.bytes";
  const std::uint64_t before = BytesSentToDevice(folder);
  {
    std::string bytes(kBytes, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i >> 7);
    std::ofstream(path, std::ios::binary).write(bytes.data(), kBytes);
  }
  const std::uint64_t after = BytesSentToDevice(folder);
  std::filesystem::remove(path);
  if (after == before) GTEST_SKIP() << folder << " lies on no block device";
  EXPECT_GE(after - before, kBytes) << "others may have written, too";
}

}  // namespace
}  // namespace beachdb::bench
