// bench: BeachDB beside RocksDB, LevelDB and LMDB on the same work.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/report.h"
#include "bench/runner.h"

namespace beachdb::bench {
namespace {

constexpr const char* kAbout = R"(Measures storage engines side by side, on the same work.

Every workload of every round runs in a process of its own, the engines in turn, and every answer
is checked: a wrong one fails the run. The report on stdout is Markdown.)";

constexpr const char* kExamples = R"(Examples:
  bench                                          every workload, every engine, three rounds
  bench --quick                                  the same in seconds: does it work at all?
  bench --engines beachdb,leveldb --workloads readrandom,seek+10,scan
  bench --keys 3000000 --cache 1073741824 --rounds 5 --json results.jsonl
  bench --key-shape hashed --value-bytes 1000

Sizes take suffixes: --cache 1gb. Exit codes: 0 done, 1 a workload failed or an answer was wrong,
2 usage.)";

struct Flags {
  std::vector<std::string> engines;
  std::vector<std::string> workloads;
  std::string key_shape = "decimal";
  std::string compression = "none";
  std::string json_file;
  bool quick = false;
  bool list = false;
};

// The elements of `all` that `names` ask for, in the order of `all` or of the names.
enum class Order : std::uint8_t { kOfAll, kOfNames };
template <typename T>
std::vector<T> Select(const std::vector<T>& all, const std::vector<std::string>& names, Order order,
                      const char* what) {
  if (names.empty()) return all;
  std::vector<T> chosen;
  for (const std::string& name : names) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const T& t) { return t.name == name; });
    if (found == all.end()) {
      std::string known;
      for (const T& t : all) known += " " + t.name;
      throw CLI::ValidationError(fmt::format("no {} '{}' here; there are:{}", what, name, known));
    }
    if (order == Order::kOfNames) chosen.push_back(*found);
  }
  if (order == Order::kOfNames) return chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), [&](const T& t) {
    return std::find(names.begin(), names.end(), t.name) != names.end();
  });
  return chosen;
}

void Declare(CLI::App& app, Flags& flags, Plan& plan) {
  Settings& s = plan.settings;
  app.footer(kExamples);
  app.add_option("--engines", flags.engines, "which, comma separated; ratios are of the first")
      ->delimiter(',');
  app.add_option("--workloads", flags.workloads, "which, comma separated (--list names them)")
      ->delimiter(',');
  app.add_option("--rounds", plan.rounds, "how often all of it is repeated")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--keys", s.keys, "keys in the database, rounded up to a multiple of 100")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{4'000'000'000}))
      ->capture_default_str();
  app.add_option("--value-bytes", s.value_bytes, "bytes of a value")
      ->check(CLI::Range(kMinValueBytes, std::size_t{1} << 20))
      ->capture_default_str();
  app.add_option("--key-shape", flags.key_shape, "16-byte keys: a long shared prefix, or none")
      ->check(CLI::IsMember({"decimal", "hashed"}))
      ->capture_default_str();
  app.add_option("--cache", s.store.cache_bytes, "bytes of block cache")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app.add_option("--write-buffer", s.store.write_buffer_bytes, "bytes of one memtable")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app.add_option("--background-jobs", s.store.background_jobs, "threads for flush and compaction")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--compression", flags.compression, "of data blocks")
      ->check(CLI::IsMember({"none", "lz4"}))
      ->capture_default_str();
  app.add_option("--threads", s.threads, "threads of the row readrandom-N")
      ->check(CLI::Range(2, 256))
      ->capture_default_str();
  app.add_option("--log-bytes", s.log_bytes,
                 "of the row recovery; 0: as many as all keys and values, at most 256 MiB")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app.add_option("--seconds", s.seconds, "length of the workloads that have no fixed work")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
  app.add_option("--seed", s.seed, "of keys, values and order")->capture_default_str();
  app.add_option("--dir", plan.directory,
                 "where the databases go; a folder in it, removed at the end")
      ->capture_default_str();
  app.add_option("--json", flags.json_file, "also write JSON lines there");
  app.add_flag("--quick", flags.quick, "4000 keys, one round, a blink per workload: a smoke test");
  app.add_flag("--list", flags.list, "list workloads and engines, then stop");
}

void Finish(const Flags& flags, Plan& plan) {
  Settings& s = plan.settings;
  if (flags.quick) {
    s.keys = 4000;
    s.seconds = 0.02;
    s.quiet_ms = 20;
    plan.rounds = 1;
  }
  s.keys = (s.keys + 99) / 100 * 100;
  s.key_shape = flags.key_shape == "hashed" ? KeyShape::kHashed : KeyShape::kDecimal;
  s.store.packing = flags.compression == "lz4" ? Packing::kLz4 : Packing::kPlain;
  plan.engines = Select(AllEngines(), flags.engines, Order::kOfNames, "engine");
  plan.workloads = Select(AllWorkloads(s.threads), flags.workloads, Order::kOfAll, "workload");
}

int List(const Plan& plan) {
  fmt::print("workloads, in the order of a round:\n");
  for (const Workload& w : AllWorkloads(plan.settings.threads)) {
    fmt::print("  {:<17} {}\n", w.name, w.what);
  }
  fmt::print("engines of this build:\n");
  for (const Engine& e : AllEngines()) fmt::print("  {:<17} {}\n", e.name, e.version);
  return 0;
}

int Main(int argc, char** argv) {
  Plan plan;
  plan.directory = ".";
  Flags flags;
  CLI::App app(kAbout, "bench");
  Declare(app, flags, plan);
  try {
    app.parse(argc, argv);
    Finish(flags, plan);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  if (flags.list) return List(plan);

  std::ofstream json;
  if (!flags.json_file.empty()) {
    json.open(flags.json_file);
    if (!json) {
      fmt::print(stderr, "bench: cannot write {}\n", flags.json_file);
      return 2;
    }
  }
  fmt::print("# bench\n\n{}\n", DescribeRun(plan));
  const Result<std::vector<Outcome>> outcomes = RunPlan(plan);
  if (!outcomes.ok()) {
    fmt::print(stderr, "bench: {}\n", outcomes.error().ToString());
    return 1;
  }
  if (json.is_open()) {
    json << RunJson(plan) << '\n';
    for (const Outcome& outcome : *outcomes) json << ToJson(outcome) << '\n';
  }
  fmt::print("{}", MarkdownReport(plan, *outcomes));
  return std::all_of(outcomes->begin(), outcomes->end(),
                     [](const Outcome& o) { return o.error.empty(); })
             ? 0
             : 1;
}

}  // namespace
}  // namespace beachdb::bench

int main(int argc, char** argv) { return beachdb::bench::Main(argc, argv); }
