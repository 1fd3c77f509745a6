#include "manifest/manifest_dump.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/file_names.h"
#include "manifest/handmade_test_util.h"
#include "tests/support/memory_file_system.h"

namespace beachdb {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::size_t kShown = 64;  // bytes of a key

class ManifestDumpTest : public testing::Test {
 protected:
  // The lines of the file as text; problems_ is what the dump returned.
  std::vector<std::string> LinesOf(const std::string& bytes,
                                   const ManifestDumpOptions& options = {},
                                   std::uint64_t number = kNumber) {
    MemoryFileSystem disk;
    const std::string path = JoinPath("db", ManifestName(number));
    EXPECT_TRUE(disk.WriteFileSynced(path, bytes).ok());
    std::vector<std::string> lines;
    const auto problems = DumpManifest(
        disk, path, options, [&](const DumpLine& line) { lines.push_back(line.ToText(kShown)); });
    EXPECT_TRUE(problems.ok()) << problems.error().ToString();
    problems_ = problems.ok() ? *problems : 0;
    return lines;
  }

  std::uint64_t problems_ = 0;
};

constexpr char kApples[] =
    "level 0  table 7  bytes 4096  entries 200  tombstones 3  distinct keys 190  "
    "smallest seqno 101  largest seqno 300  smallest \"apple\"  largest \"plum\"  "
    "table checksum 1234abcd";

TEST_F(ManifestDumpTest, EveryRecordAndTheVersionAreTold) {
  const std::vector<std::string> lines = LinesOf(Sample().bytes);
  EXPECT_EQ(problems_, 0u);
  for (const std::string& want : std::vector<std::string>{
           "header   offset 0  version 1  database b3f0c2d1-5a4e-4798-8b21-0d6c7f3e9901  number 9",
           "record   index 0  offset 64  type snapshot  payload bytes 58  checksum ",
           "  order  comparator \"bytewise\"  levels 7  records 1",
           "  set    log number 8  next file number 10  last seqno 300  durable index 0",
           std::string("  add    ") + kApples, "  remove level 0  table 7",
           "  set    next file number 12  last seqno 400  durable index 5",
           "version  index 3  log number 8  next file number 13  last seqno 500  durable index 5",
           "  level  level 0  tables 1  bytes 12000", "  live   level 1  table 7  bytes 4096",
           "total    records 4  problems 0"}) {
    EXPECT_THAT(lines, Contains(StartsWith(want)));
  }
}

TEST_F(ManifestDumpTest, TheVersionIsShownAsItWasAfterAnyRecord) {
  const std::string bytes = Sample().bytes;
  const std::vector<std::string> first = LinesOf(bytes, {.at = 0});
  EXPECT_THAT(first, Contains(StartsWith("version  index 0  log number 8  next file number 10")));
  EXPECT_THAT(first, Contains(std::string("  live   ") + kApples));
  EXPECT_THAT(first, Not(Contains(HasSubstr("type edit"))));

  const std::vector<std::string> second = LinesOf(bytes, {.at = 1});
  EXPECT_THAT(second, Contains(StartsWith("  live   level 1  table 7")));
  EXPECT_THAT(second, Contains(StartsWith("record   index 1")));
  EXPECT_THAT(second, Not(Contains(StartsWith("record   index 2"))));
  EXPECT_EQ(second.back(), "total    records 4  problems 0");

  // The last one is what the file adds up to.
  std::vector<std::string> all = LinesOf(bytes);
  EXPECT_EQ(LinesOf(bytes, {.at = 3}), all);
}

TEST_F(ManifestDumpTest, DamageBehindTheRecordThatWasAskedForIsTold) {
  const Handmade file = Sample();
  std::string bytes = file.bytes;
  bytes[file.offsets[2] + 20] ^= 4;
  const std::vector<std::string> lines = LinesOf(bytes, {.at = 1});
  EXPECT_EQ(problems_, 1u);
  EXPECT_THAT(lines, Contains(StartsWith("version  index 1")));
  EXPECT_THAT(lines, Contains(StartsWith("problem  record 2")));
}

TEST_F(ManifestDumpTest, ARecordThatIsNotThereIsTheCallersError) {
  MemoryFileSystem disk;
  ASSERT_TRUE(disk.WriteFileSynced("db/MANIFEST-000009", Sample().bytes).ok());
  const auto dumped = DumpManifest(disk, "db/MANIFEST-000009", {.at = 4}, [](const DumpLine&) {});
  ASSERT_FALSE(dumped.ok());
  EXPECT_EQ(dumped.error().code(), Code::kInvalidArgument);
  EXPECT_THAT(dumped.error().message(), HasSubstr("--at 4: expected one of its 4 records"));
}

TEST_F(ManifestDumpTest, WhatStandsBehindDamageIsStillShown) {
  const Handmade file = Sample();
  std::string bytes = file.bytes;
  bytes[file.offsets[1] + 20] ^= 4;
  const std::vector<std::string> lines = LinesOf(bytes);
  EXPECT_EQ(problems_, 1u);
  for (const std::string& want :
       {fmt::format("problem  record 1  offset {}  record checksum mismatch: expected ",
                    file.offsets[1]),
        fmt::format("next     offset {}  lost bytes {}", file.offsets[2],
                    file.offsets[2] - file.offsets[1]),
        std::string("  set    next file number 12  last seqno 400  durable index 5"),
        std::string("version  index 0")}) {
    EXPECT_THAT(lines, Contains(StartsWith(want)));
  }
  EXPECT_THAT(lines, Contains(HasSubstr("before the damage")));
}

TEST_F(ManifestDumpTest, AFileUnderAnotherNumberIsAProblem) {
  const std::vector<std::string> lines = LinesOf(Sample().bytes, {}, 8);
  EXPECT_EQ(problems_, 1u);
  EXPECT_THAT(lines, Contains(HasSubstr("expected 8 as in the name, found 9")));
  MemoryFileSystem disk;
  EXPECT_FALSE(DumpManifest(disk, "db/absent", {}, [](const DumpLine&) {}).ok());
}

}  // namespace
}  // namespace beachdb
