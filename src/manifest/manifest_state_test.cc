#include "manifest/manifest_state.h"

#include <algorithm>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"
#include "manifest/manifest_snapshot.h"
#include "manifest/test_files.h"

namespace beachdb {
namespace {

VersionEdit Numbers() { return {.log_number = 3, .next_file_number = 100, .last_seqno = 50}; }

// A version with table 10 in level 0 and tables 11 and 12 in level 2.
StateBuilder Base() {
  StateBuilder builder;
  VersionEdit edit = Numbers();
  edit.added = {{0, MakeFile(10, "a", "z", 30, 40)},
                {2, MakeFile(12, "m", "p", 1, 20)},
                {2, MakeFile(11, "c", "f", 1, 20)}};
  EXPECT_TRUE(builder.Apply(edit).ok());
  return builder;
}

TEST(StateBuilderTest, AnEditThatContradictsTheStateIsCorruption) {
  const struct {
    const char* what;
    VersionEdit edit;
    const char* want;
  } kCases[] = {
      {"removal of an absent table",
       {.removed = {{2, 13}}},
       "table 13 is removed from level 2, but"},
      {"removal from another level", {.removed = {{1, 11}}}, "but it is in level 2"},
      {"removal twice", {.removed = {{2, 11}, {2, 11}}}, "but it is in no level"},
      {"addition of a table that is there",
       {.added = {{3, MakeFile(11, "c", "f", 1, 20)}}},
       "table 11 is added to level 3, but it is in level 2"},
      {"overlap with the left neighbour",
       {.added = {{2, MakeFile(13, "f", "g", 1, 20)}}},
       "tables 11 and 13 overlap"},
      {"overlap with the right neighbour",
       {.added = {{2, MakeFile(13, "k", "m", 1, 20)}}},
       "tables 13 and 12 overlap"},
      {"a run as old as another",
       {.added = {{0, MakeFile(13, "a", "b", 35, 45)}}},
       "tables 13 and 10 overlap in seqnos"},
      {"a table from the future",
       {.added = {{0, MakeFile(13, "a", "b", 45, 51)}}},
       "table 13 reaches seqno 51, but last seqno is 50"},
      {"a number never handed out",
       {.added = {{1, MakeFile(100, "a", "b", 45, 46)}}},
       "numbers are handed out only below 100"},
      {"log number back", {.log_number = 2}, "log number goes back from 3 to 2"},
      {"file numbers back", {.next_file_number = 99}, "next file number goes back from 100 to 99"},
      {"seqno back", {.last_seqno = 49}, "last seqno goes back from 50 to 49"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    StateBuilder builder = Base();
    const Status status = builder.Apply(c.edit);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kCorruption);
    EXPECT_NE(status.error().message().find(c.want), std::string::npos) << status.ToString();
  }
}

TEST(StateBuilderTest, ATableMovesToAnotherLevelInOneEdit) {
  StateBuilder builder = Base();
  ASSERT_TRUE(
      builder.Apply({.added = {{3, MakeFile(11, "c", "f", 1, 20)}}, .removed = {{2, 11}}}).ok());
  const ManifestState state = std::move(builder).Finish();
  ASSERT_EQ(state.version->levels[2].size(), 1u);
  ASSERT_EQ(state.version->levels[3].size(), 1u);
  EXPECT_EQ(state.version->levels[3][0]->number, 11u);
}

TEST(StateBuilderTest, TheNewestRunStandsFirst) {
  StateBuilder builder = Base();
  ASSERT_TRUE(builder
                  .Apply({.added = {{0, MakeFile(13, "a", "b", 20, 29)},
                                    {0, MakeFile(14, "a", "b", 41, 50)}}})
                  .ok());
  const auto& runs = builder.version().levels[0];
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0]->number, 14u);
  EXPECT_EQ(runs[1]->number, 10u);
  EXPECT_EQ(runs[2]->number, 13u);
}

TEST(StateBuilderTest, ASnapshotOfTheStateGivesTheStateBack) {
  ManifestState state = Base().Finish();
  state.durable_index = 77;
  for (const std::size_t record_bytes : {std::size_t{1}, std::size_t{300}, kSnapshotRecordBytes}) {
    SCOPED_TRACE(record_bytes);
    const auto records = EncodeSnapshot(state, 100, record_bytes);
    const auto snapshot = DecodeSnapshot(records.front());
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    EXPECT_EQ(snapshot->records, records.size());
    EXPECT_EQ(snapshot->comparator, "bytewise");
    StateBuilder builder;
    ASSERT_TRUE(builder.Apply(snapshot->edit).ok());
    for (std::size_t i = 1; i < records.size(); ++i) {
      const auto edit = DecodeVersionEdit(records[i]);
      ASSERT_TRUE(edit.ok()) << edit.error().ToString();
      ASSERT_TRUE(builder.Apply(*edit).ok());
    }
    EXPECT_EQ(builder.next_file_number(), 100u);
    const ManifestState back = std::move(builder).Finish();
    EXPECT_EQ(EncodeSnapshot(back, 100), EncodeSnapshot(state, 100));
    EXPECT_EQ(back.durable_index, 77u);
  }
}

TEST(ManifestSnapshotTest, AnotherOrderOrATallerTreeIsRefused) {
  ManifestSnapshot snapshot;
  EXPECT_TRUE(CheckSnapshot(snapshot).ok());
  snapshot.comparator = "reverse";
  EXPECT_EQ(CheckSnapshot(snapshot).error().code(), Code::kNotSupported);
  snapshot = {};
  snapshot.levels = kLevels + 1;
  EXPECT_EQ(CheckSnapshot(snapshot).error().code(), Code::kNotSupported);
}

TEST(ManifestSnapshotTest, ASnapshotWithoutOneOfItsNumbersIsCorruption) {
  const std::string edit_only = EncodeVersionEdit(Numbers());
  const auto decoded = DecodeSnapshot(edit_only);
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().code(), Code::kCorruption);
  EXPECT_FALSE(DecodeSnapshot("").ok());
}

}  // namespace
}  // namespace beachdb
