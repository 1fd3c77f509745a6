#include "base/check.h"

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(CheckDeathTest, ABrokenCheckStopsTheProcessAndNamesItself) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const int tide = 3;
  EXPECT_DEATH(CHECK(tide == 4), "check_test.cc:[0-9]+: CHECK failed: tide == 4");
}

TEST(CheckTest, AKeptCheckCostsNothingButItsCondition) {
  int evaluated = 0;
  CHECK(++evaluated == 1);
  EXPECT_EQ(evaluated, 1);
}

TEST(CheckTest, InvariantsRunOnlyWhereTheyAreSwitchedOn) {
  int evaluated = 0;
  INVARIANT(++evaluated == 1);
  EXPECT_EQ(evaluated, kInvariants ? 1 : 0);
}

}  // namespace
}  // namespace beachdb
