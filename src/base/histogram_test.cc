#include "base/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace beachdb {
namespace {

TEST(HistogramTest, EmptyMeansZero) {
  const Histogram h;
  EXPECT_EQ(h.Count(), 0u);
  EXPECT_EQ(h.Min(), 0u);
  EXPECT_EQ(h.Max(), 0u);
  EXPECT_EQ(h.Mean(), 0);
  EXPECT_EQ(h.Percentile(99), 0u);
}

TEST(HistogramTest, SmallValuesAreExact) {
  Histogram h;
  for (std::uint64_t v = 1; v <= 10; ++v) h.Add(v);
  EXPECT_EQ(h.Percentile(0), 1u);
  EXPECT_EQ(h.Percentile(50), 5u);
  EXPECT_EQ(h.Percentile(90), 9u);
  EXPECT_EQ(h.Percentile(91), 10u);
  EXPECT_EQ(h.Percentile(100), 10u);
  EXPECT_DOUBLE_EQ(h.Mean(), 5.5);
  EXPECT_EQ(h.Min(), 1u);
}

TEST(HistogramTest, PercentilesAreWithinASixteenthOfTheTruth) {
  const std::uint64_t seed = 5;
  SCOPED_TRACE(seed);
  Random random(seed);
  Histogram h;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 50000; ++i) {
    const std::uint64_t value = random.Next() >> random.Uniform(64);
    values.push_back(value);
    h.Add(value);
  }
  std::sort(values.begin(), values.end());
  for (const double percent : {0.0, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    const auto rank = static_cast<std::size_t>(
        std::max(1.0, std::ceil(percent / 100 * static_cast<double>(values.size()))));
    const std::uint64_t truth = values[rank - 1];
    EXPECT_GE(h.Percentile(percent), truth) << percent;
    EXPECT_LE(h.Percentile(percent) - truth, truth / 16) << percent;
  }
}

TEST(HistogramTest, EveryPowerOfTwoAndItsNeighboursAreHeld) {
  for (int bit = 0; bit < 64; ++bit) {
    for (const int delta : {-1, 0, 1}) {
      const std::uint64_t v = (std::uint64_t{1} << bit) + static_cast<std::uint64_t>(delta);
      Histogram h;
      h.Add(v);
      EXPECT_EQ(h.Percentile(50), v);
      EXPECT_EQ(h.Max(), v);
    }
  }
  Histogram h;
  h.Add(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(h.Percentile(100), std::numeric_limits<std::uint64_t>::max());
}

TEST(HistogramTest, MergedHistogramsAreTheHistogramOfAllValues) {
  Random random(9);
  Histogram all;
  Histogram parts[3];
  for (int i = 0; i < 3000; ++i) {
    const std::uint64_t v = random.Uniform(1'000'000);
    all.Add(v);
    parts[i % 3].Add(v);
  }
  Histogram merged;
  for (const Histogram& part : parts) merged.Merge(part);
  EXPECT_EQ(merged.Count(), all.Count());
  EXPECT_EQ(merged.Min(), all.Min());
  EXPECT_EQ(merged.Max(), all.Max());
  EXPECT_DOUBLE_EQ(merged.Mean(), all.Mean());
  for (double p = 0; p <= 100; p += 0.5) EXPECT_EQ(merged.Percentile(p), all.Percentile(p));
  merged.Clear();
  EXPECT_EQ(merged.Count(), 0u);
}

}  // namespace
}  // namespace beachdb
