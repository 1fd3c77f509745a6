#include "bench/figures.h"

#include <algorithm>
#include <array>
#include <utility>

namespace beachdb::bench {
namespace {

constexpr std::array<std::pair<Figure, std::string_view>, 8> kNames = {{
    {Figure::kRate, "rate"},
    {Figure::kP99, "p99"},
    {Figure::kP999, "p99.9"},
    {Figure::kMax, "max"},
    {Figure::kCpu, "cpu"},
    {Figure::kWriteAmp, "write-amp"},
    {Figure::kSpaceAmp, "space-amp"},
    {Figure::kPeakRss, "peak-rss"},
}};

double Share(double amount, std::uint64_t of) {
  return of == 0 ? 0 : amount / static_cast<double>(of);
}

// round -> value, of the rounds that have one.
std::map<int, double> ByRound(const Line& line, const std::string& engine, Figure figure) {
  std::map<int, double> values;
  if (const auto found = line.by_engine.find(engine); found != line.by_engine.end()) {
    for (const Line::Round& round : found->second) {
      const double value = ValueOf(figure, round);
      if (value > 0) values[round.outcome->round] = value;
    }
  }
  return values;
}

std::optional<Spread> RatioOfRounds(const std::map<int, double>& mine,
                                    const std::map<int, double>& theirs) {
  std::vector<double> ratios;
  for (const auto& [round, value] : mine) {
    if (const auto found = theirs.find(round); found != theirs.end()) {
      ratios.push_back(value / found->second);
    }
  }
  return SpreadOf(ratios);
}

bool Better(Figure figure, double a, double b) { return MoreIsBetter(figure) ? a > b : a < b; }

}  // namespace

std::optional<Figure> FigureFromName(std::string_view name) {
  for (const auto& [figure, its_name] : kNames) {
    if (its_name == name) return figure;
  }
  return std::nullopt;
}

std::string_view FigureName(Figure figure) {
  for (const auto& [known, name] : kNames) {
    if (known == figure) return name;
  }
  return "";
}

std::vector<Line> CollectLines(const std::vector<Outcome>& outcomes) {
  std::vector<Line> lines;
  // The line of a row, made where it belongs: behind the others of its workload.
  const auto line_of = [&](const std::string& workload, const std::string& row) -> Line& {
    auto last_of_workload = lines.end();
    for (auto it = lines.begin(); it != lines.end(); ++it) {
      if (it->workload != workload) continue;
      if (it->row == row) return *it;
      last_of_workload = it;
    }
    const auto where = last_of_workload == lines.end() ? lines.end() : last_of_workload + 1;
    return *lines.insert(where, {workload, row, "", {}});
  };
  for (const Outcome& outcome : outcomes) {
    line_of(outcome.workload, "");
    for (const Row& row : outcome.rows) {
      Line& line = line_of(outcome.workload, row.name);
      line.unit = row.unit;
      line.by_engine[outcome.engine].push_back({&outcome, &row});
    }
  }
  // A workload whose rows all have names of their own needs no line beside them.
  for (auto it = lines.begin(); it != lines.end();) {
    const auto next = it + 1;
    const bool is_bare = it->row.empty() && it->by_engine.empty();
    it = is_bare && next != lines.end() && next->workload == it->workload ? lines.erase(it) : next;
  }
  return lines;
}

double ValueOf(Figure figure, const Line::Round& round) {
  const Outcome& outcome = *round.outcome;
  switch (figure) {
    case Figure::kRate:
      return round.row->PerSecond();
    case Figure::kP99:
      return round.row->latency.p99;
    case Figure::kP999:
      return round.row->latency.p999;
    case Figure::kMax:
      return round.row->latency.max;
    case Figure::kCpu:
      return Share(outcome.cpu_micros, outcome.Count());
    case Figure::kWriteAmp:
      return Share(static_cast<double>(outcome.write_bytes), outcome.UserBytes());
    case Figure::kSpaceAmp:
      return Share(static_cast<double>(outcome.disk_bytes), outcome.live_bytes);
    case Figure::kPeakRss:
      return static_cast<double>(outcome.peak_rss_bytes);
  }
  return 0;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::optional<Spread> SpreadOf(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return Spread{Median(values), *low, *high};
}

std::optional<Spread> SpreadOf(const Line& line, const std::string& engine, Figure figure) {
  const std::map<int, double> by_round = ByRound(line, engine, figure);
  std::vector<double> values;
  values.reserve(by_round.size());
  for (const auto& [round, value] : by_round) values.push_back(value);
  return SpreadOf(values);
}

std::optional<Ratio> RatioTo(const Line& line, const std::string& engine, const std::string& peer,
                             Figure figure) {
  const auto spread = RatioOfRounds(ByRound(line, engine, figure), ByRound(line, peer, figure));
  if (!spread) return std::nullopt;
  return Ratio{*spread, peer};
}

std::optional<Ratio> RatioToBest(const Line& line, const std::string& engine, Figure figure) {
  std::map<int, double> best;
  std::string best_peer;
  double best_median = 0;
  for (const auto& [peer, rounds] : line.by_engine) {
    if (peer == engine) continue;
    for (const auto& [round, value] : ByRound(line, peer, figure)) {
      const auto [it, is_first] = best.emplace(round, value);
      if (!is_first && Better(figure, value, it->second)) it->second = value;
    }
    const auto spread = SpreadOf(line, peer, figure);
    if (spread && (best_peer.empty() || Better(figure, spread->median, best_median))) {
      best_peer = peer;
      best_median = spread->median;
    }
  }
  const auto spread = RatioOfRounds(ByRound(line, engine, figure), best);
  if (!spread) return std::nullopt;
  return Ratio{*spread, best_peer};
}

}  // namespace beachdb::bench
