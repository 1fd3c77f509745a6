#include "engine/read_debt.h"

#include <gtest/gtest.h>

namespace beachdb {
namespace {

constexpr std::uint64_t kMilli = 1'000'000;

TEST(ReadDebtTest, IsDueOnceAsMuchWasPaidAsTheMergeCosts) {
  ReadDebt debt;
  int told = 0;
  debt.OnDue([&] { ++told; });
  debt.Charge(100 * kMilli);
  EXPECT_FALSE(debt.Due()) << "there is nothing to merge";
  debt.SetPrice(ReadDebt::PriceOf(100'000'000));  // 160 ms
  debt.Charge(50 * kMilli);
  EXPECT_FALSE(debt.Due());
  EXPECT_EQ(told, 0);
  debt.Charge(15 * kMilli);
  EXPECT_TRUE(debt.Due());
  EXPECT_EQ(told, 1);
  debt.Charge(15 * kMilli);
  EXPECT_EQ(told, 2) << "the merge may have had to wait";
  debt.Forgive();
  EXPECT_FALSE(debt.Due());
  debt.Charge(159 * kMilli);
  EXPECT_EQ(told, 2);
}

TEST(ReadDebtTest, ManySmallChargesAreLookedAtNowAndThen) {
  ReadDebt debt;
  int told = 0;
  debt.OnDue([&] { ++told; });
  debt.SetPrice(10 * kMilli);
  int charges = 0;
  for (; told == 0 && charges < 100'000; ++charges) debt.Charge(ReadDebt::kSeek);
  EXPECT_GE(charges, 14'000);
  EXPECT_LT(charges, 17'000);
}

}  // namespace
}  // namespace beachdb
