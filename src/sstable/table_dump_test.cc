#include "sstable/table_dump.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "sstable/table_format.h"
#include "sstable/table_test_util.h"
#include "tests/support/hex_shown.h"

namespace beachdb {
namespace {

using test::BuildTable;
using test::TestEntry;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Dump {
  std::uint64_t problems = 0;
  std::vector<std::string> lines;

  int Count(const std::string& text) const {
    int count = 0;
    for (const std::string& line : lines) count += line.find(text) != std::string::npos ? 1 : 0;
    return count;
  }
};

Dump DumpOf(const std::shared_ptr<std::string>& bytes, TableDumpOptions options = {}) {
  options.entries = options.index = true;
  test::MemoryFile file(bytes);
  Dump dump;
  dump.problems = DumpTable(file, options, [&](const DumpLine& l) {
                    dump.lines.push_back(l.ToText(64));
                  }).value();
  return dump;
}

class TableDumpTest : public testing::Test {
 protected:
  TableDumpTest() {
    std::vector<TestEntry> entries;
    for (int i = 100; i < 160; ++i) {
      entries.push_back(
          {"key" + std::to_string(i), PackTrailer(i == 130 ? 900 : 7, Kind::kPut), "\x01value"});
    }
    entries.push_back({"key160", PackTrailer(8, Kind::kDelete), ""});
    TableOptions options;
    options.block_size = 256;
    auto built = BuildTable(entries, options);
    EXPECT_TRUE(built.ok());
    bytes_ = built->bytes;
    blocks_ = static_cast<int>(built->summary.properties.data_blocks);
  }

  // Stored bytes, by the index.
  std::size_t FirstBlockSize() const {
    for (const std::string& line : DumpOf(bytes_).lines) {
      const std::size_t at = line.find("stored bytes ");
      if (at != std::string::npos) return std::stoul(line.substr(at + 13));
    }
    return 0;
  }

  void Flip(std::size_t at) { (*bytes_)[at] = static_cast<char>((*bytes_)[at] ^ 0x10); }

  std::shared_ptr<std::string> bytes_;
  int blocks_ = 0;
};

TEST_F(TableDumpTest, AGoodTableIsShownWhole) {
  const Dump dump = DumpOf(bytes_);
  EXPECT_EQ(dump.problems, 0u);
  EXPECT_EQ(dump.Count("checksum "), blocks_);
  EXPECT_EQ(dump.Count("seqno 7  key "), 59);
  EXPECT_THAT(dump.lines, Contains(HasSubstr("seqno 900  key \"key130\"  value \"\\x01value\"")));
  EXPECT_THAT(dump.lines, Contains(HasSubstr("seqno 8  key \"key160\"")));
  for (const char* property :
       {"entries 61", "tombstones 1", "distinct keys 61", "smallest key \"key100\"",
        "largest key \"key160\"", "job origin compaction", "job id 3", "job output level 2",
        "job input 4", "job input 5"}) {
    EXPECT_THAT(dump.lines, Contains(std::string("property ") + property));
  }
  EXPECT_THAT(dump.lines, Contains(HasSubstr("kind blocked Bloom  probes 6  lines 2")));
  EXPECT_THAT(dump.lines, Not(Contains(StartsWith("problem"))));
  EXPECT_EQ(dump.lines.back(),
            "total    blocks " + std::to_string(blocks_) + "  entries 61  problems 0");
}

TEST_F(TableDumpTest, ItGoesOnBehindABadBlock) {
  Flip(100);
  const Dump dump = DumpOf(bytes_);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_EQ(dump.Count("block    index "), blocks_ - 1);
  EXPECT_THAT(
      dump.lines,
      Contains(HasSubstr("problem  block 0  offset 64  block checksum mismatch, expected")));
  EXPECT_THAT(dump.lines, Contains(HasSubstr("key \"key160\"")));
}

TEST_F(TableDumpTest, WithoutAFooterItFindsTheBlocksByTheirChecksums) {
  bytes_->resize(bytes_->size() - 3);
  const Dump dump = DumpOf(bytes_);
  EXPECT_GE(dump.problems, 1u);
  EXPECT_EQ(dump.Count("block    index "), blocks_);
  EXPECT_THAT(dump.lines, Contains(HasSubstr("key \"key160\"")));
  EXPECT_THAT(dump.lines, Contains(HasSubstr("the data blocks end here")));
}

TEST_F(TableDumpTest, ADamagedHeaderDoesNotHideTheRest) {
  Flip(50);  // creation time
  const Dump dump = DumpOf(bytes_);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_EQ(dump.Count("block    index "), blocks_);
}

TEST_F(TableDumpTest, AFileOfAnotherDatabaseIsNamedAndStillShown) {
  TableDumpOptions options;
  options.identity = test::TestIdentity();
  EXPECT_EQ(DumpOf(bytes_, options).problems, 0u);
  options.identity->number = 8;
  const Dump dump = DumpOf(bytes_, options);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_EQ(dump.Count("block    index "), blocks_);
}

TEST_F(TableDumpTest, HexShowsEveryByteOfAPartOnceWithItsMeaning) {
  const auto footer_at = bytes_->size() - kFooterSize;
  const auto footer = DecodeFooter(std::string_view(*bytes_).substr(footer_at),
                                   IdentityChecksum(test::TestIdentity()), bytes_->size())
                          .value();
  const struct {
    const char* part;
    BlockHandle handle;
    std::vector<std::string> meanings;
  } cases[] = {
      {"header", {0, kFileHeaderSize}, {"magic \"BEACHSST\"", "file number 7", "checksum "}},
      {"footer",
       {footer_at, kFooterSize},
       {"index: offset ", "properties: stored size", "file size ", "zero"}},
      {"filter", footer.filter, {"filter kind 1", "probes 6", "line 1", "block type 3: filter"}},
      {"index", footer.index, {"block count ", "block 1: separator \"", "block type 2: index"}},
      {"properties",
       footer.properties,
       {"tag 1: entries", "entries 61", "smallest key \"key100\"", "job input 5"}},
      {"0",
       {kFileHeaderSize, static_cast<std::uint32_t>(FirstBlockSize())},
       {"entry count ", "prefix \"key1\"", "head 0 \"00\"",
        "offset of entry 0: ", "end of the entries: ", "entry 0: seqno 7, put",
        "entry 0: value \"\\x01value\"", "block type 1: data", "compression 0: none", "raw size "}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.part);
    TableDumpOptions options;
    options.hex = ParseTablePart(c.part).value();
    const Dump dump = DumpOf(bytes_, options);
    EXPECT_EQ(dump.problems, 0u);
    EXPECT_EQ(HexShown(dump.lines, c.handle.offset),
              HexEncode(bytes_->substr(c.handle.offset, c.handle.size)));
    for (const std::string& meaning : c.meanings) {
      EXPECT_THAT(dump.lines, Contains(HasSubstr("| " + meaning)));
    }
    EXPECT_THAT(dump.lines, Not(Contains(HasSubstr("not readable"))));
  }
}

TEST_F(TableDumpTest, HexOfADamagedBlockShowsWhatStandsThere) {
  Flip(100);
  TableDumpOptions options;
  options.hex = TablePart{TablePart::Kind::kData, 0};
  const Dump dump = DumpOf(bytes_, options);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_EQ(HexShown(dump.lines, kFileHeaderSize),
            HexEncode(bytes_->substr(kFileHeaderSize, FirstBlockSize())));
  EXPECT_THAT(dump.lines, Contains(AllOf(HasSubstr("| checksum "), HasSubstr(", expected "))));
}

TEST_F(TableDumpTest, APartThatTheTableDoesNotHaveIsTheCallersError) {
  test::MemoryFile file(bytes_);
  TableDumpOptions options;
  options.hex = TablePart{TablePart::Kind::kData, 99};
  const auto dumped = DumpTable(file, options, [](const DumpLine&) {});
  ASSERT_FALSE(dumped.ok());
  EXPECT_EQ(dumped.error().code(), Code::kInvalidArgument);
  EXPECT_THAT(dumped.error().message(), HasSubstr("there is no block 99"));
  for (const char* text : {"", "-1", "1x", "data", "99999999999", "Header"}) {
    EXPECT_FALSE(ParseTablePart(text).ok()) << text;
  }
}

TEST_F(TableDumpTest, AnyDamageAnywhereShowsAsAProblem) {
  for (std::size_t at = 0; at < bytes_->size(); ++at) {
    Flip(at);
    ASSERT_GT(DumpOf(bytes_).problems, 0u) << at;
    Flip(at);
  }
}

TEST_F(TableDumpTest, ItEndsAtAnyLengthOfTheFile) {
  const std::string whole = *bytes_;
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    *bytes_ = whole.substr(0, size);
    ASSERT_GT(DumpOf(bytes_).problems, 0u) << size;
  }
}

}  // namespace
}  // namespace beachdb
