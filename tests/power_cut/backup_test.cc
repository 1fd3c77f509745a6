// Backups under power cuts: the power goes at every event of creating, pruning and restoring.
#include <cstdio>

#include <gtest/gtest.h>

#include "tests/support/backup_story.h"

namespace beachdb {
namespace {

TEST(BackupCutTest, APowerCutLeavesWholeBackupsAndNoHalfDatabase) {
  const BackupCutReport report = CutAroundBackups();
  EXPECT_EQ(report.failure, "");
  EXPECT_GT(report.backups, 1000u);
  EXPECT_GT(report.half_restores, 10u);
  EXPECT_GT(report.whole_restores, 10u);
  std::printf("PROOF backup_cuts events=%llu states=%llu backups=%llu half_restores=%llu\n",
              static_cast<unsigned long long>(report.events),
              static_cast<unsigned long long>(report.states),
              static_cast<unsigned long long>(report.backups),
              static_cast<unsigned long long>(report.half_restores));
}

}  // namespace
}  // namespace beachdb
