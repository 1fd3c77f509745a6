#include "bench/mixes.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beachdb::bench {
namespace {

using ::testing::HasSubstr;

TEST(MixesTest, WhatTheEngineCountsExplainsWhatTheCallerSees) {
  const std::string folder = ::testing::TempDir() + "bench_mixes";
  std::filesystem::create_directories(folder);
  Settings settings;
  settings.keys = 20'000;
  settings.seconds = 0.1;
  const auto outcomes = RunMixes(settings, folder);
  ASSERT_TRUE(outcomes.ok()) << outcomes.error().ToString();
  ASSERT_EQ(outcomes->size(), 6u);
  for (std::size_t i = 0; i < outcomes->size(); ++i) {
    const MixOutcome& o = (*outcomes)[i];
    SCOPED_TRACE(o.mix);
    EXPECT_EQ(o.mix, std::string(1, static_cast<char>('A' + i / 2)));
    EXPECT_EQ(o.filter_bits, i % 2 == 0 ? settings.store.bloom_bits : 0);
    EXPECT_EQ(o.stats.puts, o.puts);
    EXPECT_EQ(o.stats.gets, o.gets);
    EXPECT_EQ(o.stats.wal_syncs, o.puts) << "one thread: each put is a sync of its own";
    if (o.filter_bits == 0) {
      EXPECT_EQ(o.stats.filter_negatives, 0u);
    } else if (o.mix == "C") {
      EXPECT_GT(o.stats.filter_negatives, 0u);
    }
  }
  const MixOutcome& writes = outcomes->front();
  EXPECT_GT(writes.puts, 5 * writes.gets);
  EXPECT_GT(writes.stats.wal_sync_micros_p50, 0u);
  EXPECT_LE(writes.stats.wal_sync_micros_p50, writes.stats.wal_sync_micros_p99);
  EXPECT_LE(writes.stats.wal_sync_micros_p99, writes.stats.wal_sync_micros_max);
  EXPECT_LT((*outcomes)[4].stats.read_amplification, 0.5) << "C with filters";
  EXPECT_GT((*outcomes)[5].stats.read_amplification, 0.9) << "C without";
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

TEST(MixesTest, TheReportHasALineForEach) {
  Settings settings;
  settings.keys = 77;
  settings.seconds = 3;
  MixOutcome outcome{.mix = "C", .what = "miss-heavy", .filter_bits = 10, .seconds = 2};
  outcome.puts = 10;
  outcome.gets = 30;
  outcome.get = {1, 2, 3, 4};
  outcome.stats.puts = 10;
  outcome.stats.gets = 30;
  outcome.stats.wal_bytes = 1200;
  outcome.stats.wal_syncs = 10;
  outcome.stats.wal_sync_micros_p50 = 90;
  outcome.stats.wal_sync_micros_p99 = 120;
  outcome.stats.wal_sync_micros_max = 500;
  outcome.stats.read_amplification = 0.25;
  outcome.stats.blocks_read = 3;
  outcome.stats.block_cache_hits = 3;
  outcome.stats.block_cache_misses = 1;
  outcome.stats.filter_negatives = 15;
  outcome.stats.filter_false_positives = 2;
  const std::vector<MixOutcome> outcomes = {outcome};
  const std::string report = MixReport(settings, outcomes);
  EXPECT_THAT(report, HasSubstr("77 keys"));
  EXPECT_THAT(report, HasSubstr("| C, miss-heavy | 10 | 20 | - | 1.0 / 2.0 | 120 | 10 | 90 / 120 / "
                                "500 | 0.250 | 0.100 | 75.0% | 0.50 | 2 |"));
}

}  // namespace
}  // namespace beachdb::bench
