// What minutes under pressure showed: checks with a verdict, a table, charts.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench/run_info.h"
#include "bench/sustain.h"

namespace beachdb::bench {

struct Check {
  std::string what;   // "no second below half of the median"
  std::string found;  // "the lowest 0.82 of it (second 17)"
  bool passed;
};

// The limits that a check holds an engine to.
inline constexpr double kLowestShareOfMedian = 0.5;  // of writes in a second
inline constexpr double kLongestStallMicros = 50'000;
inline constexpr double kMostReadSlowdown = 3;    // p99 of reads beside writes, over idle
inline constexpr double kMostMemoryGrowth = 1.1;  // last quarter over the second
inline constexpr double kMostScanGrowth = 1.5;    // the same of the median scan of a queue's head

// What `outcome` passes and fails; `peers` are all outcomes of the run, for what is judged against
// RocksDB. A run that is too short for a check (eight seconds, for growth) is not asked.
std::vector<Check> JudgeSustained(const SustainOutcome& outcome,
                                  const std::vector<SustainOutcome>& peers);

// Whether the first engine of the run passed everything and no engine failed.
bool AllPassed(const std::vector<SustainOutcome>& outcomes);

std::string SustainReport(const RunInfo& run, const std::vector<SustainOutcome>& outcomes);

// File names and SVG texts: writes, worst latencies and memory by second; reads, where there are.
std::vector<std::pair<std::string, std::string>> SustainCharts(
    const std::vector<SustainOutcome>& outcomes);

}  // namespace beachdb::bench
