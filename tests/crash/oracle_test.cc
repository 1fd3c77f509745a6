// The oracle of the crash harness refuses every way in which a crash may break the contract.
#include "tools/crash/oracle.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beachdb::tools::crash {
namespace {

using testing::HasSubstr;
using testing::Optional;

constexpr Fate kAcked = Fate::kAcknowledged;
constexpr Fate kOpen = Fate::kUncertain;
constexpr Fate kNot = Fate::kNotStarted;

Op Put(std::uint64_t id, const std::string& key, const std::string& value) {
  return {.id = id, .thread = *ThreadOf(key), .kind = OpKind::kPut, .changes = {{key, value}}};
}
Op Delete(std::uint64_t id, const std::string& key) {
  return {.id = id,
          .thread = *ThreadOf(key),
          .kind = OpKind::kDelete,
          .changes = {{key, std::nullopt}}};
}

class OracleTest : public testing::Test {
 protected:
  Oracle oracle_;
};

TEST_F(OracleTest, WhatWasAcknowledgedMustBeThere) {
  const std::vector<Op> ops = {Put(1, "t0/a", "1"), Put(2, "t0/b", "2")};
  EXPECT_THAT(oracle_.Judge(ops, {kAcked, kAcked}, {{"t0/a", "1"}}),
              Optional(HasSubstr("\"t0/b\": want \"2\" (1 bytes), found nothing")));
  EXPECT_EQ(oracle_.Judge(ops, {kAcked, kAcked}, {{"t0/a", "1"}, {"t0/b", "2"}}), std::nullopt);
}

TEST_F(OracleTest, WhatWasUnderWayMayBeThereOrNot) {
  const std::vector<Op> ops = {Put(1, "t0/a", "1"), Put(2, "t0/a", "2"), Put(3, "t0/b", "3")};
  EXPECT_EQ(Oracle().Judge(ops, {kAcked, kOpen, kNot}, {{"t0/a", "1"}}), std::nullopt);
  EXPECT_EQ(Oracle().Judge(ops, {kAcked, kOpen, kNot}, {{"t0/a", "2"}}), std::nullopt);
  EXPECT_THAT(Oracle().Judge(ops, {kAcked, kOpen, kNot}, {{"t0/a", "1"}, {"t0/b", "3"}}),
              Optional(HasSubstr("t0/b")))
      << "never started, but there";
}

TEST_F(OracleTest, ABatchIsThereWholeOrNotAtAll) {
  const std::vector<Op> ops = {
      Put(1, "t0/a", "old"),
      {.id = 2,
       .kind = OpKind::kBatch,
       .changes = {{"t0/a", "new"}, {"t0/b", "new"}, {"t0/c", std::nullopt}}}};
  const std::vector<Fate> fates = {kAcked, kOpen};
  EXPECT_EQ(Oracle().Judge(ops, fates, {{"t0/a", "old"}}), std::nullopt);
  EXPECT_EQ(Oracle().Judge(ops, fates, {{"t0/a", "new"}, {"t0/b", "new"}}), std::nullopt);
  EXPECT_NE(Oracle().Judge(ops, fates, {{"t0/a", "new"}}), std::nullopt);
  EXPECT_NE(Oracle().Judge(ops, fates, {{"t0/a", "old"}, {"t0/b", "new"}}), std::nullopt);
}

TEST_F(OracleTest, ADeletedKeyDoesNotComeBack) {
  ASSERT_EQ(oracle_.Judge({Put(1, "t0/a", "1")}, {kAcked}, {{"t0/a", "1"}}), std::nullopt);
  EXPECT_THAT(oracle_.Judge({Delete(2, "t0/a")}, {kAcked}, {{"t0/a", "1"}}),
              Optional(HasSubstr("want nothing, found \"1\" (1 bytes); in this cycle: deleted by 2 "
                                 "(delete, acknowledged)")));
  ASSERT_EQ(oracle_.Judge({Delete(2, "t0/a")}, {kAcked}, {}), std::nullopt);
  EXPECT_THAT(oracle_.Judge({}, {}, {{"t0/a", "1"}}), Optional(HasSubstr("not touched")))
      << "nor cycles later";
}

TEST_F(OracleTest, WhatWasFoundOnceStays) {
  ASSERT_EQ(oracle_.Judge({Put(1, "t0/a", "1")}, {kOpen}, {{"t0/a", "1"}}), std::nullopt);
  EXPECT_NE(oracle_.Judge({}, {}, {}), std::nullopt) << "an unacknowledged write, seen, then lost";
}

TEST_F(OracleTest, WhatWasFoundMissingStaysMissing) {
  ASSERT_EQ(oracle_.Judge({Put(1, "t0/a", "1")}, {kOpen}, {}), std::nullopt);
  EXPECT_NE(oracle_.Judge({}, {}, {{"t0/a", "1"}}), std::nullopt);
}

TEST_F(OracleTest, ThreadsAreUncertainIndependently) {
  const std::vector<Op> ops = {Put(1, "t0/a", "1"), Put(2, "t1/a", "2")};
  EXPECT_EQ(Oracle().Judge(ops, {kOpen, kOpen}, {{"t1/a", "2"}}), std::nullopt);
  EXPECT_EQ(Oracle().Judge(ops, {kOpen, kOpen}, {{"t0/a", "1"}}), std::nullopt);
  EXPECT_NE(Oracle().Judge(ops, {kOpen, kOpen}, {{"t0/a", "2"}}), std::nullopt);
}

TEST_F(OracleTest, AKeyThatNobodyWritesIsRefused) {
  EXPECT_THAT(oracle_.Judge({}, {}, {{"x", "1"}}), Optional(HasSubstr("nobody wrote")));
}

TEST_F(OracleTest, AWriteThatFailedMayStillBeThereBeforeOneThatWorked) {
  const std::vector<Op> ops = {Put(1, "t0/a", "1"), Put(2, "t0/a", "2"), Put(3, "t0/b", "3")};
  const std::vector<Fate> fates = {kOpen, kOpen, kAcked};
  for (const char* value : {"1", "2"}) {
    EXPECT_EQ(Oracle().Judge(ops, fates, {{"t0/a", value}, {"t0/b", "3"}}), std::nullopt);
  }
  EXPECT_NE(Oracle().Judge(ops, fates, {{"t0/a", "1"}}), std::nullopt);
}

}  // namespace
}  // namespace beachdb::tools::crash
