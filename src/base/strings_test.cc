#include "base/strings.h"

#include <gtest/gtest.h>

namespace beachdb {
namespace {

using std::string_literals::operator""s;

TEST(StringsTest, EscapedBytesArePrintableAndUnambiguous) {
  EXPECT_EQ(EscapeBytes("conch 7~"), "conch 7~");
  EXPECT_EQ(EscapeBytes("\x00\x1f\x7f\xff\n"s), "\\x00\\x1f\\x7f\\xff\\x0a");
  EXPECT_EQ(EscapeBytes("\\x00"), "\\\\x00");
  EXPECT_EQ(EscapeBytes(""), "");
}

TEST(StringsTest, LongBytesAreCutAndSayIt) {
  EXPECT_EQ(EscapeBytes("abcdef", 6), "abcdef");
  EXPECT_EQ(EscapeBytes("abcdefg", 6), "abcdef...");
  EXPECT_EQ(EscapeBytes("\xff\xff"s, 1), "\\xff...");
}

TEST(StringsTest, HexIsTwoLowerCaseDigitsAByte) {
  EXPECT_EQ(HexEncode("\x0a\x1b\xff\x00"s), "0a1bff00");
}

TEST(StringsTest, SizesHaveTheUnitThatKeepsThemShort) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(1023), "1023 B");
  EXPECT_EQ(FormatBytes(1024), "1.0 KiB");
  EXPECT_EQ(FormatBytes(1536u << 10), "1.5 MiB");
  EXPECT_EQ(FormatBytes((1u << 20) - 1), "1.0 MiB") << "never 1024.0 KiB";
  EXPECT_EQ(FormatBytes(UINT64_MAX), "16.0 EiB");
}

}  // namespace
}  // namespace beachdb
