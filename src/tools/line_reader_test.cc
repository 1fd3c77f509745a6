#include "tools/line_reader.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace beachdb::tools {
namespace {

class LineReaderTest : public ::testing::Test {
 protected:
  LineReaderTest()
      : path_(::testing::TempDir() + "line_reader_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {}
  ~LineReaderTest() override { std::filesystem::remove_all(path_); }

  // Every line, with "|" in place of its newline.
  std::vector<std::string> Lines(const std::string& contents) {
    std::ofstream(path_, std::ios::binary) << contents;
    auto reader = LineReader::Open(path_);
    EXPECT_TRUE(reader.ok());
    EXPECT_EQ(reader->total_bytes(), contents.size());
    std::vector<std::string> lines;
    for (;;) {
      const auto line = reader->Next();
      EXPECT_TRUE(line.ok());
      if (!line.ok() || !line->has_value()) break;
      lines.push_back(std::string((*line)->text) + ((*line)->ended ? "|" : ""));
      EXPECT_EQ(reader->line_number(), lines.size());
    }
    EXPECT_EQ(reader->bytes_read(), contents.size());
    return lines;
  }

  std::string path_;
};

TEST_F(LineReaderTest, TellsLinesApartAndWhetherTheLastOneEnded) {
  using Strings = std::vector<std::string>;
  EXPECT_EQ(Lines(""), Strings());
  EXPECT_EQ(Lines("\n"), Strings({"|"}));
  EXPECT_EQ(Lines("a\n\nb"), (Strings{"a|", "|", "b"}));
  EXPECT_EQ(Lines("a\r\n"), Strings({"a\r|"}));
}

TEST_F(LineReaderTest, LinesLongerThanTheBufferAreWhole) {
  const std::string first(1'000'000, 'x');
  const std::string second(300'001, 'y');
  const auto lines = Lines(first + "\n" + second + "\n" + "z\n");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], first + "|");
  EXPECT_EQ(lines[1], second + "|");
  EXPECT_EQ(lines[2], "z|");
}

TEST_F(LineReaderTest, AMissingFileAndADirectoryAreAWrongName) {
  for (const std::string& path : {path_ + ".missing", ::testing::TempDir()}) {
    const auto reader = LineReader::Open(path);
    ASSERT_FALSE(reader.ok());
    EXPECT_EQ(reader.error().code(), Code::kInvalidArgument);
    EXPECT_NE(reader.error().message().find(path), std::string::npos);
  }
}

}  // namespace
}  // namespace beachdb::tools
