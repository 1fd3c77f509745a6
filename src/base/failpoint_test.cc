#include "base/failpoint.h"

#include <csignal>
#include <set>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beachdb {
namespace {

using testing::HasSubstr;

class FailpointTest : public testing::Test {
 protected:
  ~FailpointTest() override { DisarmFailpoints(); }
};

Status Sync(int& done) {
  return SyncStep("wal_sync", [&] {
    ++done;
    return OkStatus();
  });
}

TEST_F(FailpointTest, NothingHappensWhileNothingIsArmed) {
  int done = 0;
  CrashPoint("wal_after_append");
  EXPECT_TRUE(ErrorPoint("wal_sync_error").ok());
  EXPECT_TRUE(Sync(done).ok());
  EXPECT_EQ(done, 1);
  EXPECT_FALSE(FailpointsLive());
}

TEST_F(FailpointTest, TheProcessDiesAtExactlyThePassThatWasOrdered) {
  const auto pass_three_times = [] {
    if (!ArmFailpoints("wal_after_append=crash:3").ok()) std::exit(7);
    for (int i = 1; i <= 3; ++i) {
      CrashPoint("wal_after_append");
      std::fprintf(stderr, "passed %d\n", i);
    }
    std::exit(0);
  };
  EXPECT_EXIT(pass_three_times(), testing::KilledBySignal(SIGKILL), "passed 2\n$");
}

TEST_F(FailpointTest, ACrashComesBeforeTheStepAndCrashAfterBehindIt) {
  const auto step = [](const char* order) {
    if (!ArmFailpoints(order).ok()) std::exit(7);
    const Status done = Step("wal_append", [] {
      std::fprintf(stderr, "done");
      return OkStatus();
    });
    std::exit(done.ok() ? 0 : 1);
  };
  EXPECT_EXIT(step("wal_append=crash"), testing::KilledBySignal(SIGKILL), "^$");
  EXPECT_EXIT(step("wal_append=crash_after"), testing::KilledBySignal(SIGKILL), "^done$");
}

TEST_F(FailpointTest, AnErrorComesInsteadOfTheStepAsOftenAsOrdered) {
  ASSERT_TRUE(ArmFailpoints("wal_sync=error:enospc:2:1").ok());
  int done = 0;
  EXPECT_TRUE(Sync(done).ok()) << "one pass goes through first";
  const Status failed = Sync(done);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), Code::kNoSpace);
  EXPECT_THAT(failed.error().message(), HasSubstr("wal_sync"));
  EXPECT_FALSE(Sync(done).ok());
  EXPECT_TRUE(Sync(done).ok());
  EXPECT_EQ(done, 2);
  EXPECT_EQ(FailpointHits("wal_sync"), 2u);
}

TEST_F(FailpointTest, AnErrorTakesThePlaceOfAValueToo) {
  ASSERT_TRUE(ArmFailpoints("sst_create=error").ok());
  const Result<int> made = Step("sst_create", []() -> Result<int> { return 7; });
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code(), Code::kIoError);
}

TEST_F(FailpointTest, ASkippedStepIsNotDoneButSaysItWas) {
  ASSERT_TRUE(ArmFailpoints("wal_sync=skip").ok());
  int done = 0;
  EXPECT_TRUE(Sync(done).ok());
  EXPECT_EQ(done, 0);
  DisarmFailpoints();
  EXPECT_TRUE(Sync(done).ok());
  EXPECT_EQ(done, 1);
  EXPECT_FALSE(FailpointsLive());
}

TEST_F(FailpointTest, CountingSeesEveryPassAndChangesNothing) {
  ASSERT_TRUE(ArmFailpoints("count").ok());
  int done = 0;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Sync(done).ok());
  EXPECT_EQ(done, 5);
  EXPECT_EQ(FailpointPasses("wal_sync"), 5u);
  EXPECT_EQ(FailpointPasses("wal_append"), 0u);
  EXPECT_EQ(FailpointHits("wal_sync"), 0u);
}

TEST_F(FailpointTest, ABadSpecificationArmsNothingAndSaysWhatIsWrong) {
  const struct {
    std::string_view text;
    std::string_view want;
  } kCases[] = {
      {"wal_snyc=crash", "none called \"wal_snyc\""},
      {"wal_sync", "want NAME=ACTION"},
      {"wal_sync=explode", "no action \"explode\""},
      {"wal_sync=crash:0", "counted from 1"},
      {"wal_sync=crash:x", "\"x\" is no number"},
      {"wal_sync=crash:1:2", "too much"},
      {"wal_sync=error:eagain", "eio or enospc"},
      {"wal_after_sync=error", "kind crash"},
      {"wal_append=skip", "kind step"},
      {"wal_sync_error=crash", "kind error"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const Status armed = ArmFailpoints("wal_append=error;" + std::string(c.text));
    ASSERT_FALSE(armed.ok());
    EXPECT_EQ(armed.error().code(), Code::kInvalidArgument);
    EXPECT_THAT(armed.error().message(), HasSubstr(std::string(c.want)));
    EXPECT_FALSE(FailpointsLive()) << "a half-armed specification";
  }
}

TEST_F(FailpointTest, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const FailpointInfo& info : kFailpoints) EXPECT_TRUE(names.insert(info.name).second);
}

}  // namespace
}  // namespace beachdb
