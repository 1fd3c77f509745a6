#include "io/environment.h"

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(EnvironmentTest, TheRealWorldIsOneAndComplete) {
  Environment& world = SystemEnvironment();
  EXPECT_EQ(&world, &SystemEnvironment());
  EXPECT_EQ(&world.file_system(), &PosixFileSystem());
  EXPECT_EQ(&world.clock(), &SystemClock());
  EXPECT_NE(world.MakeExecutor(1), nullptr);
  EXPECT_NE(world.Seed(), world.Seed());
}

TEST(ClockTest, MonotonicTimePassesWhileSleeping) {
  Clock& clock = SystemClock();
  const std::uint64_t before = clock.MonotonicNanos();
  clock.SleepNanos(3'000'000);
  EXPECT_GE(clock.MonotonicNanos() - before, 3'000'000u);
}

TEST(ClockTest, WallTimeIsMicrosecondsSince1970) {
  const std::uint64_t now = SystemClock().WallMicros();
  EXPECT_GT(now, 1'600'000'000'000'000u) << "2020";
  EXPECT_LT(now, 16'000'000'000'000'000u) << "2477";
}

}  // namespace
}  // namespace beachdb
