// What BeachDB is to reach, as data: targets.txt, one target a line,
//
//   row | figure | peer | target | moonshot
//
//   row       as the report names it: a workload, or "workload/row"
//   figure    rate, p99, p99.9, max, cpu, write-amp, space-amp, peak-rss
//   peer      an engine, or "best": whichever was best in each round
//   target    BeachDB's figure over the peer's: at least this for a rate, at most this for the rest
//   moonshot  the same, what would be really good; may be left out
//
// '#' begins a comment. Several targets for one row are several lines, each with another figure or
// peer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "bench/figures.h"

namespace beachdb::bench {

struct Target {
  std::string row;
  Figure figure = Figure::kRate;
  std::string peer;  // "best": any
  double ratio = 0;
  std::optional<double> moonshot;
};

inline constexpr std::string_view kBestPeer = "best";

// An error names the line.
Result<std::vector<Target>> ParseTargets(const std::string& text);
Result<std::vector<Target>> ReadTargets(const std::string& path);

struct Verdict {
  const Target* target;
  Ratio ratio;
  bool met;
};
// What the outcomes say of one target; nullopt: the row, the engine or the peer did not run.
std::optional<Verdict> Judge(const Target& target, const std::vector<Line>& lines,
                             const std::string& engine);

}  // namespace beachdb::bench
