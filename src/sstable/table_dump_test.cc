#include "sstable/table_dump.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sstable/table_test_util.h"

namespace beachdb {
namespace {

using test::BuildTable;
using test::TestEntry;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

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
  dump.problems = DumpTable(file, options, [&](std::string_view l) { dump.lines.emplace_back(l); });
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

  void Flip(std::size_t at) { (*bytes_)[at] = static_cast<char>((*bytes_)[at] ^ 0x10); }

  std::shared_ptr<std::string> bytes_;
  int blocks_ = 0;
};

TEST_F(TableDumpTest, AGoodTableIsShownWhole) {
  const Dump dump = DumpOf(bytes_);
  EXPECT_EQ(dump.problems, 0u);
  EXPECT_EQ(dump.Count("checksum "), blocks_);
  EXPECT_EQ(dump.Count(" @ 7 put "), 59);
  EXPECT_THAT(dump.lines, Contains("  key130 @ 900 put \\x01value"));
  EXPECT_THAT(dump.lines, Contains("  key160 @ 8 delete"));
  EXPECT_THAT(dump.lines, Contains("entries: 61, tombstones 1, distinct keys 61"));
  EXPECT_THAT(dump.lines, Contains("keys: key100 to key160"));
  EXPECT_THAT(dump.lines, Contains("job: compaction 3 into level 2, inputs: 4 5"));
  EXPECT_THAT(dump.lines, Contains(HasSubstr("filter: blocked Bloom, 2 lines, 6 probes")));
  EXPECT_THAT(dump.lines, Not(Contains(HasSubstr("PROBLEM"))));
}

TEST_F(TableDumpTest, ItGoesOnBehindABadBlock) {
  Flip(100);
  const Dump dump = DumpOf(bytes_);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_EQ(dump.Count("checksum ") - 1, blocks_ - 1);
  EXPECT_THAT(
      dump.lines,
      Contains(HasSubstr("PROBLEM block 0 at offset 64: block checksum mismatch, expected")));
  EXPECT_THAT(dump.lines, Contains("  key160 @ 8 delete"));
}

TEST_F(TableDumpTest, WithoutAFooterItFindsTheBlocksByTheirChecksums) {
  bytes_->resize(bytes_->size() - 3);
  const Dump dump = DumpOf(bytes_);
  EXPECT_GE(dump.problems, 1u);
  EXPECT_EQ(dump.Count("ok, entries"), blocks_);
  EXPECT_THAT(dump.lines, Contains("  key160 @ 8 delete"));
  EXPECT_THAT(dump.lines, Contains(HasSubstr("data blocks end at offset")));
}

TEST_F(TableDumpTest, ADamagedHeaderDoesNotHideTheRest) {
  Flip(50);  // creation time
  const Dump dump = DumpOf(bytes_);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_EQ(dump.Count("ok, entries"), blocks_);
}

TEST_F(TableDumpTest, AFileOfAnotherDatabaseIsNamedAndStillShown) {
  TableDumpOptions options;
  options.identity = test::TestIdentity();
  EXPECT_EQ(DumpOf(bytes_, options).problems, 0u);
  options.identity->number = 8;
  const Dump dump = DumpOf(bytes_, options);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_EQ(dump.Count("ok, entries"), blocks_);
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
