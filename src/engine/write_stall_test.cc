#include "engine/write_stall.h"

#include <string>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(WriteStallTest, NoDelayWhileTheBackgroundKeepsUp) {
  WritePressure pressure;
  pressure.memtables = 1.3;  // half of the room, when the flush is at five eighths of its work
  pressure.flushed = 0.625;
  pressure.flush_nanos = 1e8;
  pressure.level0_runs = WriteLimits{}.level0_slow;
  pressure.debt_bytes = WriteLimits{}.debt_slow;
  const WriteDelay delay = DelayFor(pressure, {});
  EXPECT_FALSE(delay.stop);
  EXPECT_EQ(delay.nanos, 0);
  EXPECT_EQ(delay.nanos_per_byte, 0);
  EXPECT_STREQ(delay.reason, "");
}

TEST(WriteStallTest, WhoIsAheadOfTheFlushWaitsAsLongAsItNeedsToCatchUp) {
  WritePressure pressure;
  pressure.flush_nanos = 1e8;
  pressure.memtables = 1.45;  // three quarters of the room
  for (const double flushed : {0.0, 0.25, 0.5, 0.75}) {
    pressure.flushed = flushed;
    const WriteDelay delay = DelayFor(pressure, {});
    EXPECT_FALSE(delay.stop);
    EXPECT_NEAR(delay.nanos, (0.75 - 0.9 * flushed) * 1e8, 1) << flushed;
    EXPECT_STREQ(delay.reason, "memtables");
  }
  pressure.memtables = 0.99;  // nothing waits for a flush
  pressure.flushed = 0;
  EXPECT_EQ(DelayFor(pressure, {}).nanos, 0);
  pressure.memtables = 1.45;
  pressure.flush_nanos = 0;  // no flush to wait for: it has failed, and will be tried again
  EXPECT_EQ(DelayFor(pressure, {}).nanos, 0);
  EXPECT_STREQ(DelayFor(pressure, {}).reason, "");
  pressure.memtables = pressure.memtables_max;
  pressure.flushed = 1;
  EXPECT_TRUE(DelayFor(pressure, {}).stop) << "memory would pass its budget";
  EXPECT_STREQ(DelayFor(pressure, {}).reason, "memtables");
}

TEST(WriteStallTest, DelayGrowsSmoothlyUpToTheStop) {
  const WriteLimits limits;
  WritePressure pressure;
  pressure.compact_bytes_per_second = 100'000'000;
  double before = 0;
  for (int runs = limits.level0_slow + 1; runs < limits.level0_stop; ++runs) {
    pressure.level0_runs = runs;
    const WriteDelay delay = DelayFor(pressure, limits);
    EXPECT_FALSE(delay.stop) << runs;
    EXPECT_GT(delay.nanos_per_byte, before) << runs;
    EXPECT_LT(delay.nanos_per_byte, before + 2) << "a cliff at " << runs;
    EXPECT_STREQ(delay.reason, "level 0 runs");
    before = delay.nanos_per_byte;
  }
  EXPECT_GT(before, 10.0) << "near the stop, writers must be slower than the drain (10 ns a byte)";
  pressure.level0_runs = limits.level0_stop;
  EXPECT_TRUE(DelayFor(pressure, limits).stop);
}

TEST(WriteStallTest, TheWorstPressureIsTheReason) {
  WritePressure pressure;
  pressure.level0_runs = WriteLimits{}.level0_stop - 1;
  EXPECT_STREQ(DelayFor(pressure, {}).reason, "level 0 runs");
  pressure.debt_bytes = WriteLimits{}.debt_stop;
  EXPECT_STREQ(DelayFor(pressure, {}).reason, "compaction debt");
}

TEST(WriteStallTest, AFasterDrainMeansAShorterDelay) {
  WritePressure pressure;
  pressure.level0_runs = 20;
  pressure.compact_bytes_per_second = 50'000'000;
  const double slow = DelayFor(pressure, {}).nanos_per_byte;
  pressure.compact_bytes_per_second = 500'000'000;
  EXPECT_NEAR(DelayFor(pressure, {}).nanos_per_byte, slow / 10, slow / 1000);
}

}  // namespace
}  // namespace beachdb
