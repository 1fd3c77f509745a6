#include "bench/report.h"

#include <sys/statfs.h>
#include <sys/utsname.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/strings.h"

namespace beachdb::bench {
namespace {

// The rounds of one row, by engine, in the order of the workloads.
struct Line {
  std::string name;
  std::string unit;
  struct Round {
    const Outcome* outcome;
    const Row* row;
  };
  std::map<std::string, std::vector<Round>> by_engine;  // engine -> rounds, ascending
};

std::vector<Line> CollectLines(const Plan& plan, const std::vector<Outcome>& outcomes) {
  std::vector<Line> lines;
  for (const Workload& workload : plan.workloads) {
    const std::size_t first = lines.size();
    lines.push_back({workload.name, "", {}});
    for (const Outcome& outcome : outcomes) {
      if (outcome.workload != workload.name) continue;
      for (const Row& row : outcome.rows) {
        const std::string name = row.name.empty() ? workload.name : row.name;
        auto line = std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(first), lines.end(),
                                 [&](const Line& l) { return l.name == name; });
        if (line == lines.end()) line = lines.insert(lines.end(), {name, "", {}});
        line->unit = row.unit;
        line->by_engine[outcome.engine].push_back({&outcome, &row});
      }
    }
  }
  return lines;
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

template <typename Figure>
std::vector<double> Figures(const Line& line, const std::string& engine, Figure&& figure) {
  std::vector<double> values;
  if (const auto found = line.by_engine.find(engine); found != line.by_engine.end()) {
    for (const Line::Round& round : found->second) values.push_back(figure(round));
  }
  return values;
}

double RateOf(const Line::Round& round) { return round.row->PerSecond(); }

std::string Short(double rate) {
  if (rate >= 9.995e6) return fmt::format("{:.1f}M", rate * 1e-6);
  if (rate >= 9.995e5) return fmt::format("{:.2f}M", rate * 1e-6);
  if (rate >= 99.95e3) return fmt::format("{:.0f}k", rate * 1e-3);
  if (rate >= 1e3) return fmt::format("{:.1f}k", rate * 1e-3);
  return fmt::format("{:.0f}", rate);
}

std::string RateCell(const std::vector<double>& rates) {
  if (rates.empty()) return "-";  // failed (listed below), or not for this engine
  const auto [low, high] = std::minmax_element(rates.begin(), rates.end());
  return fmt::format("{} ({}..{})", Short(Median(rates)), Short(*low), Short(*high));
}

// Pairs the rounds by number: a round that one of the two failed in has no ratio.
std::string RatioCell(const Line& line, const std::string& engine, const std::string& peer) {
  std::vector<double> ratios;
  const auto mine = line.by_engine.find(engine);
  const auto theirs = line.by_engine.find(peer);
  if (mine == line.by_engine.end() || theirs == line.by_engine.end()) return "-";
  for (const Line::Round& a : mine->second) {
    for (const Line::Round& b : theirs->second) {
      if (a.outcome->round == b.outcome->round && b.row->PerSecond() > 0) {
        ratios.push_back(a.row->PerSecond() / b.row->PerSecond());
      }
    }
  }
  return ratios.empty() ? "-" : fmt::format("{:.2f}", Median(ratios));
}

std::string Header(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + cell + " |";
  out += "\n|";
  for (std::size_t i = 0; i < cells.size(); ++i) out += "---|";
  return out + "\n";
}

std::string RateTable(const Plan& plan, const std::vector<Line>& lines) {
  const std::string& first = plan.engines.front().name;
  std::vector<std::string> head = {"workload", "per second"};
  for (const Engine& engine : plan.engines) head.push_back(engine.name);
  for (std::size_t i = 1; i < plan.engines.size(); ++i) {
    head.push_back(fmt::format("{} / {}", first, plan.engines[i].name));
  }
  std::string out = Header(head);
  for (const Line& line : lines) {
    out += fmt::format("| {} | {} |", line.name, line.unit);
    for (const Engine& engine : plan.engines) {
      out += fmt::format(" {} |", RateCell(Figures(line, engine.name, RateOf)));
    }
    for (std::size_t i = 1; i < plan.engines.size(); ++i) {
      out += fmt::format(" {} |", RatioCell(line, first, plan.engines[i].name));
    }
    out += "\n";
  }
  return out;
}

std::string LatencyTable(const Plan& plan, const std::vector<Line>& lines) {
  std::vector<std::string> head = {"workload"};
  for (const Engine& engine : plan.engines) head.push_back(engine.name);
  std::string out = Header(head);
  for (const Line& line : lines) {
    std::string cells;
    bool any = false;
    for (const Engine& engine : plan.engines) {
      const auto median = [&](double Latency::*figure) {
        return Median(Figures(line, engine.name,
                              [&](const Line::Round& r) { return r.row->latency.*figure; }));
      };
      if (median(&Latency::max) == 0) {
        cells += " - |";
        continue;
      }
      any = true;
      cells += fmt::format(" {:.1f} / {:.1f} / {:.1f} / {:.0f} |", median(&Latency::p50),
                           median(&Latency::p99), median(&Latency::p999), median(&Latency::max));
    }
    if (any) out += fmt::format("| {} |{}\n", line.name, cells);
  }
  return out;
}

// What a process cost beside time: one figure, one table. Rows whose figure is zero are left out.
template <typename Figure>
std::string CostTable(const Plan& plan, const std::vector<Line>& lines, Figure&& figure) {
  std::vector<std::string> head = {"workload"};
  for (const Engine& engine : plan.engines) head.push_back(engine.name);
  std::string out = Header(head);
  for (const Workload& workload : plan.workloads) {
    const auto line = std::find_if(lines.begin(), lines.end(),
                                   [&](const Line& l) { return l.name == workload.name; });
    std::string cells;
    bool any = false;
    for (const Engine& engine : plan.engines) {
      const double median = Median(Figures(
          *line, engine.name, [&](const Line::Round& round) { return figure(*round.outcome); }));
      any = any || median > 0;
      cells += fmt::format(" {:.{}f} |", median, median < 10 ? 2 : 0);
    }
    if (any) out += fmt::format("| {} |{}\n", workload.name, cells);
  }
  return out;
}

double Share(double amount, std::uint64_t of) {
  return of == 0 ? 0 : amount / static_cast<double>(of);
}

std::string CostTables(const Plan& plan, const std::vector<Line>& lines) {
  constexpr double kMiB = 1 << 20;
  std::string out =
      "\n## Cost\n\nProcessor time per operation, microseconds: all threads, "
      "background work to its end included.\n\n";
  out += CostTable(plan, lines, [](const Outcome& o) { return Share(o.cpu_micros, o.Count()); });
  out += "\nBytes sent towards the disk per byte of keys and values written, logs included.\n\n";
  out += CostTable(plan, lines, [](const Outcome& o) {
    return Share(static_cast<double>(o.write_bytes), o.UserBytes());
  });
  out += "\nSeconds after the last operation until background work had ended.\n\n";
  out += CostTable(plan, lines, [](const Outcome& o) { return o.settle_seconds; });
  out += "\nPeak resident memory, MiB; what is mapped counts (LMDB: its whole file).\n\n";
  out += CostTable(plan, lines,
                   [](const Outcome& o) { return static_cast<double>(o.peak_rss_bytes) / kMiB; });
  out += "\nDisk space afterwards, MiB.\n\n";
  out += CostTable(plan, lines,
                   [](const Outcome& o) { return static_cast<double>(o.disk_bytes) / kMiB; });
  return out;
}

std::string FirstLineAfter(const char* path, const std::string& label) {
  std::ifstream in(path);
  std::string line;
  while (std::getline(in, line)) {
    if (line.rfind(label, 0) != 0) continue;
    const std::size_t colon = line.find(':');
    const std::size_t text = line.find_first_not_of(" \t", colon + 1);
    return text == std::string::npos ? "" : line.substr(text);
  }
  return "unknown";
}

// Type and device of the file system that holds `path`, from the longest mount point above it.
std::string FileSystemOf(const std::string& path) {
  std::error_code error;
  const std::string absolute = std::filesystem::weakly_canonical(path, error).string();
  std::ifstream in("/proc/self/mounts");
  std::string best_mount;
  std::string best = "unknown";
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string device;
    std::string mount;
    std::string type;
    words >> device >> mount >> type;
    const bool above = mount == "/" || absolute == mount ||
                       (absolute.rfind(mount, 0) == 0 && absolute[mount.size()] == '/');
    if (above && mount.size() >= best_mount.size()) {
      best_mount = mount;
      best = fmt::format("{} on {}", type, device);
    }
  }
  return best;
}

std::string Machine() {
  utsname names{};
  ::uname(&names);
  return fmt::format("{}, {} processors, {} memory, Linux {}",
                     FirstLineAfter("/proc/cpuinfo", "model name"),
                     std::thread::hardware_concurrency(),
                     FirstLineAfter("/proc/meminfo", "MemTotal"), names.release);
}

std::string LoadAverage() {
  std::ifstream in("/proc/loadavg");
  std::string one_minute;
  in >> one_minute;
  return one_minute.empty() ? "unknown" : one_minute;
}

std::string_view ShapeName(KeyShape shape) {
  return shape == KeyShape::kDecimal ? "decimal" : "hashed";
}

}  // namespace

std::string DescribeRun(const Plan& plan) {
  const Settings& s = plan.settings;
  std::string out;
  out += fmt::format("- machine: {}; load average at the start {}\n", Machine(), LoadAverage());
  out += fmt::format("- file system: {}\n", FileSystemOf(plan.directory));
  out += fmt::format(
      "- work: {} keys of {} bytes ({}), values of {} bytes, {} rounds, {} s a timed workload, "
      "seed {}\n",
      s.keys, kKeyBytes, ShapeName(s.key_shape), s.value_bytes, plan.rounds, s.seconds, s.seed);
  out += fmt::format(
      "- all engines: cache {}, write buffer {}, {} background jobs, bloom filters "
      "of {} bits, {}\n",
      FormatBytes(s.store.cache_bytes), FormatBytes(s.store.write_buffer_bytes),
      s.store.background_jobs, s.store.bloom_bits,
      s.store.packing == Packing::kLz4 ? "lz4" : "no compression");
  for (const Engine& engine : plan.engines) {
    out += fmt::format("- {} {}: {}; unsynced writes {}\n", engine.name, engine.version,
                       engine.describe(s.store), engine.unsynced_writes);
  }
  return out;
}

std::string MarkdownReport(const Plan& plan, const std::vector<Outcome>& outcomes) {
  const std::vector<Line> lines = CollectLines(plan, outcomes);
  std::string out = "## Throughput\n\nMedian of the rounds (lowest..highest)";
  if (plan.engines.size() > 1) {
    out += fmt::format(
        "; ratios of {} to each peer, per round, then the median: above 1 it is "
        "faster",
        plan.engines.front().name);
  }
  out += ".\n\n" + RateTable(plan, lines);
  out += "\n## Latency\n\np50 / p99 / p99.9 / max of one call, in microseconds.\n\n" +
         LatencyTable(plan, lines);
  out += CostTables(plan, lines);
  std::size_t failed = 0;
  std::string failures;
  for (const Outcome& outcome : outcomes) {
    if (outcome.error.empty()) continue;
    ++failed;
    failures += fmt::format("- round {}, {}, {}: {}\n", outcome.round, outcome.workload,
                            outcome.engine, outcome.error);
  }
  if (failed > 0) {
    out += fmt::format("\n## Failed\n\n{}", failures);
  } else {
    out += fmt::format("\nAll answers of all {} runs were checked and right.\n", outcomes.size());
  }
  return out;
}

std::string RunJson(const Plan& plan) {
  const Settings& s = plan.settings;
  nlohmann::json json = {{"type", "run"},
                         {"machine", Machine()},
                         {"load_average", LoadAverage()},
                         {"file_system", FileSystemOf(plan.directory)},
                         {"keys", s.keys},
                         {"key_bytes", kKeyBytes},
                         {"key_shape", ShapeName(s.key_shape)},
                         {"value_bytes", s.value_bytes},
                         {"rounds", plan.rounds},
                         {"seconds", s.seconds},
                         {"seed", s.seed},
                         {"cache_bytes", s.store.cache_bytes},
                         {"write_buffer_bytes", s.store.write_buffer_bytes},
                         {"background_jobs", s.store.background_jobs},
                         {"bloom_bits", s.store.bloom_bits},
                         {"compression", s.store.packing == Packing::kLz4 ? "lz4" : "none"},
                         {"engines", nlohmann::json::array()}};
  for (const Engine& engine : plan.engines) {
    json["engines"].push_back({{"name", engine.name},
                               {"version", engine.version},
                               {"configuration", engine.describe(s.store)},
                               {"unsynced_writes", engine.unsynced_writes}});
  }
  return json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace beachdb::bench
