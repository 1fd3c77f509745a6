// The charts of a report, as SVG text. They show what the tables say, at a glance.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench/run_info.h"
#include "bench/runner.h"
#include "bench/svg.h"
#include "bench/targets.h"

namespace beachdb::bench {

// A bar per row: the rate of the first engine over the best peer's, on a log axis; its spread, its
// target and moonshot, and the ratio to RocksDB beside it. Empty: there was nothing to compare.
std::string RatioChart(const RunInfo& run, const std::vector<Outcome>& outcomes,
                       const std::vector<Target>& targets);

// p50, p99, p99.9 and maximum of every engine and row, on a log axis. Empty: no row has a latency.
std::string LatencyChart(const RunInfo& run, const std::vector<Outcome>& outcomes);

// A figure of every second of several engines, from the first second on.
struct Series {
  std::string name;
  std::vector<double> values;
};
enum class Axis : std::uint8_t { kFromZero, kLog };
std::string TimeChart(const std::string& title, Axis axis, const std::vector<Series>& series);

// A figure against another, on log axes; the names stand at the ends of the curves.
struct Curve {
  std::string name;
  std::vector<Point> points;  // x rises; both above 0
};
std::string CurveChart(const std::string& title, const std::string& across,
                       const std::vector<Curve>& curves);

}  // namespace beachdb::bench
