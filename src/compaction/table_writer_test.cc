#include "compaction/table_writer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "compaction/compaction_test_util.h"

namespace beachdb {
namespace {

using test::ForEachSeed;
using test::NumbersOf;
using test::RandomEntries;
using test::TableRig;
using test::TestKey;

TEST(TableWriterTest, TablesAreCutAtTheirSizeAndNeverWithinAUserKey) {
  ForEachSeed(30, [](Random& random) {
    TableRig rig;
    const std::vector<Entry> entries =
        RandomEntries(random, 1 + random.Uniform(600), 1 + random.Uniform(60), 1, 300);
    const std::vector<FileRef> files = rig.Write(entries, {.table_size = 10'000});
    ASSERT_EQ(rig.Read(files), entries);
    std::uint64_t tombstones = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
      tombstones += files[i]->tombstones;
      EXPECT_EQ(rig.disk().Bytes(rig.PathOf(files[i]->number)).size(), files[i]->size);
      if (i + 1 == files.size()) continue;
      ASSERT_LT(files[i]->largest, files[i + 1]->smallest);
      EXPECT_GE(files[i]->size, 10'000u * 3 / 4);
    }
    std::uint64_t want = 0;
    for (const Entry& entry : entries) want += TrailerKind(entry.trailer) == Kind::kDelete;
    EXPECT_EQ(tombstones, want);
  });
}

TEST(TableWriterTest, AThousandVersionsOfOneKeyStayInOneTable) {
  TableRig rig;
  std::vector<Entry> entries;
  for (Seqno seqno = 1000; seqno > 0; --seqno) {
    entries.push_back({"k", PackTrailer(seqno, Kind::kPut), std::string(100, 'v')});
  }
  entries.push_back({"l", PackTrailer(1, Kind::kPut), ""});
  const std::vector<FileRef> files = rig.Write(entries, {.table_size = 5000});
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0]->entries, 1000u);
}

std::vector<Entry> Keys(std::uint64_t count) {
  std::vector<Entry> entries;
  for (std::uint64_t i = 0; i < count; ++i) {
    entries.push_back({TestKey(i), PackTrailer(i + 1, Kind::kPut), std::string(100, 'v')});
  }
  return entries;
}

FileRef Grandparent(const std::string& smallest, const std::string& largest, std::uint64_t size) {
  FileMetadata file;
  file.smallest = smallest;
  file.largest = largest;
  file.size = size;
  return std::make_shared<const FileMetadata>(file);
}

TEST(TableWriterTest, ATableOverTooManyGrandparentsIsCutWhereOneEnds) {
  TableRig rig;
  std::vector<FileRef> grandparents;
  for (std::uint64_t i = 0; i < 100; ++i) {
    grandparents.push_back(Grandparent(TestKey(10 * i), TestKey(10 * i + 9), 300'000));
  }
  const std::vector<FileRef> files = rig.Write(Keys(1000), {100'000, grandparents});
  ASSERT_GT(files.size(), 20u) << "four grandparents are more than ten tables";
  for (std::size_t i = 0; i + 1 < files.size(); ++i) {
    EXPECT_EQ(files[i]->largest.back(), '9');
    EXPECT_EQ(files[i]->entries, 40u);
  }
}

TEST(TableWriterTest, AnAlmostFullTableEndsWhereAGrandparentEnds) {
  TableRig rig;
  std::vector<FileRef> grandparents;
  for (std::uint64_t i = 0; i < 20; ++i) {
    grandparents.push_back(Grandparent(TestKey(50 * i), TestKey(50 * i + 49), 1));
  }
  const std::vector<FileRef> files = rig.Write(Keys(1000), {30'000, grandparents});
  ASSERT_GT(files.size(), 3u);
  for (std::size_t i = 0; i + 1 < files.size(); ++i) {
    EXPECT_EQ(files[i]->entries % 50, 0u) << files[i]->largest;
  }
}

TEST(TableWriterTest, WhatFinishReturnsSurvivesALossOfPower) {
  TableRig rig;
  const std::vector<Entry> entries = Keys(1000);
  const std::vector<FileRef> files = rig.Write(entries, {.table_size = 20'000});
  ASSERT_GT(files.size(), 2u);
  Random random(1);
  rig.disk().CutPower(MemoryFileSystem::Unsynced::kLost, random);
  EXPECT_EQ(rig.Read(files), entries);
}

TEST(TableWriterTest, NothingWrittenIsNoTableAndNoError) {
  TableRig rig;
  EXPECT_TRUE(rig.Write({}).empty());
  EXPECT_TRUE(rig.OnDisk().empty());
}

TEST(TableWriterTest, AWriterThatIsDroppedLeavesNoFileBehind) {
  TableRig rig;
  const std::set<std::uint64_t> others = NumbersOf(rig.Write(Keys(10)));
  {
    TableWriter writer(rig.output(), {}, {}, {.table_size = 20'000});
    for (const Entry& entry : Keys(1000)) {
      ASSERT_TRUE(writer.Add(entry.key, entry.trailer, entry.value).ok());
    }
    EXPECT_GT(rig.OnDisk().size(), others.size() + 2);
  }
  EXPECT_EQ(rig.OnDisk(), others);
}

TEST(TableWriterTest, WhateverCallFailsIsReportedAndNoFileIsLeftBehind) {
  for (const FileOp op : {FileOp::kOpen, FileOp::kWrite, FileOp::kSync, FileOp::kSyncDirectory}) {
    for (std::uint64_t skip = 0;; ++skip) {
      SCOPED_TRACE(std::string(FileOpName(op)) + " number " + std::to_string(skip));
      TableRig rig;
      rig.faults().Inject({.ops = {op}, .skip = skip, .times = 1, .code = Code::kNoSpace});
      Status outcome;
      {
        TableWriter writer(rig.output(), {}, {}, {.table_size = 20'000});
        for (const Entry& entry : Keys(1000)) {
          outcome = writer.Add(entry.key, entry.trailer, entry.value);
          if (!outcome.ok()) break;
        }
        if (outcome.ok()) {
          auto finished = writer.Finish();
          if (!finished.ok()) outcome = finished.error();
        }
      }
      if (rig.faults().FaultCount() == 0) {
        EXPECT_TRUE(outcome.ok());
        EXPECT_GT(skip, 0u) << "the fault never fired";
        break;
      }
      ASSERT_FALSE(outcome.ok());
      EXPECT_EQ(outcome.error().code(), Code::kNoSpace);
      EXPECT_TRUE(rig.OnDisk().empty());
    }
  }
}

TEST(TableWriterTest, StopsSoonWhenAskedTo) {
  TableRig rig;
  Status outcome;
  int adds = 0;
  {
    TableWriter writer(rig.output(), {}, {}, {});
    for (const Entry& entry : Keys(10'000)) {
      if (++adds == 100) rig.stop() = true;
      outcome = writer.Add(entry.key, entry.trailer, entry.value);
      if (!outcome.ok()) break;
    }
  }
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kShutDown);
  EXPECT_LT(adds, 3000);
  EXPECT_TRUE(rig.OnDisk().empty());
}

}  // namespace
}  // namespace beachdb
