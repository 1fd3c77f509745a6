#include "base/rare_branch.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

void Pass(bool rare) {
  if (rare) RARE_BRANCH("rare_branch_test_reached");
  if (!rare) RARE_BRANCH("rare_branch_test_missed");
}

TEST(RareBranchTest, AMarkIsWrittenOnceItWasReached) {
  const std::string path = testing::TempDir() + "beachdb_rare_branches";
  std::filesystem::remove(path);
  ASSERT_EQ(setenv("BEACHDB_RARE_BRANCHES", path.c_str(), 1), 0);
  Pass(true);
  Pass(true);
  WriteRareBranches();
  ASSERT_EQ(unsetenv("BEACHDB_RARE_BRANCHES"), 0);
  std::ifstream in(path);
  const std::string lines{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_EQ(lines, kInvariants ? "rare_branch_test_reached\n" : "");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace beachdb
