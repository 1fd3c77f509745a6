#include "bench/sustain_report.h"

#include <algorithm>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "bench/charts.h"
#include "bench/figures.h"

namespace beachdb::bench {
namespace {

constexpr double kMiB = 1 << 20;
constexpr std::size_t kShortestForGrowth = 8;  // seconds: two in each quarter

std::vector<double> Column(const std::vector<Second>& seconds,
                           const std::function<double(const Second&)>& figure) {
  std::vector<double> values;
  values.reserve(seconds.size());
  for (const Second& second : seconds) values.push_back(figure(second));
  return values;
}

std::vector<double> MemoryOf(const SustainOutcome& outcome) {
  std::vector<double> values;
  values.reserve(outcome.rss_bytes.size());
  for (const std::uint64_t bytes : outcome.rss_bytes) {
    values.push_back(static_cast<double>(bytes) / kMiB);
  }
  return values;
}

// The median of the last quarter over that of the second; the first is for warming up.
struct Growth {
  double from;
  double to;
  double Factor() const { return from > 0 ? to / from : 1; }
};
std::optional<Growth> GrowthOf(const std::vector<double>& values) {
  if (values.size() < kShortestForGrowth) return std::nullopt;
  const auto quarter = static_cast<std::ptrdiff_t>(values.size() / 4);
  return Growth{Median({values.begin() + quarter, values.begin() + 2 * quarter}),
                Median({values.end() - quarter, values.end()})};
}

void JudgeWrites(const SustainOutcome& outcome, std::vector<Check>& checks) {
  const std::vector<double> counts =
      Column(outcome.writes, [](const Second& s) { return static_cast<double>(s.count); });
  if (!counts.empty()) {
    const double median = Median(counts);
    const auto lowest = std::min_element(counts.begin(), counts.end());
    const double share = median > 0 ? *lowest / median : 0;
    checks.push_back({"no second below half of the median",
                      fmt::format("the lowest {:.2f} of it (second {}), the median {:.0f} writes",
                                  share, lowest - counts.begin() + 1, median),
                      share >= kLowestShareOfMedian});
  }
  checks.push_back({fmt::format("no stall above {:.0f} ms", kLongestStallMicros * 1e-3),
                    fmt::format("the slowest write took {:.1f} ms", outcome.write.max * 1e-3),
                    outcome.write.max <= kLongestStallMicros});
}

void JudgeReads(const SustainOutcome& outcome, std::vector<Check>& checks) {
  if (outcome.pressure == Pressure::kMixed) {
    const double slowdown =
        outcome.idle_read.p99 > 0 ? outcome.read.p99 / outcome.idle_read.p99 : 0;
    checks.push_back({fmt::format("p99 of reads within {:.0f} times of idle", kMostReadSlowdown),
                      fmt::format("{:.1f} us instead of {:.1f} us: {:.2f} times", outcome.read.p99,
                                  outcome.idle_read.p99, slowdown),
                      slowdown > 0 && slowdown <= kMostReadSlowdown});
  }
  if (outcome.pressure == Pressure::kQueue) {
    const auto growth =
        GrowthOf(Column(outcome.reads, [](const Second& second) { return second.p50; }));
    if (!growth) return;
    checks.push_back({"the cost of reading the head does not grow",
                      fmt::format("median {:.1f} us, later {:.1f} us: {:.2f} times", growth->from,
                                  growth->to, growth->Factor()),
                      growth->Factor() <= kMostScanGrowth});
  }
}

void JudgeCosts(const SustainOutcome& outcome, const std::vector<SustainOutcome>& peers,
                std::vector<Check>& checks) {
  if (const auto growth = GrowthOf(MemoryOf(outcome))) {
    checks.push_back({"memory is flat",
                      fmt::format("{:.0f} MiB, later {:.0f} MiB: {:.2f} times", growth->from,
                                  growth->to, growth->Factor()),
                      growth->Factor() <= kMostMemoryGrowth});
  }
  const auto rocksdb = std::find_if(peers.begin(), peers.end(), [](const SustainOutcome& o) {
    return o.engine == "rocksdb" && o.error.empty();
  });
  if (outcome.engine == "rocksdb" || rocksdb == peers.end()) return;
  checks.push_back({"write amplification not above RocksDB's",
                    fmt::format("{:.2f}, RocksDB {:.2f}", outcome.write_amplification,
                                rocksdb->write_amplification),
                    outcome.write_amplification <= rocksdb->write_amplification});
}

std::string Times(const Latency& latency) {
  if (latency.max == 0) return "-";
  return fmt::format("{:.1f} / {:.1f} / {:.1f} / {:.0f}", latency.p50, latency.p99, latency.p999,
                     latency.max);
}

std::string FigureTable(const std::vector<SustainOutcome>& outcomes) {
  std::string out =
      "Writes a second: the median of the seconds (lowest..highest); of a queue, a put and a "
      "delete are one. Latency: p50 / p99 / p99.9 / max in microseconds, every call timed. Write "
      "amplification: bytes sent to the device per byte written, from rest to rest.\n\n"
      "| engine | writes a second | write latency | read latency | idle read latency | write "
      "amplification | space amplification | memory, highest | until at rest |\n"
      "|---|---|---|---|---|---|---|---|---|\n";
  for (const SustainOutcome& outcome : outcomes) {
    if (!outcome.error.empty()) {
      out += fmt::format("| {} | failed: {} |\n", outcome.engine, outcome.error);
      continue;
    }
    const auto rate = SpreadOf(
        Column(outcome.writes, [](const Second& s) { return static_cast<double>(s.count); }));
    const auto memory = SpreadOf(MemoryOf(outcome));
    const double space = outcome.live_bytes == 0 ? 0
                                                 : static_cast<double>(outcome.disk_bytes) /
                                                       static_cast<double>(outcome.live_bytes);
    out += fmt::format(
        "| {} | {:.0f} ({:.0f}..{:.0f}) | {} | {} | {} | {:.2f} | {:.2f} | {:.0f} MiB | {:.1f} s "
        "|\n",
        outcome.engine, rate ? rate->median : 0, rate ? rate->low : 0, rate ? rate->high : 0,
        Times(outcome.write), Times(outcome.read), Times(outcome.idle_read),
        outcome.write_amplification, space, memory ? memory->high : 0, outcome.settle_seconds);
  }
  return out;
}

}  // namespace

std::vector<Check> JudgeSustained(const SustainOutcome& outcome,
                                  const std::vector<SustainOutcome>& peers) {
  if (!outcome.error.empty()) return {{"every answer is right", outcome.error, false}};
  std::vector<Check> checks;
  JudgeWrites(outcome, checks);
  JudgeReads(outcome, checks);
  JudgeCosts(outcome, peers, checks);
  return checks;
}

bool AllPassed(const std::vector<SustainOutcome>& outcomes) {
  if (outcomes.empty()) return false;
  for (const SustainOutcome& outcome : outcomes) {
    if (!outcome.error.empty()) return false;
  }
  const std::vector<Check> checks = JudgeSustained(outcomes.front(), outcomes);
  return std::all_of(checks.begin(), checks.end(), [](const Check& c) { return c.passed; });
}

std::string SustainReport(const RunInfo& run, const std::vector<SustainOutcome>& outcomes) {
  if (outcomes.empty()) return "";
  std::string out =
      fmt::format("## Sustained: {}, {:.0f} seconds\n\n{}", PressureName(outcomes.front().pressure),
                  run.settings.seconds, FigureTable(outcomes));
  for (const SustainOutcome& outcome : outcomes) {
    out += fmt::format("\n{}:\n\n", outcome.engine);
    for (const Check& check : JudgeSustained(outcome, outcomes)) {
      out += fmt::format("- {}: {}: {}\n", check.passed ? "passed" : "**FAILED**", check.what,
                         check.found);
    }
  }
  out += fmt::format("\nVerdict on {}: {}.\n", outcomes.front().engine,
                     AllPassed(outcomes) ? "passed" : "**FAILED**");
  return out;
}

std::vector<std::pair<std::string, std::string>> SustainCharts(
    const std::vector<SustainOutcome>& outcomes) {
  std::vector<Series> writes;
  std::vector<Series> stalls;
  std::vector<Series> memory;
  std::vector<Series> reads;
  for (const SustainOutcome& o : outcomes) {
    const auto count = [](const Second& s) { return static_cast<double>(s.count); };
    writes.push_back({o.engine, Column(o.writes, count)});
    stalls.push_back({o.engine, Column(o.writes, [](const Second& s) { return s.max; })});
    memory.push_back({o.engine, MemoryOf(o)});
    if (o.pressure == Pressure::kMixed) {
      reads.push_back({o.engine, Column(o.reads, [](const Second& s) { return s.p99; })});
    }
    if (o.pressure == Pressure::kQueue) {
      reads.push_back({o.engine, Column(o.reads, [](const Second& s) { return s.p50; })});
    }
  }
  if (outcomes.empty()) return {};
  const std::string name(PressureName(outcomes.front().pressure));
  std::vector<std::pair<std::string, std::string>> charts = {
      {name + "-writes.svg", TimeChart(name + ": writes per second", Axis::kFromZero, writes)},
      {name + "-slowest.svg",
       TimeChart(name + ": slowest write of each second, microseconds", Axis::kLog, stalls)},
      {name + "-memory.svg", TimeChart(name + ": resident memory, MiB", Axis::kFromZero, memory)}};
  if (!reads.empty()) {
    charts.emplace_back(name + "-reads.svg",
                        TimeChart(outcomes.front().pressure == Pressure::kQueue
                                      ? name + ": median scan of 100 from the head, microseconds"
                                      : name + ": p99 of a get, microseconds",
                                  Axis::kLog, reads));
  }
  return charts;
}

}  // namespace beachdb::bench
