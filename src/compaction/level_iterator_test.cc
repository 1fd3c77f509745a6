#include "compaction/level_iterator.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "compaction/compaction_test_util.h"
#include "kv/random_move.h"

namespace beachdb {
namespace {

using test::ForEachSeed;
using test::RandomEntries;
using test::TableRig;
using test::TestKey;

TEST(LevelIteratorTest, AnyWalkOverTheFilesEqualsTheWalkOverAllTheirEntries) {
  ForEachSeed(40, [](Random& random) {
    TableRig rig;
    const std::vector<Entry> entries =
        RandomEntries(random, 1 + random.Uniform(400), 1 + random.Uniform(100), 1, 400);
    const std::vector<FileRef> files = rig.Write(entries, {.table_size = 8000});
    FileRunIterator it(FileRun(files, rig.Opener()), ScanKind::kRead);
    VectorIterator model(entries);
    for (int move = 0; move < 300; ++move) {
      const std::string key = TestKey(random.Uniform(110));
      const std::uint64_t trailer = SeekTrailer(random.Uniform(500));
      RandomMove(random, key, trailer, model, it);
      ASSERT_TRUE(it.status().ok()) << it.status().ToString();
      ASSERT_EQ(it.Valid(), model.Valid()) << "move " << move;
      if (!model.Valid()) continue;
      ASSERT_EQ(it.user_key(), model.user_key()) << "move " << move;
      ASSERT_EQ(it.trailer(), model.trailer());
      ASSERT_EQ(it.value(), model.value());
    }
  });
}

std::vector<Entry> Keys(std::uint64_t count, std::size_t value_size) {
  std::vector<Entry> entries;
  for (std::uint64_t i = 0; i < count; ++i) {
    entries.push_back({TestKey(i), PackTrailer(i + 1, Kind::kPut), std::string(value_size, 'v')});
  }
  return entries;
}

TEST(LevelIteratorTest, OnlyTheTablesThatTheWalkEntersAreOpened) {
  TableRig rig;
  const std::vector<FileRef> files = rig.Write(Keys(100, 1000), {.table_size = 9000});
  ASSERT_GE(files.size(), 8u);
  FileRunIterator it(FileRun(files, rig.Opener()), ScanKind::kRead);
  EXPECT_EQ(rig.opened(), 0);
  it.Seek(TestKey(50), kMaxSeqno);
  EXPECT_EQ(rig.opened(), 1);
  it.Seek(TestKey(50), kMaxSeqno);
  EXPECT_EQ(rig.opened(), 1) << "a table that is open is used again";
  it.Seek("zzz", 0);
  EXPECT_FALSE(it.Valid());
  it.SeekForPrev("a", 0);
  EXPECT_FALSE(it.Valid());
  EXPECT_EQ(rig.opened(), 1) << "no table is opened for a key beyond all";
}

TEST(LevelIteratorTest, ATableThatCannotBeReadIsAnErrorAndNotTheEnd) {
  TableRig rig;
  const std::vector<FileRef> files = rig.Write(Keys(100, 1000), {.table_size = 9000});
  rig.faults().Inject({.ops = {FileOp::kOpen}, .name = TableName(files[3]->number)});
  FileRunIterator it(FileRun(files, rig.Opener()), ScanKind::kRead);
  std::uint64_t seen = 0;
  for (it.SeekToFirst(); it.Valid(); it.Next()) ++seen;
  EXPECT_FALSE(it.status().ok());
  EXPECT_EQ(seen, files[0]->entries + files[1]->entries + files[2]->entries);
  seen = 0;
  for (it.SeekToLast(); it.Valid(); it.Prev()) ++seen;
  EXPECT_FALSE(it.status().ok());
  EXPECT_LT(seen, 100u);
  it.Seek(TestKey(99), kMaxSeqno << 8);
  EXPECT_TRUE(it.status().ok()) << "elsewhere the level is readable";
  EXPECT_TRUE(it.Valid());
}

TEST(LevelIteratorTest, ALevelWithoutFilesIsEmpty) {
  TableRig rig;
  FileRunIterator it(FileRun({}, rig.Opener()), ScanKind::kRead);
  it.SeekToFirst();
  EXPECT_FALSE(it.Valid());
  it.SeekToLast();
  EXPECT_FALSE(it.Valid());
  it.Seek("k", 0);
  EXPECT_FALSE(it.Valid());
  it.SeekForPrev("k", 0);
  EXPECT_FALSE(it.Valid());
  EXPECT_TRUE(it.status().ok());
}

}  // namespace
}  // namespace beachdb
