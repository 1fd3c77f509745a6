#include "bench/charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "bench/figures.h"
#include "bench/svg.h"

namespace beachdb::bench {
namespace {

constexpr std::string_view kGrid = "#dddddd";
constexpr std::string_view kInk = "#222222";
constexpr std::string_view kMetColour = "#2f9e44";
constexpr std::string_view kMissedColour = "#e03131";
constexpr std::string_view kNeutralColour = "#748ffc";

// Of the engines in the order of a run; they differ in lightness, too.
constexpr std::array<std::string_view, 6> kColours = {"#0b7285", "#e8590c", "#9775fa",
                                                      "#495057", "#f2b200", "#d6336c"};
std::string_view ColourOf(std::size_t engine) { return kColours[engine % kColours.size()]; }

// 1, 2 and 5 times powers of ten within [low, high].
std::vector<double> LogTicks(double low, double high) {
  std::vector<double> ticks;
  for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high; decade *= 10) {
    for (const double step : {1.0, 2.0, 5.0}) {
      const double tick = step * decade;
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push_back(tick);
    }
  }
  return ticks;
}

// About five round steps from 0 to `high`.
std::vector<double> LinearTicks(double high) {
  const double rough = high / 5;
  const double decade = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * decade;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * decade >= rough) step = factor * decade;
  }
  std::vector<double> ticks;
  for (int i = 0; i * step <= high * 1.001; ++i) ticks.push_back(i * step);
  return ticks;
}

std::string Short(double value) {
  if (value >= 1e6) return fmt::format("{:g}M", value * 1e-6);
  if (value >= 1e3) return fmt::format("{:g}k", value * 1e-3);
  return fmt::format("{:g}", value);
}

// Names of the engines with their colours, from `at` to the right.
void Legend(Svg& svg, Point at, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    svg.Box({at.x, at.y - 5}, 10, 10, ColourOf(i));
    svg.Text({at.x + 15, at.y}, names[i]);
    at.x += 30 + 7.5 * static_cast<double>(names[i].size());
  }
}

constexpr double kWidth = 900;
constexpr double kLeft = 200;   // room for the names of rows
constexpr double kRight = 160;  // room for figures in words
constexpr double kTop = 70;     // room for title and legend
constexpr double kBottom = 30;  // room for the axis

constexpr double kLeastRatio = 0.05;  // that a chart of ratios has room for

struct Bar {
  const Line* line;
  Ratio best;
  std::optional<Ratio> yardstick;
  const Target* target = nullptr;
  std::optional<bool> met;
};

std::vector<Bar> CollectBars(const std::vector<Line>& lines, const std::string& engine,
                             const std::vector<Target>& targets) {
  std::vector<Bar> bars;
  for (const Line& line : lines) {
    const auto best = RatioToBest(line, engine, Figure::kRate);
    if (!best) continue;
    Bar bar{&line, *best, RatioTo(line, engine, "rocksdb", Figure::kRate)};
    if (engine == "rocksdb") bar.yardstick.reset();
    for (const Target& target : targets) {
      if (target.row != line.Name() || target.figure != Figure::kRate) continue;
      if (target.peer == kBestPeer) bar.target = &target;
      const auto verdict = Judge(target, lines, engine);
      if (verdict) bar.met = bar.met.value_or(true) && verdict->met;
    }
    bars.push_back(bar);
  }
  return bars;
}

void DrawBar(Svg& svg, const Scale& scale, double y, const Bar& bar) {
  const Spread& spread = bar.best.spread;
  const double one = scale.At(1);
  const double end = scale.At(spread.median);
  const std::string_view colour = !bar.met ? kNeutralColour : *bar.met ? kMetColour : kMissedColour;
  svg.Text({kLeft - 10, y}, bar.line->Name(), Anchor::kRight);
  svg.Box({std::min(one, end), y - 6}, std::abs(end - one), 12, colour);
  svg.Stroke({scale.At(spread.low), y}, {scale.At(spread.high), y}, kInk);
  if (bar.target != nullptr) {
    const double wanted = scale.At(bar.target->ratio);
    svg.Stroke({wanted, y - 9}, {wanted, y + 9}, kInk, 2.5);
    if (bar.target->moonshot) {
      const double moonshot = scale.At(*bar.target->moonshot);
      svg.Stroke({moonshot, y - 6}, {moonshot, y + 6}, "#868e96", 1.5);
    }
  }
  if (bar.yardstick) svg.Ring({scale.At(bar.yardstick->spread.median), y}, 4, ColourOf(1));
  svg.Text({kWidth - kRight + 12, y}, fmt::format("{:.2f} x {}", spread.median, bar.best.peer));
}

}  // namespace

std::string RatioChart(const RunInfo& run, const std::vector<Outcome>& outcomes,
                       const std::vector<Target>& targets) {
  const std::string& engine = run.engines.front().name;
  const std::vector<Line> lines = CollectLines(outcomes);
  const std::vector<Bar> bars = CollectBars(lines, engine, targets);
  if (bars.empty()) return "";
  double low = 0.5;
  double high = 2;
  for (const Bar& bar : bars) {
    low = std::min(low, bar.best.spread.low);
    high = std::max(high, bar.best.spread.high);
    if (bar.yardstick) {
      low = std::min(low, bar.yardstick->spread.median);
      high = std::max(high, bar.yardstick->spread.median);
    }
    if (bar.target != nullptr) {
      high = std::max(high, bar.target->moonshot.value_or(bar.target->ratio));
    }
  }
  // One row far off must not press the others together; its bar ends at the edge, its figure stays.
  low = std::max(low, kLeastRatio);
  high = std::min(high, 1 / kLeastRatio);
  constexpr double kRow = 22;
  const double foot = kTop + kRow * static_cast<double>(bars.size());
  Svg svg(kWidth, foot + kBottom);
  const Scale scale(Scale::Kind::kLog, low / 1.1, high * 1.1, kLeft, kWidth - kRight);
  svg.Text({15, 20}, fmt::format("{} over the best peer of each row (log axis)", engine),
           Anchor::kLeft, 15);
  svg.Text({15, 45},
           "green: target met; red: missed; blue: none set | thick mark: target; grey: moonshot | "
           "thin line: spread of the rounds | ring: over RocksDB");
  for (const double tick : LogTicks(scale.low(), scale.high())) {
    const double x = scale.At(tick);
    svg.Stroke({x, kTop - 5}, {x, foot}, tick == 1 ? kInk : kGrid);
    svg.Text({x, foot + 14}, fmt::format("{:g}", tick), Anchor::kMiddle);
  }
  double y = kTop + kRow / 2;
  for (const Bar& bar : bars) {
    DrawBar(svg, scale, y, bar);
    y += kRow;
  }
  return svg.Finish();
}

namespace {

struct Whisker {
  std::size_t engine;
  std::array<double, 4> micros;  // p50, p99, p99.9, max
};

std::vector<Whisker> WhiskersOf(const RunInfo& run, const Line& line) {
  std::vector<Whisker> whiskers;
  for (std::size_t e = 0; e < run.engines.size(); ++e) {
    const auto max = SpreadOf(line, run.engines[e].name, Figure::kMax);
    if (!max) continue;
    std::array<std::vector<double>, 3> of_rounds;
    for (const Line::Round& round : line.by_engine.at(run.engines[e].name)) {
      const Latency& latency = round.row->latency;
      of_rounds[0].push_back(latency.p50);
      of_rounds[1].push_back(latency.p99);
      of_rounds[2].push_back(latency.p999);
    }
    whiskers.push_back(
        {e, {Median(of_rounds[0]), Median(of_rounds[1]), Median(of_rounds[2]), max->high}});
  }
  return whiskers;
}

}  // namespace

std::string LatencyChart(const RunInfo& run, const std::vector<Outcome>& outcomes) {
  const std::vector<Line> lines = CollectLines(outcomes);
  constexpr double kWhisker = 9;
  constexpr double kGap = 8;
  double low = 1;
  double high = 10;
  double foot = kTop;
  std::vector<std::pair<const Line*, std::vector<Whisker>>> rows;
  for (const Line& line : lines) {
    std::vector<Whisker> whiskers = WhiskersOf(run, line);
    if (whiskers.empty()) continue;
    for (const Whisker& w : whiskers) {
      if (w.micros[0] > 0) low = std::min(low, w.micros[0]);
      high = std::max(high, w.micros[3]);
    }
    foot += kWhisker * static_cast<double>(whiskers.size()) + kGap;
    rows.emplace_back(&line, std::move(whiskers));
  }
  if (rows.empty()) return "";
  Svg svg(kWidth, foot + kBottom);
  const Scale scale(Scale::Kind::kLog, low / 1.2, high * 1.2, kLeft, kWidth - 30);
  svg.Text({15, 20}, "latency of one call, microseconds (log axis): p50, p99, p99.9, maximum",
           Anchor::kLeft, 15);
  std::vector<std::string> names;
  names.reserve(run.engines.size());
  for (const EngineInfo& engine : run.engines) names.push_back(engine.name);
  Legend(svg, {kLeft, 45}, names);
  for (const double tick : LogTicks(scale.low(), scale.high())) {
    const double x = scale.At(tick);
    svg.Stroke({x, kTop - 5}, {x, foot}, kGrid);
    // A tick of 2 or 5 has no room for its number when there are many decades.
    const bool is_decade = std::abs(std::remainder(std::log10(tick), 1.0)) < 1e-6;
    if (is_decade) svg.Text({x, foot + 14}, Short(tick), Anchor::kMiddle);
  }
  double y = kTop;
  for (const auto& [line, whiskers] : rows) {
    const double height = kWhisker * static_cast<double>(whiskers.size());
    svg.Text({kLeft - 10, y + height / 2}, line->Name(), Anchor::kRight);
    for (const Whisker& w : whiskers) {
      y += kWhisker;
      const double middle = y - kWhisker / 2;
      const std::string_view colour = ColourOf(w.engine);
      const double end = scale.At(w.micros[3]);
      svg.Stroke({scale.At(w.micros[0]), middle}, {end, middle}, colour);
      svg.Dot({scale.At(w.micros[0]), middle}, 3.5, colour);
      svg.Dot({scale.At(w.micros[1]), middle}, 3, colour);
      svg.Ring({scale.At(w.micros[2]), middle}, 2.5, colour);
      svg.Stroke({end, middle - 4}, {end, middle + 4}, colour, 2);
    }
    y += kGap;
  }
  return svg.Finish();
}

std::string TimeChart(const std::string& title, Axis axis, const std::vector<Series>& series) {
  constexpr double kHeight = 360;
  constexpr double kMargin = 70;
  constexpr double kFoot = kHeight - 45;
  double low = 0;
  double high = 0;
  std::size_t seconds = 2;
  for (const Series& s : series) {
    seconds = std::max(seconds, s.values.size());
    for (const double value : s.values) {
      high = std::max(high, value);
      if (value > 0) low = low == 0 ? value : std::min(low, value);
    }
  }
  if (high == 0) low = high = 1;
  const bool is_log = axis == Axis::kLog;
  const Scale down(is_log ? Scale::Kind::kLog : Scale::Kind::kLinear, is_log ? low / 1.2 : 0,
                   high * 1.1, kFoot, kTop);
  const Scale across(Scale::Kind::kLinear, 0, static_cast<double>(seconds), kMargin, kWidth - 30);

  Svg svg(kWidth, kHeight);
  svg.Text({15, 20}, title, Anchor::kLeft, 15);
  std::vector<std::string> names;
  names.reserve(series.size());
  for (const Series& s : series) names.push_back(s.name);
  Legend(svg, {kMargin, 45}, names);
  for (const double tick : is_log ? LogTicks(down.low(), down.high()) : LinearTicks(down.high())) {
    svg.Stroke({kMargin, down.At(tick)}, {kWidth - 30, down.At(tick)}, kGrid);
    svg.Text({kMargin - 8, down.At(tick)}, Short(tick), Anchor::kRight);
  }
  for (const double tick : LinearTicks(across.high())) {
    svg.Text({across.At(tick), kFoot + 14}, Short(tick), Anchor::kMiddle);
  }
  svg.Text({kWidth / 2, kFoot + 32}, "seconds", Anchor::kMiddle);
  for (std::size_t i = 0; i < series.size(); ++i) {
    std::vector<Point> points;
    for (std::size_t s = 0; s < series[i].values.size(); ++s) {
      points.push_back({across.At(static_cast<double>(s) + 0.5), down.At(series[i].values[s])});
    }
    svg.Path(points, ColourOf(i));
  }
  return svg.Finish();
}

std::string CurveChart(const std::string& title, const std::string& across,
                       const std::vector<Curve>& curves) {
  constexpr double kHeight = 480;
  constexpr double kMargin = 70;
  constexpr double kNames = 150;
  constexpr double kFoot = kHeight - 45;
  constexpr double kAbove = 40;
  std::optional<Point> low;
  Point high{0, 0};
  for (const Curve& curve : curves) {
    for (const Point& point : curve.points) {
      low = low ? Point{std::min(low->x, point.x), std::min(low->y, point.y)} : point;
      high = {std::max(high.x, point.x), std::max(high.y, point.y)};
    }
  }
  if (!low) return "";
  const Scale down(Scale::Kind::kLog, low->y / 1.5, high.y * 1.5, kFoot, kAbove);
  const Scale right(Scale::Kind::kLog, low->x / 1.2, high.x * 1.2, kMargin, kWidth - kNames);

  Svg svg(kWidth, kHeight);
  svg.Text({15, 20}, title, Anchor::kLeft, 15);
  for (const double tick : LogTicks(down.low(), down.high())) {
    svg.Stroke({kMargin, down.At(tick)}, {kWidth - kNames, down.At(tick)}, kGrid);
    svg.Text({kMargin - 8, down.At(tick)}, Short(tick), Anchor::kRight);
  }
  for (const double tick : LogTicks(right.low(), right.high())) {
    svg.Text({right.At(tick), kFoot + 14}, Short(tick), Anchor::kMiddle);
  }
  svg.Text({(kMargin + kWidth - kNames) / 2, kFoot + 32}, across, Anchor::kMiddle);
  for (std::size_t i = 0; i < curves.size(); ++i) {
    std::vector<Point> points;
    for (const Point& point : curves[i].points) {
      points.push_back({right.At(point.x), down.At(point.y)});
      svg.Dot(points.back(), 3, ColourOf(i));
    }
    svg.Path(points, ColourOf(i));
    svg.Text({points.back().x + 10, points.back().y}, curves[i].name, Anchor::kLeft, 12,
             ColourOf(i));
  }
  return svg.Finish();
}

}  // namespace beachdb::bench
