#include "tools/record_text.h"

#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace beachdb::tools {
namespace {

std::vector<std::string> AwkwardStrings() {
  std::vector<std::string> strings = {"",
                                      "conch",
                                      "\t",
                                      "\n",
                                      "\r",
                                      "\\",
                                      "\\t",
                                      "a\tb\nc\rd\\e",
                                      std::string("\0", 1),
                                      "\"",
                                      "{}",
                                      "\xff\xfe",
                                      "caf\xc3\xa9",
                                      "\x7f",
                                      "\xed\xa0\x80",
                                      "tab\\",
                                      "\xe2\x80\xa8"};
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  strings.push_back(all);
  const char* seed_text = std::getenv("BEACHDB_SEED");
  const std::uint64_t seed = seed_text == nullptr ? 1 : std::strtoull(seed_text, nullptr, 10);
  Random random(seed);
  for (int i = 0; i < 200; ++i) {
    std::string bytes(random.Uniform(40), '\0');
    for (char& c : bytes) c = static_cast<char>(random.Next());
    strings.push_back(bytes);
  }
  return strings;
}

TEST(RecordTextTest, EveryKeyAndValueSurvivesBothFormats) {
  for (const std::string& bytes : AwkwardStrings()) {
    const std::string tsv = ToTsvLine(bytes, bytes);
    const auto from_tsv = ParseTsvLine(tsv);
    ASSERT_TRUE(from_tsv.ok()) << from_tsv.error().message();
    EXPECT_EQ(from_tsv->key, bytes);
    EXPECT_EQ(from_tsv->value, bytes);
    const std::string json = ToJsonLine(bytes, bytes, 7);
    const auto from_json = ParseJsonLine(json);
    ASSERT_TRUE(from_json.ok()) << json << ": " << from_json.error().message();
    EXPECT_EQ(from_json->key, bytes);
    EXPECT_EQ(from_json->value, bytes);
    EXPECT_EQ(from_json->expires_at, 7u);
    EXPECT_EQ((tsv + json).find('\n'), std::string::npos) << "a record is one line";
  }
}

TEST(RecordTextTest, BytesThatAreNoTextStandAsBase64UnderAMarkedName) {
  EXPECT_EQ(ToJsonLine("a", "b", 0), R"({"key":"a","value":"b"})");
  EXPECT_EQ(ToJsonLine("\xff", "caf\xc3\xa9", 0),
            "{\"key_base64\":\"/w==\",\"value\":\"caf\xc3\xa9\"}");
}

TEST(RecordTextTest, JsonSaysWhenAValueEnds) {
  EXPECT_EQ(ToJsonLine("a", "b", 1'800'000'000),
            R"({"key":"a","value":"b","expires_at":1800000000})");
  EXPECT_EQ(ParseJsonLine(R"({"key":"a","value":"b"})")->expires_at, std::nullopt);
  EXPECT_EQ(ParseJsonLine(R"({"key":"a","value":"b","expires_at":0})")->expires_at, 0u);
  EXPECT_EQ(
      ParseJsonLine(R"({"expires_at":18446744073709551615,"key":"a","value":"b"})")->expires_at,
      UINT64_MAX);
}

TEST(RecordTextTest, WhatIsNoTsvRecordIsRefusedWithTheReason) {
  const struct {
    std::string line;
    const char* want;
  } kCases[] = {{"", "found no tab"},
                {"key", "found no tab"},
                {"a\tb\tc", "found 2 tabs"},
                {"a\\\tb", "after a backslash"},
                {"a\tb\\", "found the end of the field"},
                {"a\\x41\tb", "after a backslash, found x"},
                {"a\tb\r", "Windows line ends"}};
  for (const auto& c : kCases) {
    const auto record = ParseTsvLine(c.line);
    ASSERT_FALSE(record.ok()) << c.line;
    EXPECT_EQ(record.error().code(), Code::kInvalidArgument);
    EXPECT_NE(record.error().message().find(c.want), std::string::npos) << record.error().message();
  }
}

TEST(RecordTextTest, WhatIsNoJsonRecordIsRefusedWithTheReason) {
  const struct {
    std::string line;
    const char* want;
  } kCases[] = {
      {"", "expected {\"key\""},
      {"{", "expected {\"key\""},
      {"[]", "JSON array"},
      {"7", "JSON number"},
      {"{}", "found neither"},
      {R"({"key":"a"})", "\"value\" or \"value_base64\", found neither"},
      {R"({"key":"a","key_base64":"YQ==","value":"b"})", "found both"},
      {R"({"key":1,"value":"b"})", "a string for \"key\", found a JSON number"},
      {R"({"key_base64":"%","value":"b"})", "expected base64"},
      {R"({"key":"a","value":"b","more":1})", "found 3 fields"},
      {R"({"key":"a","value":"b","expires_at":1,"more":1})", "found 4 fields"},
      {R"({"key":"a","value":"b","expires_at":"1"})", "seconds, a whole number, in \"expires_at\""},
      {R"({"key":"a","value":"b","expires_at":-1})", "found -1"},
      {R"({"key":"a","value":"b","expires_at":1.5})", "found 1.5"},
      {R"({"key":"a","value":"b"} x)", "expected {\"key\""},
      {"{\"key\":\"\xff\",\"value\":\"b\"}", "in UTF-8"},
      {R"({"key":"\ud800","value":"b"})", "in UTF-8"},
      {R"({"key":"a","value":{}})", "nested JSON"},
      {std::string(100'000, '['), "nested JSON"},
  };
  for (const auto& c : kCases) {
    const auto record = ParseJsonLine(c.line);
    ASSERT_FALSE(record.ok()) << c.line.substr(0, 100);
    EXPECT_EQ(record.error().code(), Code::kInvalidArgument);
    EXPECT_NE(record.error().message().find(c.want), std::string::npos) << record.error().message();
  }
}

}  // namespace
}  // namespace beachdb::tools
