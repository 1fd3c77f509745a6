#include "tools/encodings.h"

#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace beachdb::tools {
namespace {

TEST(HexTest, ReadsPairsOfDigitsAndNothingElse) {
  EXPECT_EQ(HexDecode(""), "");
  EXPECT_EQ(HexDecode("00fFA1"), std::string("\0\xff\xa1", 3));
  for (const char* bad : {"0", "000", "0g", " 0", "0x"}) EXPECT_FALSE(HexDecode(bad)) << bad;
}

TEST(Base64Test, MatchesTheExamplesOfRfc4648) {
  const struct {
    const char* bytes;
    const char* text;
  } kCases[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"}};
  for (const auto& c : kCases) {
    EXPECT_EQ(Base64Encode(c.bytes), c.text);
    EXPECT_EQ(Base64Decode(c.text), c.bytes);
  }
}

TEST(Base64Test, EveryByteStringSurvives) {
  Random random(1);
  for (std::size_t length = 0; length < 200; ++length) {
    std::string bytes(length, '\0');
    for (char& c : bytes) c = static_cast<char>(random.Next());
    EXPECT_EQ(Base64Decode(Base64Encode(bytes)), bytes);
  }
}

TEST(Base64Test, RefusesWhatNoEncoderWrites) {
  for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "Zg==Zg==", "Zm 9",
                          "Zm9v\n", "=Zm9", "Z=m9", "A==="}) {
    EXPECT_FALSE(Base64Decode(bad)) << bad;
  }
}

TEST(Utf8Test, AcceptsExactlyTheWellFormed) {
  for (const char* good :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "shell \xf0\x9f\x90\x9a shell"}) {
    EXPECT_TRUE(IsUtf8(good)) << good;
  }
  const struct {
    const char* why;
    std::string bytes;
  } kBad[] = {{"continuation alone", "\x80"},
              {"overlong slash", "\xc0\xaf"},
              {"overlong in three", "\xe0\x9f\xbf"},
              {"overlong in four", "\xf0\x8f\xbf\xbf"},
              {"surrogate", "\xed\xa0\x80"},
              {"above U+10FFFF", "\xf4\x90\x80\x80"},
              {"first byte f5", "\xf5\x80\x80\x80"},
              {"cut short", "\xf0\x9f\x90"},
              {"second byte is no continuation", "\xe2\x28\xa1"},
              {"ff", "\xff"}};
  for (const auto& c : kBad) {
    EXPECT_FALSE(IsUtf8(c.bytes)) << c.why;
    EXPECT_FALSE(IsUtf8("a" + c.bytes + "b")) << c.why;
  }
}

TEST(ReadableTest, NeverLetsControlBytesReachTheTerminal) {
  EXPECT_EQ(Readable("caf\xc3\xa9"), "caf\xc3\xa9");
  for (int byte = 0; byte < 256; ++byte) {
    for (const char c : Readable(std::string(1, static_cast<char>(byte)))) {
      EXPECT_GE(static_cast<unsigned char>(c), 0x20) << byte;
      EXPECT_NE(c, 0x7f) << byte;
    }
  }
}

}  // namespace
}  // namespace beachdb::tools
