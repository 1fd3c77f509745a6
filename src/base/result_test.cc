#include "beachdb/result.h"

#include <memory>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/try.h"

namespace beachdb {
namespace {

Error SomeError() { return Error(Code::kCorruption, "footer: bad magic"); }

TEST(ResultTest, EveryCodeHasAName) {
  std::set<std::string_view> names;
  for (unsigned char c = 1; c <= static_cast<unsigned char>(Code::kShutDown); ++c) {
    names.insert(CodeName(static_cast<Code>(c)));
  }
  EXPECT_EQ(names.size(), 8u);
  EXPECT_FALSE(names.contains("unknown error"));
  EXPECT_EQ(CodeName(static_cast<Code>(200)), "unknown error");
}

TEST(ResultTest, AnErrorTellsItsCodeAndGathersContextOnTheWayUp) {
  const Error error = SomeError().WithContext("000007.sst: ").WithContext("opening ");
  EXPECT_EQ(error.code(), Code::kCorruption);
  EXPECT_EQ(error.message(), "opening 000007.sst: footer: bad magic");
  EXPECT_EQ(error.ToString(), "corruption: opening 000007.sst: footer: bad magic");
  EXPECT_EQ(SomeError().message(), "footer: bad magic");
}

TEST(ResultTest, AStatusIsOkOrAnError) {
  const Status ok = OkStatus();
  EXPECT_TRUE(ok.ok());
  EXPECT_EQ(ok.ToString(), "ok");
  const Status bad = Status(SomeError()).WithContext("here: ");
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code(), Code::kCorruption);
  EXPECT_EQ(bad.ToString(), "corruption: here: footer: bad magic");
  EXPECT_TRUE(OkStatus().WithContext("ignored").ok());
}

TEST(ResultTest, AResultHoldsMoveOnlyValuesAndBooleans) {
  Result<std::unique_ptr<int>> held = std::make_unique<int>(7);
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(**held, 7);
  const std::unique_ptr<int> taken = std::move(held).value();
  EXPECT_EQ(*taken, 7);
  const Result<bool> no = false;
  ASSERT_TRUE(no.ok());
  EXPECT_FALSE(*no);
}

Result<int> Half(int n) {
  if (n % 2 != 0) return Error(Code::kInvalidArgument, std::to_string(n) + " is odd");
  return n / 2;
}

Result<int> Quarter(int n) {
  ASSIGN_OR_RETURN(const int half, Half(n));
  ASSIGN_OR_RETURN(const int quarter, Half(half).WithContext("second half: "));
  return quarter;
}

Status CheckEven(int n) {
  RETURN_IF_ERROR(Half(n));
  return OkStatus();
}

TEST(ResultTest, ErrorsTravelUpUnchanged) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(7).error().message(), "7 is odd");
  EXPECT_EQ(Quarter(6).error().message(), "second half: 3 is odd");
  EXPECT_TRUE(CheckEven(2).ok());
  EXPECT_EQ(CheckEven(3).error().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace beachdb
