#include "format/dump_line.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(DumpLineTest, TextShowsNamesAndValuesInOrder) {
  EXPECT_EQ(DumpLine("record")
                .Number("first_seqno", 7)
                .Checksum("checksum", 0xab)
                .Text("type", "edit")
                .Words("what", "as it should be")
                .Bytes("key", std::string("a\0\\b", 4))
                .ToText(64),
            "record   first seqno 7  checksum 000000ab  type edit  as it should be  "
            "key \"a\\x00\\\\b\"");
  EXPECT_EQ(DumpLine::PartOf("put").Number("seqno", 1).ToText(64), "  put    seqno 1");
  EXPECT_EQ(DumpLine("a_long_label").Number("n", 1).ToText(64), "a_long_label n 1");
}

TEST(DumpLineTest, WhatIsCutSaysHowLongItIs) {
  const std::string bytes = "0123456789";
  DumpLine line("put");
  line.Bytes("value", bytes);
  EXPECT_EQ(line.ToText(10), "put      value \"0123456789\"");
  EXPECT_EQ(line.ToText(4), "put      value \"0123...\" of 10 bytes");
}

TEST(DumpLineTest, HexLinesLookLikeTheExamplesOfTheFormats) {
  EXPECT_EQ(DumpLine::Hex(0x1000, "\x70\x6e\x2e\xe2", "checksum").ToText(1),
            "00001000: 70 6e 2e e2                                     | checksum");
  EXPECT_EQ(DumpLine::HexZeros(64, 4032, "zero").ToText(1),
            "00000040: 00 (4032 times)                                 | zero");
}

TEST(DumpReportTest, AProblemSaysFileAndOffsetOnce) {
  std::vector<std::string> lines;
  const DumpSink sink = [&](const DumpLine& line) { lines.push_back(line.ToText(64)); };
  DumpReport report(sink, "db/000008.wal");
  report.Problem("record 1", 4096, "db/000008.wal: offset 4096: record checksum mismatch");
  report.Problem("record 1", 4096, "offset 4100: length");
  report.Problem("header", 0, "bad magic");
  report.TellFile(70);
  EXPECT_EQ(report.problems(), 3u);
  EXPECT_EQ(lines,
            (std::vector<std::string>{"problem  record 1  offset 4096  record checksum mismatch",
                                      "problem  record 1  offset 4096  offset 4100: length",
                                      "problem  header  offset 0  bad magic",
                                      "file     path db/000008.wal  bytes 70"}));
}

}  // namespace
}  // namespace beachdb
