#include "tools/dump_json.h"

#include <string>

#include <gtest/gtest.h>

namespace beachdb::tools {
namespace {

TEST(DumpJsonTest, EveryKindOfValueHasItsForm) {
  EXPECT_EQ(ToJson(DumpLine("record")
                       .Number("first_seqno", 18446744073709551615u)
                       .Checksum("checksum", 0xab)
                       .Words("what", "a \"word\"")
                       .Bytes("key", "conch")
                       .Bytes("value", "\xff"),
                   64),
            "{\"line\":\"record\",\"first_seqno\":18446744073709551615,\"checksum\":\"000000ab\","
            "\"what\":\"a \\\"word\\\"\",\"key\":\"conch\",\"value_base64\":\"/w==\"}");
}

TEST(DumpJsonTest, WhatIsCutSaysHowLongItIs) {
  const std::string bytes = "0123456789";
  DumpLine line("put");
  line.Bytes("value", bytes);
  EXPECT_EQ(ToJson(line, 10), R"({"line":"put","value":"0123456789"})");
  EXPECT_EQ(ToJson(line, 4), R"({"line":"put","value":"0123","value_bytes":10})");
}

TEST(DumpJsonTest, HexStandsWithoutSpaces) {
  EXPECT_EQ(ToJson(DumpLine::Hex(16, "\x01\xab", "length"), 1),
            R"({"line":"hex","offset":16,"hex":"01ab","meaning":"length"})");
}

}  // namespace
}  // namespace beachdb::tools
