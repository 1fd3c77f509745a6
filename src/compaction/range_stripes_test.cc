#include "compaction/range_stripes.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "compaction/compaction_iterator.h"
#include "compaction/compaction_test_util.h"
#include "compaction/flush_job.h"
#include "kv/expiry.h"
#include "kv/vector_iterator.h"
#include "manifest/version.h"

namespace beachdb {
namespace {

using test::ForEachSeed;
using test::TableRig;
using test::TestKey;

FileMetadata FileOf(std::string smallest, std::string largest, Seqno oldest, Seqno newest) {
  FileMetadata file;
  file.smallest = std::move(smallest);
  file.largest = std::move(largest);
  file.smallest_seqno = oldest;
  file.largest_seqno = newest;
  return file;
}

TEST(RangeStripesTest, ARangeHidesWhatIsOlderInItsOwnStripeOnly) {
  RangeStripes ranges(SnapshotStripes({10, 20}), {{"b", "d", 8}, {"b", "d", 15}});
  EXPECT_TRUE(ranges.Hides(0, "b", 7));
  EXPECT_FALSE(ranges.Hides(0, "b", 9)) << "newer than it";
  EXPECT_FALSE(ranges.Hides(0, "d", 7)) << "the end is not in it";
  EXPECT_TRUE(ranges.Hides(1, "c", 14));
  EXPECT_FALSE(ranges.Hides(1, "c", 16));
  EXPECT_FALSE(ranges.Hides(2, "c", 25));
}

TEST(RangeStripesTest, AFileGoesUnreadOnlyIfAllOfItIsHiddenFromEverybody) {
  const RangeStripes ranges(SnapshotStripes({10}), {{"b", "d", 8}, {"d", "f", 9}, {"a", "z", 30}});
  EXPECT_TRUE(ranges.Hides(FileOf("b", "e", 1, 7)));
  EXPECT_FALSE(ranges.Hides(FileOf("b", "e", 1, 8))) << "8 deletes what is older than itself";
  EXPECT_FALSE(ranges.Hides(FileOf("a", "e", 1, 7)));
  EXPECT_FALSE(ranges.Hides(FileOf("b", "f", 1, 7))) << "the end is not in it";
  EXPECT_FALSE(ranges.Hides(FileOf("c", "c", 9, 12))) << "the snapshot sees a part of it";
  EXPECT_TRUE(ranges.Hides(FileOf("c", "c", 11, 12)));
}

TEST(RangeStripesTest, WhatIsLeftIsTheNewestAtEachKeyUntilNothingLiesBelow) {
  Version version;
  version.levels[6].push_back(std::make_shared<const FileMetadata>(FileOf("x", "y", 1, 1)));
  const KeysBelow below(version, 5);
  const RangeStripes ranges(SnapshotStripes({10}),
                            {{"a", "c", 3}, {"b", "d", 4}, {"w", "z", 5}, {"a", "c", 12}});
  const std::vector<RangeTombstone> all = {
      {"a", "c", 12}, {"a", "b", 3}, {"b", "d", 4}, {"w", "z", 5}};
  EXPECT_EQ(ranges.Remaining(nullptr), all);
  const std::vector<RangeTombstone> left = {{"a", "c", 12}, {"w", "z", 5}};
  EXPECT_EQ(ranges.Remaining(&below), left)
      << "12 is needed by the snapshot's readers, w to z by what lies deeper";
}

TEST(CompactionIteratorRangesTest, CoveredEntriesGoAndExpiredPutsBecomeTombstones) {
  Version version;
  version.levels[6].push_back(std::make_shared<const FileMetadata>(FileOf("t", "t", 1, 1)));
  KeysBelow below(version, 5);
  const std::vector<Entry> entries = {
      {"a", PackTrailer(9, Kind::kPut), "new"},
      {"a", PackTrailer(3, Kind::kPut), "covered"},
      {"b", PackTrailer(4, Kind::kDelete), ""},
      {"s", PackTrailer(5, Kind::kPutExpiring), WithExpiry(100, "ended, nothing below")},
      {"t", PackTrailer(6, Kind::kPutExpiring), WithExpiry(100, "ended")},
      {"t", PackTrailer(2, Kind::kPut), "older"},
      {"u", PackTrailer(7, Kind::kPutExpiring), WithExpiry(101, "not yet")}};
  RangeStripes ranges(SnapshotStripes({}), {{"a", "c", 8}});
  VectorIterator source(entries);
  CompactionIterator<VectorIterator> it(source, {}, &below, &ranges, 100);
  std::vector<Entry> left;
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    left.push_back({std::string(it.user_key()), it.trailer(), std::string(it.value())});
  }
  ASSERT_TRUE(it.status().ok());
  const std::vector<Entry> want = {
      entries[0], {"t", PackTrailer(6, Kind::kDelete), ""}, entries[6]};
  EXPECT_EQ(left, want);
  EXPECT_EQ(it.counts().covered, 1u);
  EXPECT_EQ(it.counts().shadowed, 2u) << "behind a9 and t6";
  EXPECT_EQ(it.counts().expired, 2u);
  EXPECT_EQ(it.counts().entries_in, entries.size());
}

// However the output is cut: together the tables delete what the ranges delete, no key twice, and
// their ranges in the manifest stay disjoint and claim all of it.
TEST(TableWriterRangesTest, TablesShareRangesOutWithoutGapOrOverlap) {
  ForEachSeed(40, [](Random& random) {
    TableRig rig;
    std::vector<Entry> entries;
    const std::uint64_t keys = random.Uniform(300);
    for (std::uint64_t i = 0; i < keys; ++i) {
      if (random.OneIn(2)) continue;
      entries.push_back({TestKey(i), PackTrailer(1, Kind::kPut), std::string(200, 'v')});
    }
    std::vector<std::string> bounds;
    for (int i = 0; i < 12; ++i) bounds.push_back(TestKey(random.Uniform(300)));
    std::vector<RangeTombstone> ranges;
    for (std::size_t i = 0; i + 1 < bounds.size(); i += 2) {
      if (bounds[i] == bounds[i + 1]) continue;
      ranges.push_back(
          {std::min(bounds[i], bounds[i + 1]), std::max(bounds[i], bounds[i + 1]), 2 + i});
    }
    const RangeTombstones want(ranges);
    std::sort(ranges.begin(), ranges.end(), StoredBefore);
    ranges.erase(std::unique(ranges.begin(), ranges.end()), ranges.end());

    TableWriter writer(rig.output(), {}, {}, {.table_size = 5000, .grandparents = {}});
    writer.SetRanges(ranges);
    for (const Entry& entry : entries) {
      ASSERT_TRUE(writer.Add(entry.key, entry.trailer, entry.value).ok());
    }
    auto finished = writer.Finish();
    ASSERT_TRUE(finished.ok()) << finished.error().ToString();
    const std::vector<FileRef> files = TableRig::Refs(*finished);
    ASSERT_EQ(files.empty(), entries.empty() && ranges.empty());
    for (std::size_t i = 1; i < files.size(); ++i) {
      ASSERT_LT(files[i - 1]->largest, files[i]->smallest);
    }
    for (std::uint64_t i = 0; i < 300; ++i) {
      for (const std::string& key : {TestKey(i), KeySuccessor(TestKey(i)), TestKey(i) + "x"}) {
        Seqno found = 0;
        for (const FileRef& file : files) {
          const auto table = rig.Opener()(file);
          ASSERT_TRUE(table.ok()) << table.error().ToString();
          const Seqno covering = (*table)->ranges().Covering(key, kMaxSeqno);
          if (covering == 0) continue;
          ASSERT_EQ(found, 0u) << "two tables cover " << key;
          ASSERT_LE(file->smallest, key);
          ASSERT_LE(key, file->largest);
          found = covering;
        }
        ASSERT_EQ(found, want.Covering(key, kMaxSeqno)) << key;
      }
    }
    for (const FileRef& file : files) {
      const auto table = rig.Opener()(file);
      const auto verified = (*table)->Verify();
      ASSERT_TRUE(verified.problems.empty()) << verified.problems.front();
    }
  });
}

TEST(FlushRangesTest, AMemTableOfRangesAloneMakesATable) {
  TableRig rig;
  const std::vector<Entry> no_entries;
  VectorIterator nothing(no_entries);
  const auto flushed = RunFlush(rig.output(), {}, nothing, {{"b", "d", 7}}, {}, 1, {5});
  ASSERT_TRUE(flushed.ok());
  ASSERT_EQ(flushed->outputs.size(), 1u);
  const FileMetadata& file = flushed->outputs[0];
  EXPECT_EQ(file.range_tombstones, 1u);
  EXPECT_EQ(file.smallest, "b");
  EXPECT_EQ(file.largest, "d");
  EXPECT_EQ(file.smallest_seqno, 7u);
}

}  // namespace
}  // namespace beachdb
