#include "engine/write_stall.h"

#include <string>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(WriteStallTest, NoDelayWhileTheBackgroundKeepsUp) {
  WritePressure pressure;
  pressure.memtables = 1.1;  // one is being flushed, the next fills
  pressure.level0_runs = WriteLimits{}.level0_slow;
  pressure.debt_bytes = WriteLimits{}.debt_slow;
  const WriteDelay delay = DelayFor(pressure, {});
  EXPECT_FALSE(delay.stop);
  EXPECT_EQ(delay.nanos_per_byte, 0);
  EXPECT_STREQ(delay.reason, "");
}

TEST(WriteStallTest, DelayGrowsSmoothlyUpToTheStop) {
  WritePressure pressure;
  pressure.flush_bytes_per_second = 100'000'000;
  double before = 0;
  for (double memtables = 1.11; memtables < pressure.memtables_max; memtables += 0.01) {
    pressure.memtables = memtables;
    const WriteDelay delay = DelayFor(pressure, {});
    EXPECT_FALSE(delay.stop) << memtables;
    EXPECT_GT(delay.nanos_per_byte, before) << memtables;
    EXPECT_LT(delay.nanos_per_byte, before + 1.0) << "a cliff at " << memtables;
    EXPECT_STREQ(delay.reason, "memtables");
    before = delay.nanos_per_byte;
  }
  EXPECT_GT(before, 10.0) << "near the stop, writers must be slower than the drain (10 ns a byte)";
  pressure.memtables = pressure.memtables_max;
  EXPECT_TRUE(DelayFor(pressure, {}).stop);
}

TEST(WriteStallTest, TheWorstPressureIsTheReason) {
  WritePressure pressure;
  pressure.memtables = 1.2;
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
