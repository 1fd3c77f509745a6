// A checkpoint under power cuts: Db::Checkpoint, and what is left of one in the middle.
#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "beachdb/db.h"
#include "sim/power_cut.h"
#include "sim/sim_disk.h"
#include "sim/sim_world.h"
#include "tests/support/cut_enumeration.h"

namespace beachdb {
namespace {

Options SmallOptions() {
  Options options;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

std::size_t CountOf(const Db& db) {
  std::size_t count = 0;
  Iterator it = db.NewIterator();
  for (it.SeekToFirst(); it.Valid(); it.Next()) ++count;
  EXPECT_TRUE(it.status().ok());
  return count;
}

// The power is cut at every event of a life with a checkpoint in it. Once that was acknowledged, it
// is there, with all it should hold; before, it is there whole, or is no database.
TEST(CheckpointCutTest, APowerCutLeavesItWholeOrNoDatabase) {
  SimDisk disk;
  std::uint64_t acknowledged = 0;
  {
    SimWorld world(disk, 1, SimWorld::Threads::kInline);
    Options options = SmallOptions();
    options.environment = &world;
    auto opened = Db::Open("/data/db", options);
    ASSERT_TRUE(opened.ok());
    Db db = *std::move(opened);
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(db.Put("key" + std::to_string(i), "value").ok());
      if (i == 0) {
        ASSERT_TRUE(db.Flush().ok());
      }
    }
    ASSERT_TRUE(db.Checkpoint("/copies/one").ok());
    acknowledged = disk.Mark();
    ASSERT_TRUE(db.Put("later", "value").ok());
    ASSERT_TRUE(db.CompactRange().ok());
  }
  const DiskJournal journal = disk.TakeJournal();
  DiskHistory history(journal);
  int opened = 0;
  int refused = 0;
  for (std::uint64_t event = 0; event <= journal.events.size(); ++event) {
    history.AdvanceTo(event);
    for (const CutPolicy& policy : kCutPolicies) {
      SimDisk after(history.Cut(policy, 7 + event));
      SimWorld world(after, 1, SimWorld::Threads::kInline);
      Options options = SmallOptions();
      options.environment = &world;
      options.create_if_missing = false;
      auto copy = Db::Open("/copies/one", options);
      if (!copy.ok()) {
        EXPECT_LE(event, acknowledged) << policy.ToString() << ": " << copy.error().ToString();
        ++refused;
        continue;
      }
      ++opened;
      EXPECT_EQ(CountOf(*copy), 3u) << "cut at " << event << ", " << policy.ToString();
      EXPECT_TRUE(copy->Verify({.depth = VerifyDepth::kTree})->problems.empty());
    }
  }
  EXPECT_GT(opened, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace beachdb
