#include "bench/growth_report.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/try.h"
#include "bench/charts.h"
#include "bench/figures.h"

namespace beachdb::bench {
namespace {

std::uint64_t KeysOf(const Results& run) { return run.run.settings.keys; }

std::string SizeName(std::uint64_t keys) {
  if (keys % 1'000'000 == 0) return fmt::format("{} million", keys / 1'000'000);
  return fmt::format("{}", keys);
}

// The lines of every run; they point into it.
std::vector<std::vector<Line>> LinesOf(const std::vector<Results>& runs) {
  std::vector<std::vector<Line>> lines;
  lines.reserve(runs.size());
  for (const Results& run : runs) lines.push_back(CollectLines(run.outcomes));
  return lines;
}

const Line* Named(const std::vector<Line>& lines, std::string_view name) {
  const auto at =
      std::find_if(lines.begin(), lines.end(), [&](const Line& l) { return l.Name() == name; });
  return at == lines.end() ? nullptr : &*at;
}

// The medians of a figure at each size; nullopt where a run does not have it.
using BySize = std::vector<std::optional<double>>;
BySize MediansOf(const std::vector<std::vector<Line>>& lines, std::string_view row,
                 const std::string& engine, Figure figure) {
  BySize medians;
  for (const std::vector<Line>& of_run : lines) {
    const Line* line = Named(of_run, row);
    const auto spread = line == nullptr ? std::nullopt : SpreadOf(*line, engine, figure);
    medians.push_back(spread ? std::optional(spread->median) : std::nullopt);
  }
  return medians;
}

BySize MicrosOf(const std::vector<std::vector<Line>>& lines, std::string_view row,
                const std::string& engine) {
  BySize micros = MediansOf(lines, row, engine, Figure::kRate);
  for (std::optional<double>& value : micros) {
    if (value) value = 1e6 / *value;
  }
  return micros;
}

bool HasAny(const BySize& values) {
  return std::any_of(values.begin(), values.end(), [](const auto& v) { return v.has_value(); });
}

std::string Cells(const BySize& values) {
  std::string cells;
  for (const auto& value : values) cells += value ? fmt::format(" {:.4g} |", *value) : " - |";
  return cells;
}

// From the smallest size to the largest.
std::string GrowthCell(const BySize& values) {
  if (!values.front() || !values.back() || *values.front() == 0) return " - |";
  return fmt::format(" {:.2f} |", *values.back() / *values.front());
}

std::string Header(const std::vector<Results>& runs, std::string_view first) {
  std::string head = fmt::format("| {} | engine |", first);
  std::string rule = "|---|---|";
  for (const Results& run : runs) {
    head += fmt::format(" {} |", SizeName(KeysOf(run)));
    rule += "---|";
  }
  return head + " growth |\n" + rule + "---|\n";
}

constexpr std::pair<Figure, double> kSpaces[] = {
    {Figure::kPeakRss, 1e6}, {Figure::kSpaceAmp, 1}, {Figure::kWriteAmp, 1}};
std::string_view SpaceName(Figure figure) {
  switch (figure) {
    case Figure::kPeakRss:
      return "peak memory, MB";
    case Figure::kSpaceAmp:
      return "disk over live bytes";
    default:
      return "sent to the device over written";
  }
}

}  // namespace

Status SortBySize(std::vector<Results>& runs) {
  std::sort(runs.begin(), runs.end(),
            [](const Results& a, const Results& b) { return KeysOf(a) < KeysOf(b); });
  const auto twice =
      std::adjacent_find(runs.begin(), runs.end(),
                         [](const Results& a, const Results& b) { return KeysOf(a) == KeysOf(b); });
  if (twice != runs.end()) {
    return Error(Code::kInvalidArgument, fmt::format("two runs of {} keys", KeysOf(*twice)));
  }
  if (runs.size() < 2) return Error(Code::kInvalidArgument, "growth needs runs of two sizes");
  return OkStatus();
}

std::string GrowthReport(const std::vector<Results>& runs) {
  const auto lines = LinesOf(runs);
  const RunInfo& largest = runs.back().run;
  std::string text = fmt::format(
      "# Growth\n\n- work: {} to {} keys, {} rounds of each size\n- source: {}\n\n## One "
      "operation\n\n"
      "Microseconds per unit (1 over the rate); growth: the largest size over the smallest.\n\n",
      SizeName(KeysOf(runs.front())), SizeName(KeysOf(runs.back())), largest.rounds,
      largest.source);
  text += Header(runs, "workload");
  for (const Line& line : lines.back()) {
    for (const EngineInfo& engine : largest.engines) {
      const BySize micros = MicrosOf(lines, line.Name(), engine.name);
      if (!HasAny(micros)) continue;
      text += fmt::format("| {}, {} | {} |{}{}\n", line.Name(), line.unit, engine.name,
                          Cells(micros), GrowthCell(micros));
    }
  }
  text += "\n## Memory and disk\n\n" + Header(runs, "figure");
  for (const Line& line : lines.back()) {
    for (const auto& [figure, scale] : kSpaces) {
      if (figure == Figure::kWriteAmp && line.unit != "puts") continue;
      for (const EngineInfo& engine : largest.engines) {
        BySize values = MediansOf(lines, line.Name(), engine.name, figure);
        if (!HasAny(values)) continue;
        for (auto& value : values) {
          if (value) *value /= scale;
        }
        text += fmt::format("| {}: {} | {} |{}{}\n", line.Name(), SpaceName(figure), engine.name,
                            Cells(values), GrowthCell(values));
      }
    }
  }
  return text;
}

std::string GrowthChart(const std::vector<Results>& runs) {
  const auto lines = LinesOf(runs);
  const std::string& engine = runs.back().run.engines.front().name;
  std::vector<Curve> curves;
  for (const Line& line : lines.back()) {
    Curve curve{line.Name(), {}};
    const BySize micros = MicrosOf(lines, line.Name(), engine);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (micros[i]) curve.points.push_back({static_cast<double>(KeysOf(runs[i])), *micros[i]});
    }
    if (!curve.points.empty()) curves.push_back(std::move(curve));
  }
  return CurveChart(fmt::format("{}: microseconds an operation against keys", engine), "keys",
                    curves);
}

Status WriteGrowth(const std::string& directory, const std::vector<Results>& runs) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  RETURN_IF_ERROR(WriteText(directory + "/growth.svg", GrowthChart(runs)));
  return WriteText(directory + "/growth.md",
                   GrowthReport(runs) + "\n## Chart\n\n![growth.svg](growth.svg)\n");
}

}  // namespace beachdb::bench
