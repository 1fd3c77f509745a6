#include "bench/option_report.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace beachdb::bench {
namespace {

constexpr std::string_view kCostly = "overwrite";  // the workload whose costs are shown

std::string Cell(const std::optional<Ratio>& ratio) {
  return ratio ? fmt::format(" {:.2f} |", ratio->spread.median) : std::string(" - |");
}

}  // namespace

std::string OptionTable(const RunInfo& run, const std::vector<Line>& lines) {
  const std::string& first = run.engines.front().name;
  std::string rows;
  for (const EngineInfo& engine : run.engines) {
    if (!engine.name.starts_with(first + ":")) continue;
    rows += fmt::format("| `{}` |", engine.name.substr(first.size() + 1));
    std::string costs;
    for (const Line& line : lines) {
      rows += Cell(RatioTo(line, engine.name, first, Figure::kRate));
      if (line.Name() != kCostly) continue;
      for (const Figure figure : {Figure::kWriteAmp, Figure::kSpaceAmp, Figure::kPeakRss}) {
        costs += Cell(RatioTo(line, engine.name, first, figure));
      }
    }
    rows += costs + "\n";
  }
  if (rows.empty()) return "";
  std::string head = "| option |";
  std::string rule = "|---|";
  bool has_costs = false;
  for (const Line& line : lines) {
    head += fmt::format(" {} |", line.Name());
    rule += "---|";
    has_costs = has_costs || line.Name() == kCostly;
  }
  if (has_costs) {
    head += " sent | disk | memory |";
    rule += "---|---|---|";
  }
  return fmt::format(
      "\n## Options\n\nRatios of {0} with one option changed to {0}, per round, then the median. "
      "Rates: above 1 it is faster. Of {1}: bytes sent to the device per byte written, bytes on "
      "disk, peak memory.\n\n{2}\n{3}\n{4}",
      first, kCostly, head, rule, rows);
}

}  // namespace beachdb::bench
