#include "wal/log_dump.h"

#include <gmock/gmock.h>

#include "wal/log_test_util.h"

namespace beachdb {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

class LogDumpTest : public ::testing::Test {
 protected:
  struct Dump {
    std::uint64_t problems = 0;
    std::vector<std::string> lines;
  };
  Dump DumpOf(std::uint64_t number, const LogDumpOptions& options = {}) {
    Dump dump;
    dump.problems = DumpLog(fs_, TestLogPath(number), options, [&](std::string_view line) {
                      dump.lines.emplace_back(line);
                    }).value();
    std::uint64_t said = 0;
    for (const std::string& line : dump.lines) said += line.starts_with("PROBLEM") ? 1 : 0;
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
  EXPECT_THAT(dump.lines[0], AllOf(HasSubstr("b3f0c2d1-"), HasSubstr("file 8")));
  EXPECT_THAT(dump.lines[1],
              AllOf(HasSubstr("offset 4096"), HasSubstr("seqnos 5 to 6"), HasSubstr("durable 4"),
                    HasSubstr("applied 77"), HasSubstr("2 operations")));
  EXPECT_THAT(dump.lines[2], HasSubstr("5 put    key000005 = ffffffffff  (10 bytes)"));
  EXPECT_THAT(dump.lines, Contains(HasSubstr("zeros: never written")));
  EXPECT_THAT(dump.lines.back(), HasSubstr("2 records, 3 operations, 0 problems"));
}

TEST_F(LogDumpTest, DamageInTheMiddleIsNamedAndWhatFollowsIsShown) {
  TestLog log(fs_, 8, 1);
  log.Append(0);
  const std::uint64_t hole = log.Append(1);
  const std::uint64_t next = log.Append(2);
  fs_.Bytes(TestLogPath(8))[hole + 20] ^= 1;
  const Dump dump = DumpOf(8);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_THAT(
      dump.lines,
      Contains(AllOf(HasSubstr(fmt::format("offset {}: record checksum mismatch: expected", hole)),
                     HasSubstr(fmt::format("valid records follow at offset {}", next)))));
  EXPECT_THAT(dump.lines, Contains(HasSubstr("seqnos 3 to 3")));
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
  EXPECT_THAT(dump.lines.back(), HasSubstr("1 records"));
}

TEST_F(LogDumpTest, ADamagedHeaderDoesNotHideTheRecords) {
  TestLog log(fs_, 8, 1);
  log.Append(0);
  fs_.Bytes(TestLogPath(8))[50] ^= 1;  // creation time
  const Dump dump = DumpOf(8);
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_THAT(dump.lines, Contains(HasSubstr("its identity fits the records")));
  EXPECT_THAT(dump.lines, Contains(HasSubstr("seqnos 1 to 1")));
}

TEST_F(LogDumpTest, AMisnamedLogIsAProblem) {
  TestLog log(fs_, 8, 1);
  ASSERT_TRUE(fs_.Rename(TestLogPath(8), TestLogPath(9)).ok());
  EXPECT_THAT(DumpOf(9).lines, Contains(HasSubstr("expected file 9 by the file's name, found 8")));
}

TEST_F(LogDumpTest, ForeignBytesAreAProblemNeverACrash) {
  for (const std::string& bytes : {std::string(), std::string("\xff\xd8\xff\xe0 JFIF"),
                                   std::string(5000, '\0'), std::string(100000, '\xff')}) {
    ASSERT_TRUE(fs_.WriteFileSynced(TestLogPath(8), bytes).ok());
    EXPECT_GE(DumpOf(8).problems, 1u) << bytes.size();
  }
}

TEST_F(LogDumpTest, TheLimitBoundsWhatIsShownNotWhatIsChecked) {
  TestLog log(fs_, 8, 1);
  for (Seqno i = 0; i < 9; ++i) log.Append(i);
  const std::uint64_t last = log.Append(9);
  fs_.Bytes(TestLogPath(8))[last + 40] ^= 1;
  const Dump dump = DumpOf(8, {.limit = 2});
  EXPECT_EQ(dump.problems, 1u);
  EXPECT_THAT(dump.lines, Not(Contains(HasSubstr("seqnos 3 to 3"))));
  EXPECT_THAT(dump.lines.back(), HasSubstr("9 records"));
}

}  // namespace
}  // namespace beachdb
