// The checkers reject what must be rejected, and accept every legal overlap.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/concurrency/linearizability.h"
#include "tests/concurrency/snapshots.h"

namespace beachdb::concurrency {
namespace {

KeyOp Put(std::uint64_t value, std::uint64_t called, std::uint64_t returned) {
  return {KeyOp::Kind::kWrite, value, called, returned};
}
KeyOp Get(std::uint64_t value, std::uint64_t called, std::uint64_t returned) {
  return {KeyOp::Kind::kRead, value, called, returned};
}

TEST(LinearizabilityTest, OverlappingOperationsMayHappenInAnyOrder) {
  EXPECT_TRUE(IsLinearizable({}));
  EXPECT_TRUE(IsLinearizable({Put(1, 0, 10), Put(2, 0, 10), Get(1, 11, 12)}));
  EXPECT_TRUE(IsLinearizable({Put(1, 0, 10), Put(2, 0, 10), Get(2, 11, 12)}));
  EXPECT_TRUE(IsLinearizable({Put(1, 0, 10), Get(0, 1, 3), Get(1, 4, 6)}));
  EXPECT_TRUE(IsLinearizable({Put(1, 0, 1), Put(0, 2, 9), Get(1, 3, 4), Get(0, 5, 6)}));
}

TEST(LinearizabilityTest, AStaleReadIsRejected) {
  EXPECT_FALSE(IsLinearizable({Put(1, 0, 1), Put(2, 2, 3), Get(1, 4, 5)}));
  EXPECT_FALSE(IsLinearizable({Put(1, 0, 1), Get(0, 2, 3)}));
  EXPECT_FALSE(IsLinearizable({Put(1, 0, 1), Put(0, 2, 3), Get(1, 4, 5)})) << "a delete undone";
}

TEST(LinearizabilityTest, AReadOfWhatNobodyWroteIsRejected) {
  EXPECT_FALSE(IsLinearizable({Put(1, 0, 1), Get(7, 0, 5)}));
  EXPECT_FALSE(IsLinearizable({Get(1, 0, 1), Put(1, 2, 3)})) << "from the future";
}

TEST(LinearizabilityTest, TwoReadersMayNotSeeTwoWritesInOppositeOrder) {
  EXPECT_FALSE(
      IsLinearizable({Put(1, 0, 20), Put(2, 0, 20), Get(1, 1, 2), Get(2, 3, 4), Get(1, 5, 6)}));
}

TEST(LinearizabilityTest, ALostUpdateIsRejected) {
  EXPECT_FALSE(IsLinearizable({Put(1, 0, 1), Put(2, 2, 3), Get(2, 4, 5), Get(1, 6, 7)}));
}

TEST(LinearizabilityTest, AnOperationWithoutAnOutcomeMayHappenLateOrNever) {
  EXPECT_TRUE(IsLinearizable({Put(1, 0, 1), Put(2, 2, kNever), Get(1, 4, 5), Get(2, 6, 7)}));
  EXPECT_TRUE(IsLinearizable({Put(1, 0, 1), Put(2, 2, kNever), Get(1, 4, 5)}));
  EXPECT_FALSE(IsLinearizable({Put(1, 0, 1), Put(2, 2, kNever), Get(2, 4, 5), Get(1, 6, 7)}))
      << "but not be taken back";
}

TEST(LinearizabilityTest, AHundredConcurrentWritesAreDecidedQuickly) {
  std::vector<KeyOp> ops;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    ops.push_back(Put(i, i * 10, i * 10 + 40));
    ops.push_back(Get(i, i * 10 + 35, i * 10 + 45));
  }
  EXPECT_TRUE(IsLinearizable(ops));
  ops.push_back(Get(50, 5000, 5001));
  EXPECT_FALSE(IsLinearizable(ops));
}

// ---- scans --------------------------------------------------------------------------------------

Commit Batch(std::uint32_t thread, std::uint32_t number, std::uint64_t called,
             std::uint64_t returned, std::map<std::string, bool> keys) {
  return {{thread, number}, called, returned, std::move(keys)};
}

TEST(SnapshotsTest, AScanOfAPrefixOfTheCommitsIsAccepted) {
  const std::vector<Commit> commits{Batch(0, 1, 0, 1, {{"a", true}, {"b", true}}),
                                    Batch(1, 1, 2, 6, {{"a", true}}),
                                    Batch(0, 2, 3, 7, {{"b", false}})};
  EXPECT_EQ(FindContradiction(commits, {{4, 5, {1, 0}, {{"a", {0, 1}}, {"b", {0, 1}}}},
                                        {4, 5, {1, 1}, {{"a", {1, 1}}, {"b", {0, 1}}}},
                                        {8, 9, {2, 1}, {{"a", {1, 1}}}}}),
            "");
}

TEST(SnapshotsTest, WhatIsMissedOrSeenTooEarlyIsRejected) {
  const std::vector<Commit> commits{Batch(0, 1, 0, 1, {{"a", true}}),
                                    Batch(0, 2, 8, 9, {{"a", true}})};
  EXPECT_NE(FindContradiction(commits, {{2, 3, {0}, {}}}), "") << "a stale scan";
  EXPECT_NE(FindContradiction(commits, {{2, 3, {2}, {{"a", {0, 2}}}}}), "") << "from the future";
  EXPECT_NE(FindContradiction(commits, {{10, 11, {3}, {{"a", {0, 3}}}}}), "") << "never written";
}

TEST(SnapshotsTest, ATornBatchIsRejected) {
  const std::vector<Commit> commits{Batch(0, 1, 0, 1, {{"a", true}, {"b", true}}),
                                    Batch(0, 2, 2, 9, {{"a", true}, {"b", true}})};
  EXPECT_NE(FindContradiction(commits, {{3, 4, {2}, {{"a", {0, 2}}, {"b", {0, 1}}}}}), "");
  EXPECT_NE(FindContradiction(commits, {{3, 4, {1}, {{"a", {0, 2}}, {"b", {0, 1}}}}}), "");
  EXPECT_NE(FindContradiction(commits, {{3, 4, {2}, {{"a", {0, 2}}}}}), "") << "half a batch";
}

TEST(SnapshotsTest, TwoConcurrentBatchesMayNotWinOneKeyEach) {
  const std::vector<Commit> commits{Batch(0, 1, 0, 9, {{"a", true}, {"b", true}}),
                                    Batch(1, 1, 0, 9, {{"a", true}, {"b", true}})};
  EXPECT_EQ(FindContradiction(commits, {{10, 11, {1, 1}, {{"a", {0, 1}}, {"b", {0, 1}}}}}), "");
  EXPECT_NE(FindContradiction(commits, {{10, 11, {1, 1}, {{"a", {0, 1}}, {"b", {1, 1}}}}}), "");
}

TEST(SnapshotsTest, TwoScansMayNotSeeTwoCommitsInOppositeOrder) {
  const std::vector<Commit> commits{Batch(0, 1, 0, 9, {{"a", true}}),
                                    Batch(1, 1, 0, 9, {{"b", true}})};
  EXPECT_NE(FindContradiction(commits,
                              {{1, 8, {1, 0}, {{"a", {0, 1}}}}, {1, 8, {0, 1}, {{"b", {1, 1}}}}}),
            "");
}

TEST(SnapshotsTest, ALaterScanMayNotContainLess) {
  const std::vector<Commit> commits{Batch(0, 1, 0, 9, {{"a", true}})};
  EXPECT_NE(FindContradiction(commits, {{1, 2, {1}, {{"a", {0, 1}}}}, {3, 4, {0}, {}}}), "");
  EXPECT_EQ(FindContradiction(commits, {{1, 3, {1}, {{"a", {0, 1}}}}, {2, 4, {0}, {}}}), "");
}

TEST(SnapshotsTest, AKeyThatIsAbsentWasDeletedLast) {
  const std::vector<Commit> commits{Batch(0, 1, 0, 1, {{"a", true}}),
                                    Batch(1, 1, 2, 3, {{"a", false}}),
                                    Batch(0, 2, 4, 5, {{"a", true}})};
  EXPECT_EQ(FindContradiction(commits, {{3, 4, {1, 1}, {}}}), "");
  EXPECT_NE(FindContradiction(commits, {{6, 7, {2, 1}, {}}}), "");
}

}  // namespace
}  // namespace beachdb::concurrency
