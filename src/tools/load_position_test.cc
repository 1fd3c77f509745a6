#include "tools/load_position.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace beachdb::tools {
namespace {

namespace fs = std::filesystem;

const LoadPosition kSample{.offset = 34815, .lines = 2000, .records = 2000, .checksum = 0x1f2e3d4c};

TEST(LoadPositionTest, TheExampleOfThePageIsWhatIsWritten) {
  std::ifstream in(std::string(BEACHDB_SOURCE_DIR) + "/docs/formats/load_position.md");
  std::ostringstream page;
  page << in.rdbuf();
  EXPECT_NE(page.str().find("\n" + EncodeLoadPosition(kSample)), std::string::npos)
      << EncodeLoadPosition(kSample);
}

TEST(LoadPositionTest, WhatIsEncodedIsDecodedAndAnyOtherLineIsNone) {
  const std::string line = EncodeLoadPosition(kSample);
  EXPECT_EQ(DecodeLoadPosition(line), kSample);
  EXPECT_EQ(DecodeLoadPosition(line + "\n"), std::nullopt);
  for (std::size_t size = 0; size < line.size(); ++size) {
    EXPECT_EQ(DecodeLoadPosition(line.substr(0, size)), std::nullopt) << size;
  }
  for (std::size_t at = 0; at < line.size(); ++at) {
    for (const char flip : {'\x01', '\x20', '\x80'}) {
      std::string damaged = line;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      EXPECT_EQ(DecodeLoadPosition(damaged), std::nullopt) << at;
    }
  }
}

TEST(LoadPositionTest, TheFileHoldsTheLastPositionUntilItIsRemoved) {
  const std::string folder = testing::TempDir() + "beachdb_load_position";
  fs::remove_all(folder);
  fs::create_directories(folder);
  {
    LoadPositionFile file(folder);
    EXPECT_EQ(*file.Read(), std::nullopt);
    ASSERT_TRUE(file.Write({.offset = 1}).ok());
    ASSERT_TRUE(file.Write(kSample).ok());
  }
  LoadPositionFile file(folder);
  EXPECT_EQ(*file.Read(), kSample);
  std::ofstream(file.path(), std::ios::app) << "more";
  EXPECT_EQ(*file.Read(), std::nullopt) << "damaged: the load begins again";
  ASSERT_TRUE(file.Write(kSample).ok());
  EXPECT_EQ(*file.Read(), kSample) << "what was longer is cut";
  ASSERT_TRUE(file.Remove().ok());
  ASSERT_TRUE(file.Remove().ok());
  EXPECT_EQ(*file.Read(), std::nullopt);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace beachdb::tools
