#include "wal/log_dump.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/strings.h"
#include "tests/support/hex_shown.h"
#include "wal/log_test_util.h"

namespace beachdb {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::size_t kShown = 64;  // bytes of a key or value

class LogDumpTest : public ::testing::Test {
 protected:
  struct Dump {
    std::uint64_t problems = 0;
    std::vector<std::string> lines;
  };
  Dump DumpOf(std::uint64_t number, const LogDumpOptions& options = {}) {
    Dump dump;
    dump.problems = DumpLog(fs_, TestLogPath(number), options, [&](const DumpLine& line) {
                      dump.lines.push_back(line.ToText(kShown));
                    }).value();
    std::uint64_t said = 0;
    for (const std::string& line : dump.lines) said += line.starts_with("problem") ? 1 : 0;
    EXPECT_EQ(said, dump.problems);
    return dump;
  }

  MemoryFileSystem fs_;
};

TEST_F(LogDumpTest, ASoundLogIsShownWholeWithItsEnd) {
  TestLog log(fs_, 8, 5);
  log.Append(4, 2, 77);
  log.Append(6);
  const Dump dump = DumpOf(8, {.operations = true});
  EXPECT_EQ(dump.problems, 0u);
  EXPECT_THAT(dump.lines[1], AllOf(HasSubstr("b3f0c2d1-"), HasSubstr("number 8")));
  EXPECT_THAT(dump.lines[2], AllOf(HasSubstr("index 0  offset 4096"), HasSubstr("log 8"),
                                   HasSubstr("first seqno 5  last seqno 6  operations 2"),
                                   HasSubstr("durable seqno 4"), HasSubstr("applied index 77")));
  EXPECT_EQ(dump.lines[3], "  put    seqno 5  key \"key000005\"  value \"ffffffffff\"");
  EXPECT_THAT(dump.lines, Contains(HasSubstr("zeros: never written")));
  EXPECT_EQ(dump.lines.back(), "total    records 2  operations 3  problems 0");
}

TEST_F(LogDumpTest, DamageInTheMiddleIsNamedAndWhatFollowsIsShown) {
  TestLog log(fs_, 8, 1);
  log.Append(0);
  const std::uint64_t hole = log.Append(1);
  const std::uint64_t next = log.Append(2);
  fs_.Bytes(TestLogPath(8))[hole + 20] ^= 1;
  const Dump dump = DumpOf(8);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_THAT(dump.lines, Contains(HasSubstr(fmt::format(
                              "record 1  offset {}  record checksum mismatch: expected", hole))));
  EXPECT_THAT(dump.lines,
              Contains(fmt::format("next     offset {}  lost bytes {}", next, next - hole)));
  EXPECT_THAT(dump.lines, Contains(HasSubstr("first seqno 3")));
}

TEST_F(LogDumpTest, ATornTailIsSaidToBeOneOrDamage) {
  TestLog log(fs_, 8, 1);
  log.Append(0);
  const std::uint64_t last = log.Append(1);
  fs_.Bytes(TestLogPath(8)).resize(last + 30);
  const Dump dump = DumpOf(8);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_THAT(dump.lines,
              Contains(AllOf(HasSubstr("cut short"), HasSubstr("nothing valid follows"))));
}

TEST_F(LogDumpTest, TheFormerLifeOfARecycledLogIsNoProblem) {
  TestLog log(fs_, 3, 1);
  for (int i = 0; i < 5; ++i) log.Append(0);
  auto recycled = LogWriter::Recycle(fs_, TestLogPath(3), TestLogPath(8), {kTestDatabase, 8},
                                     64 << 10, RetiredLog{}, 1)
                      .value();
  const std::string batch = TestBatch(6);
  const LogEntry entry{6, 0, batch};
  ASSERT_TRUE(recycled->Append(std::span(&entry, 1), 5, LogPath::kWritten).ok());
  const Dump dump = DumpOf(8);
  EXPECT_EQ(dump.problems, 0u);
  EXPECT_THAT(dump.lines, Contains(HasSubstr("(number 3): its former life")));
  EXPECT_THAT(dump.lines.back(), HasSubstr("records 1 "));
}

TEST_F(LogDumpTest, ADamagedHeaderDoesNotHideTheRecords) {
  TestLog log(fs_, 8, 1);
  log.Append(0);
  fs_.Bytes(TestLogPath(8))[50] ^= 1;  // creation time
  const Dump dump = DumpOf(8);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_THAT(dump.lines, Contains(HasSubstr("fits the records")));
  EXPECT_THAT(dump.lines, Contains(HasSubstr("first seqno 1")));
}

TEST_F(LogDumpTest, AMisnamedLogIsAProblem) {
  TestLog log(fs_, 8, 1);
  ASSERT_TRUE(fs_.Rename(TestLogPath(8), TestLogPath(9)).ok());
  EXPECT_THAT(DumpOf(9).lines, Contains(HasSubstr("expected 9 as in the name, found 8")));
}

TEST_F(LogDumpTest, ForeignBytesAreAProblemNeverACrash) {
  for (const std::string& bytes : {std::string(), std::string("\xff\xd8\xff\xe0 JFIF"),
                                   std::string(5000, '\0'), std::string(100000, '\xff')}) {
    ASSERT_TRUE(fs_.WriteFileSynced(TestLogPath(8), bytes).ok());
    EXPECT_GE(DumpOf(8).problems, 1u) << bytes.size();
  }
}

TEST_F(LogDumpTest, HexShowsEveryByteOnceWithItsMeaning) {
  TestLog log(fs_, 8, 5);
  log.Append(4, 2, 77);
  log.Append(6);
  const Dump dump = DumpOf(8, {.hex = true});
  EXPECT_EQ(dump.problems, 0u);
  EXPECT_EQ(HexShown(dump.lines, 0), HexEncode(fs_.Bytes(TestLogPath(8)).substr(0, log.end())));
  for (const char* meaning :
       {"| magic \"BEACHWAL\"", "| zero", "| type 1: batch", "| durable seqno 4",
        "| applied index 77", "| operation count 2", "| kind 2: put", "| key size 9",
        "| key \"key000005\"", "| value \"ffffffffff\"", "| padding"}) {
    EXPECT_THAT(dump.lines, Contains(HasSubstr(meaning)));
  }
}

TEST_F(LogDumpTest, HexOfADamagedRecordShowsWhatStandsThere) {
  TestLog log(fs_, 8, 1);
  const std::uint64_t hole = log.Append(0);
  log.Append(1);
  fs_.Bytes(TestLogPath(8))[hole + 20] ^= 1;
  const Dump dump = DumpOf(8, {.hex = true});
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_THAT(dump.lines, Contains(HasSubstr("| not believed")));
}

}  // namespace
}  // namespace beachdb
