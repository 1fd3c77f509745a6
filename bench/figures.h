// From outcomes to figures: medians, spreads, and ratios that are taken within a round.
//
// A ratio is formed in each round, where both engines met the same minutes of the machine, and then
// the median of the rounds is taken; it is not the ratio of the medians.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/runner.h"

namespace beachdb::bench {

enum class Figure : std::uint8_t {
  kRate,      // per second
  kP99,       // microseconds
  kP999,      // microseconds
  kMax,       // microseconds
  kCpu,       // microseconds of processor time per operation, background work to its end included
  kWriteAmp,  // bytes towards the disk per byte written
  kSpaceAmp,  // bytes on disk per byte that lives
  kPeakRss,   // bytes
};

// As targets.txt spells it; nullopt: no such figure.
std::optional<Figure> FigureFromName(std::string_view name);
std::string_view FigureName(Figure figure);
constexpr bool MoreIsBetter(Figure figure) { return figure == Figure::kRate; }

// The rounds of one row of the report.
struct Line {
  std::string workload;
  std::string row;  // empty: the workload's own
  std::string unit;
  struct Round {
    const Outcome* outcome;
    const Row* row;
  };
  std::map<std::string, std::vector<Round>> by_engine;  // engine -> rounds, ascending

  // "readrandom", or "readwhilewriting/its writer".
  std::string Name() const { return row.empty() ? workload : workload + "/" + row; }
};

// In the order in which the rows first appear; a workload that every engine failed has a line
// without rounds. Points into `outcomes`.
std::vector<Line> CollectLines(const std::vector<Outcome>& outcomes);

// 0: this round has no such figure.
double ValueOf(Figure figure, const Line::Round& round);

double Median(std::vector<double> values);  // 0 when there are none

struct Spread {
  double median = 0;
  double low = 0;
  double high = 0;
};
// Of the rounds that have the figure; nullopt: none has.
std::optional<Spread> SpreadOf(const std::vector<double>& values);
std::optional<Spread> SpreadOf(const Line& line, const std::string& engine, Figure figure);

struct Ratio {
  Spread spread;
  std::string peer;
};
// `engine` over `peer`, round by round. nullopt: no round in which both have the figure.
std::optional<Ratio> RatioTo(const Line& line, const std::string& engine, const std::string& peer,
                             Figure figure);
// `engine` over the peer that was best in each round, whichever that was; Ratio::peer is the one
// with the best median.
std::optional<Ratio> RatioToBest(const Line& line, const std::string& engine, Figure figure);

}  // namespace beachdb::bench
