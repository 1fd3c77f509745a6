#include "bench/report.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "bench/figures.h"
#include "bench/option_report.h"

namespace beachdb::bench {
namespace {

// The peer that every reader knows, beside the best of each row.
constexpr const char* kYardstick = "rocksdb";

std::string Short(double rate) {
  if (rate >= 9.995e6) return fmt::format("{:.1f}M", rate * 1e-6);
  if (rate >= 9.995e5) return fmt::format("{:.2f}M", rate * 1e-6);
  if (rate >= 99.95e3) return fmt::format("{:.0f}k", rate * 1e-3);
  if (rate >= 1e3) return fmt::format("{:.1f}k", rate * 1e-3);
  return fmt::format("{:.0f}", rate);
}

std::string Header(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + cell + " |";
  out += "\n|";
  for (std::size_t i = 0; i < cells.size(); ++i) out += "---|";
  return out + "\n";
}

std::string RatioCell(const std::optional<Ratio>& ratio) {
  if (!ratio) return "-";
  const Spread& s = ratio->spread;
  if (s.low == s.high) return fmt::format("{:.2f}", s.median);
  return fmt::format("{:.2f} ({:.2f}..{:.2f})", s.median, s.low, s.high);
}

class Reporter {
 public:
  Reporter(const RunInfo& run, const std::vector<Outcome>& outcomes,
           const std::vector<Target>& targets)
      : run_(run),
        outcomes_(outcomes),
        targets_(targets),
        lines_(CollectLines(outcomes)),
        first_(run.engines.front().name) {
    for (const Target& target : targets_) {
      if (auto verdict = Judge(target, lines_, first_)) verdicts_.push_back(*verdict);
    }
  }

  std::string Report() const {
    return Summary() + Throughput() + OtherTargets() + OptionTable(run_, lines_) + LatencyTables() +
           CostTables() + Failures();
  }

 private:
  // Some rows are not for every engine.
  bool WasRun(const Line& line, const std::string& engine) const {
    return std::any_of(outcomes_.begin(), outcomes_.end(), [&](const Outcome& o) {
      return o.workload == line.workload && o.engine == engine;
    });
  }
  bool HasPeers() const { return run_.engines.size() > 1; }
  bool HasYardstick() const {
    return first_ != kYardstick && std::any_of(run_.engines.begin(), run_.engines.end(),
                                               [](const auto& e) { return e.name == kYardstick; });
  }

  // How many targets are met, and which are not.
  std::string Summary() const {
    if (verdicts_.empty()) return "";
    std::string missed;
    std::size_t met = 0;
    for (const Verdict& verdict : verdicts_) {
      if (verdict.met) {
        ++met;
        continue;
      }
      missed += fmt::format("{}{}{} {:.2f} instead of {} ({})", missed.empty() ? "" : "; ",
                            verdict.target->row,
                            verdict.target->figure == Figure::kRate
                                ? ""
                                : fmt::format(" {}", FigureName(verdict.target->figure)),
                            verdict.ratio.spread.median, verdict.target->ratio, verdict.ratio.peer);
    }
    std::string out = fmt::format("Targets met: {} of {}", met, verdicts_.size());
    if (const std::size_t open = targets_.size() - verdicts_.size(); open > 0) {
      out += fmt::format(" ({} more are of rows or peers that did not run)", open);
    }
    return out + (missed.empty() ? ".\n\n" : fmt::format(". Missed: {}.\n\n", missed));
  }

  // "1.2 best, 2 leveldb" and whether all of them are met, of the targets of a row's rate.
  void AddTargetCells(const Line& line, std::string& out) const {
    std::string wanted;
    std::string met = "-";
    for (const Target& target : targets_) {
      if (target.row != line.Name() || target.figure != Figure::kRate) continue;
      wanted += fmt::format("{}{} {}", wanted.empty() ? "" : ", ", target.ratio, target.peer);
    }
    for (const Verdict& verdict : verdicts_) {
      const Target& target = *verdict.target;
      if (target.row != line.Name() || target.figure != Figure::kRate) continue;
      if (!verdict.met) met = "**no**";
      if (met == "-") met = "yes";
    }
    out += fmt::format(" {} | {} |", wanted.empty() ? "-" : wanted, met);
  }

  std::string Throughput() const {
    std::string out = "## Throughput\n\nMedian of the rounds (lowest..highest)";
    if (HasPeers()) {
      out += fmt::format(
          "; ratios of {} to the best peer of each round and to single peers, per round, then the "
          "median (lowest..highest): above 1 it is faster",
          first_);
    }
    out += ".\n\n";
    std::vector<std::string> head = {"workload", "per second"};
    for (const EngineInfo& engine : run_.engines) head.push_back(engine.name);
    if (HasPeers()) head.insert(head.end(), {"best peer", fmt::format("{} / best", first_)});
    if (HasYardstick()) head.push_back(fmt::format("{} / {}", first_, kYardstick));
    if (!targets_.empty()) head.insert(head.end(), {"target", "met"});
    out += Header(head);
    for (const Line& line : lines_) {
      out += fmt::format("| {} | {} |", line.Name(), line.unit);
      for (const EngineInfo& engine : run_.engines) {
        const auto rate = SpreadOf(line, engine.name, Figure::kRate);
        out += rate ? fmt::format(" {} ({}..{}) |", Short(rate->median), Short(rate->low),
                                  Short(rate->high))
               : WasRun(line, engine.name) ? " failed |"
                                           : " - |";
      }
      if (HasPeers()) {
        const auto best = RatioToBest(line, first_, Figure::kRate);
        out += fmt::format(" {} | {} |", best ? best->peer : "-", RatioCell(best));
      }
      if (HasYardstick()) {
        out += fmt::format(" {} |", RatioCell(RatioTo(line, first_, kYardstick, Figure::kRate)));
      }
      if (!targets_.empty()) AddTargetCells(line, out);
      out += "\n";
    }
    return out;
  }

  std::string OtherTargets() const {
    std::string rows;
    for (const Verdict& verdict : verdicts_) {
      const Target& target = *verdict.target;
      if (target.figure == Figure::kRate) continue;
      rows += fmt::format("| {} | {} | {} | {} | at most {} | {} |\n", target.row,
                          FigureName(target.figure), verdict.ratio.peer, RatioCell(verdict.ratio),
                          target.ratio, verdict.met ? "yes" : "**no**");
    }
    if (rows.empty()) return "";
    return fmt::format(
               "\n## Other targets\n\nRatios of {}'s figure to the peer's: less is better.\n\n",
               first_) +
           Header({"workload", "figure", "peer", "ratio", "target", "met"}) + rows;
  }

  std::string LatencyTables() const {
    std::vector<std::string> head = {"workload"};
    for (const EngineInfo& engine : run_.engines) head.push_back(engine.name);
    std::string out =
        "\n## Latency\n\np50 / p99 / p99.9 / max of one call, in microseconds: medians of the "
        "rounds, max the highest.\n\n" +
        Header(head);
    for (const Line& line : lines_) {
      std::string cells;
      bool any = false;
      for (const EngineInfo& engine : run_.engines) {
        const auto max = SpreadOf(line, engine.name, Figure::kMax);
        if (!max) {
          cells += " - |";
          continue;
        }
        any = true;
        const std::vector<Line::Round>& rounds = line.by_engine.at(engine.name);
        std::vector<double> p50;
        p50.reserve(rounds.size());
        for (const Line::Round& round : rounds) p50.push_back(round.row->latency.p50);
        const auto median = [&](Figure figure) {
          const auto spread = SpreadOf(line, engine.name, figure);
          return spread ? spread->median : 0;
        };
        cells += fmt::format(" {:.1f} / {:.1f} / {:.1f} / {:.0f} |", Median(p50),
                             median(Figure::kP99), median(Figure::kP999), max->high);
      }
      if (any) out += fmt::format("| {} |{}\n", line.Name(), cells);
    }
    return out;
  }

  // What a process cost beside time: one figure, one table, one line for all rows of a workload.
  // Lines whose figure is zero everywhere are left out.
  using CostOf = std::function<double(const Line::Round&)>;
  std::string CostTable(const CostOf& cost) const {
    std::vector<std::string> head = {"workload"};
    for (const EngineInfo& engine : run_.engines) head.push_back(engine.name);
    std::string rows;
    std::string previous;
    for (const Line& line : lines_) {
      if (line.workload == previous) continue;
      previous = line.workload;
      std::string cells;
      bool any = false;
      for (const EngineInfo& engine : run_.engines) {
        std::vector<double> values;
        if (const auto found = line.by_engine.find(engine.name); found != line.by_engine.end()) {
          for (const Line::Round& round : found->second) values.push_back(cost(round));
        }
        const double median = Median(values);
        any = any || median > 0;
        cells += fmt::format(" {:.{}f} |", median, median < 10 ? 2 : 0);
      }
      if (any) rows += fmt::format("| {} |{}\n", line.workload, cells);
    }
    return Header(head) + rows;
  }

  std::string CostTables() const {
    constexpr double kMiB = 1 << 20;
    const auto figure = [](Figure f) {
      return [f](const Line::Round& round) { return ValueOf(f, round); };
    };
    std::string out =
        "\n## Cost\n\nProcessor time per operation, microseconds: all threads, "
        "background work to its end included.\n\n";
    out += CostTable(figure(Figure::kCpu));
    out +=
        "\nBytes that the device was sent per byte of keys and values written, logs and journal "
        "included.\n\n";
    out += CostTable(figure(Figure::kWriteAmp));
    out += "\nBytes on disk afterwards per byte of keys and values that live.\n\n";
    out += CostTable(figure(Figure::kSpaceAmp));
    out += "\nSeconds after the last operation until background work had ended.\n\n";
    out += CostTable([](const Line::Round& round) { return round.outcome->settle_seconds; });
    out += "\nPeak resident memory, MiB; what is mapped counts (LMDB: its whole file).\n\n";
    out += CostTable([](const Line::Round& round) {
      return static_cast<double>(round.outcome->peak_rss_bytes) / kMiB;
    });
    out += "\nDisk space afterwards, MiB.\n\n";
    out += CostTable([](const Line::Round& round) {
      return static_cast<double>(round.outcome->disk_bytes) / kMiB;
    });
    return out;
  }

  std::string Failures() const {
    std::string failures;
    for (const Outcome& outcome : outcomes_) {
      if (outcome.error.empty()) continue;
      failures += fmt::format("- round {}, {}, {}: {}\n", outcome.round, outcome.workload,
                              outcome.engine, outcome.error);
    }
    if (!failures.empty()) return fmt::format("\n## Failed\n\n{}", failures);
    return fmt::format("\nAll answers of all {} runs were checked and right.\n", outcomes_.size());
  }

  const RunInfo& run_;
  const std::vector<Outcome>& outcomes_;
  const std::vector<Target>& targets_;
  const std::vector<Line> lines_;
  const std::string first_;
  std::vector<Verdict> verdicts_;
};

}  // namespace

std::string MarkdownReport(const RunInfo& run, const std::vector<Outcome>& outcomes,
                           const std::vector<Target>& targets) {
  return Reporter(run, outcomes, targets).Report();
}

}  // namespace beachdb::bench
