// bench: BeachDB beside its peers on the same work.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/bulk_load.h"
#include "bench/growth_report.h"
#include "bench/mixes.h"
#include "bench/results.h"
#include "bench/run_info.h"
#include "bench/runner.h"
#include "bench/sustain.h"
#include "bench/sustain_report.h"
#include "bench/targets.h"

namespace beachdb::bench {
namespace {

constexpr const char* kAbout = R"(Measures storage engines side by side, on the same work.

Every workload of every round runs in a process of its own, the engines in turn, and every answer
is checked: a wrong one fails the run. The report on stdout is Markdown.)";

constexpr const char* kExamples = R"(Examples:
  bench                                          every workload, every engine, three rounds
  bench --quick                                  the same in seconds: does it work at all?
  bench --engines beachdb,leveldb --workloads readrandom,seek+10,scan
  bench --keys 3000000 --cache 1gb --rounds 5 --out bench/results/today
  bench --key-shape hashed --value-bytes 1000
  bench --engines beachdb,beachdb:block_size=16384,beachdb:filter_bits_per_key=0
                                                 what an option of BeachDB does
  bench --report bench/results/today/results.jsonl   the report and the charts again
  bench sustain --keys 3000000 --minutes 10      overwrite at full speed: is it flat?
  bench sustain --queue --minutes 10             does reading the head of a queue grow?
  bench growth small/results.jsonl large/results.jsonl
                                                 what size does to each operation
  bench mixes --keys 3000000                     what the engine counts while it works
  bench load --keys 10000000                     a bulk load beside the device's own speed

Sizes take suffixes: --cache 1gb. Exit codes: 0 done, 1 a workload failed, an answer was wrong or
sustain's verdict is no, 2 usage.)";

constexpr const char* kAboutSustain =
    R"(Writes at full speed for minutes, on one engine after the other, and looks at every second:
throughput, the slowest write, memory; write amplification at the end. Prints a verdict on the first
engine. Takes the options of bench, too, but for --workloads and --rounds.)";

constexpr const char* kAboutLoad =
    R"(Loads sorted records with BeachDB's BulkLoad, and writes as many bytes plainly (O_DIRECT, 1 MiB
at a time, fsync), in turn. Prints both rates and the median of their ratio. Takes --keys,
--value-bytes, --key-shape, --cache, --compression, --rounds, --seed and --dir.)";

constexpr const char* kAboutMixes =
    R"(Three mixes on BeachDB alone (write-heavy, read-heavy, miss-heavy), with filters and without,
beside what its own counters say: bytes of log, times of syncs, blocks a get, cache hits, tables that
filters spared. Takes --keys, --value-bytes, --key-shape, --write-buffer, --seconds, --seed and
--dir.)";

constexpr const char* kAboutGrowth =
    R"(Runs nothing: makes one table of several runs with different numbers of keys, of what an operation
costs at each of them. With --out growth.md and growth.svg go there.)";

struct Flags {
  std::vector<std::string> engines;
  std::vector<std::string> workloads;
  std::string key_shape = "decimal";
  std::string compression = "none";
  std::string json_file;
  std::string out;
  std::string report;
  std::string targets;
  std::string source;
  std::vector<std::string> growth;  // files of results
  bool quick = false;
  bool list = false;
  bool sustain = false;
  bool load = false;
  bool mixes = false;
  bool mixed = false;
  bool queue = false;
  double minutes = 10;
  std::uint64_t writes_per_second = 0;
};

// Where targets are looked for when nobody says where.
constexpr const char* kTargets = "bench/targets.txt";

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

void DeclareWork(CLI::App& app, Flags& flags, Plan& plan) {
  Settings& s = plan.settings;
  app.add_option("--engines", flags.engines, "which, comma separated; ratios are of the first")
      ->delimiter(',');
  app.add_option("--workloads", flags.workloads, "which, comma separated (--list names them)")
      ->delimiter(',');
  app.option_defaults()->take_last();  // so that options can be put behind those of a script
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
  app.add_option("--threads", s.threads,
                 "threads of the rows fillrandom-N, fillsync-N and readrandom-N")
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
}

void DeclareOutput(CLI::App& app, Flags& flags, Plan& plan) {
  app.add_option("--dir", plan.directory,
                 "where the databases go; a folder in it, removed at the end")
      ->capture_default_str();
  app.add_option("--out", flags.out, "write results.jsonl, report.md and charts into this folder");
  app.add_option("--json", flags.json_file, "write the JSON lines there alone");
  app.add_option("--report", flags.report,
                 "run nothing: make report and charts of this file of JSON lines, beside it or in "
                 "--out");
  app.add_option("--targets", flags.targets,
                 fmt::format("what is to be reached (default: {}, if it is there)", kTargets));
  app.add_option("--source", flags.source, "what was built, for the report: a commit");
  app.add_flag("--quick", flags.quick, "4000 keys, one round, a blink per workload: a smoke test");
  app.add_flag("--list", flags.list, "list workloads and engines, then stop");
}

void DeclareSustain(CLI::App& app, Flags& flags) {
  CLI::App* sustain = app.add_subcommand("sustain", kAboutSustain);
  sustain->fallthrough();
  sustain->add_option("--minutes", flags.minutes, "how long, each engine")
      ->check(CLI::Range(0.001, 6000.0))
      ->capture_default_str();
  sustain->add_option("--writes-per-second", flags.writes_per_second, "0: as fast as it goes")
      ->capture_default_str();
  auto* mixed = sustain->add_flag("--mixed", flags.mixed,
                                  "beside one thread that reads; it is timed alone, too");
  sustain
      ->add_flag("--queue", flags.queue, "put at the tail, delete at the head, read 100 from there")
      ->excludes(mixed);
  sustain->callback([&flags] { flags.sustain = true; });
}

void DeclareLoad(CLI::App& app, Flags& flags) {
  CLI::App* load = app.add_subcommand("load", kAboutLoad);
  load->fallthrough();
  load->callback([&flags] { flags.load = true; });
}

void DeclareMixes(CLI::App& app, Flags& flags) {
  CLI::App* mixes = app.add_subcommand("mixes", kAboutMixes);
  mixes->fallthrough();
  mixes->callback([&flags] { flags.mixes = true; });
}

void DeclareGrowth(CLI::App& app, Flags& flags) {
  CLI::App* growth = app.add_subcommand("growth", kAboutGrowth);
  growth->fallthrough();
  growth->add_option("FILES", flags.growth, "results.jsonl of each run")
      ->required()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
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
  std::vector<std::string> engines = flags.engines;
  if (flags.sustain) {
    s.seconds = flags.minutes * 60;
    plan.rounds = 1;
    if (engines.empty()) engines = {"beachdb", "rocksdb"};
  }
  std::vector<Engine> known = AllEngines();
  for (const std::string& name : engines) {
    if (name.find(':') == std::string::npos) continue;
    Result<Engine> variant = BeachDbVariant(name);
    if (!variant.ok()) throw CLI::ValidationError(std::string(variant.error().message()));
    known.push_back(*std::move(variant));
  }
  plan.engines = Select(known, engines, Order::kOfNames, "engine");
  plan.workloads = Select(AllWorkloads(s.threads), flags.workloads, Order::kOfAll, "workload");
}

int List(const Plan& plan) {
  fmt::print("workloads, in the order of a round:\n");
  for (const Workload& w : AllWorkloads(plan.settings.threads)) {
    fmt::print("  {:<21} {}\n", w.name, w.what);
  }
  fmt::print("engines of this build:\n");
  for (const Engine& e : AllEngines()) fmt::print("  {:<21} {}\n", e.name, e.version);
  return 0;
}

int Fail(const Error& error, int exit_code) {
  fmt::print(stderr, "bench: {}\n", error.ToString());
  return exit_code;
}

int Load(const Plan& plan) {
  const auto rounds = MeasureLoads(plan.settings, plan.rounds, plan.directory);
  if (!rounds.ok()) return Fail(rounds.error(), 1);
  fmt::print("{}", LoadReport(plan.settings, *rounds));
  return 0;
}

int Mixes(const Plan& plan) {
  const auto outcomes = RunMixes(plan.settings, plan.directory);
  if (!outcomes.ok()) return Fail(outcomes.error(), 1);
  fmt::print("{}", MixReport(plan.settings, *outcomes));
  return 0;
}

int Growth(const Flags& flags) {
  std::vector<Results> runs;
  for (const std::string& file : flags.growth) {
    Result<Results> read = ReadResults(file);
    if (!read.ok()) return Fail(read.error(), 2);
    runs.push_back(*std::move(read));
  }
  if (const Status s = SortBySize(runs); !s.ok()) return Fail(s.error(), 2);
  if (!flags.out.empty()) {
    if (const Status s = WriteGrowth(flags.out, runs); !s.ok()) return Fail(s.error(), 1);
  }
  fmt::print("{}", GrowthReport(runs));
  return 0;
}

// None, when nobody asked for them and they are not where the program was started.
Result<std::vector<Target>> LoadTargets(const Flags& flags) {
  if (!flags.targets.empty()) return ReadTargets(flags.targets);
  std::error_code error;
  if (!std::filesystem::exists(kTargets, error)) return std::vector<Target>();
  return ReadTargets(kTargets);
}

// Opens the file of JSON lines that the flags ask for, if they ask for one.
bool OpenJson(const Flags& flags, std::ofstream& json) {
  std::string path = flags.json_file;
  if (!flags.out.empty()) {
    std::error_code error;
    std::filesystem::create_directories(flags.out, error);
    path = flags.out + "/results.jsonl";
  }
  if (path.empty()) return true;
  json.open(path);
  if (!json) fmt::print(stderr, "bench: {}: cannot be written\n", path);
  return json.is_open();
}

// Runs what the plan says and keeps every line as soon as it is known.
Status Measure(const Flags& flags, const Plan& plan, std::ofstream& json, Results& results) {
  json << ToJson(results.run) << std::endl;
  if (flags.sustain) {
    const Pressure pressure = flags.queue   ? Pressure::kQueue
                              : flags.mixed ? Pressure::kMixed
                                            : Pressure::kOverwrite;
    auto outcomes = RunSustained(
        {plan.settings, plan.engines, pressure, flags.writes_per_second, plan.directory});
    if (!outcomes.ok()) return outcomes.error();
    for (const SustainOutcome& outcome : *outcomes) json << ToJson(outcome) << std::endl;
    results.sustained = std::move(*outcomes);
    return {};
  }
  auto outcomes =
      RunPlan(plan, [&](const Outcome& outcome) { json << ToJson(outcome) << std::endl; });
  if (!outcomes.ok()) return outcomes.error();
  results.outcomes = std::move(*outcomes);
  return {};
}

int Main(int argc, char** argv) {
  Plan plan;
  plan.directory = ".";
  Flags flags;
  CLI::App app(kAbout, "bench");
  app.footer(kExamples);
  DeclareWork(app, flags, plan);
  DeclareOutput(app, flags, plan);
  DeclareSustain(app, flags);
  DeclareLoad(app, flags);
  DeclareMixes(app, flags);
  DeclareGrowth(app, flags);
  try {
    app.parse(argc, argv);
    Finish(flags, plan);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  if (flags.list) return List(plan);
  if (flags.load) return Load(plan);
  if (flags.mixes) return Mixes(plan);
  if (!flags.growth.empty()) return Growth(flags);
  const Result<std::vector<Target>> targets = LoadTargets(flags);
  if (!targets.ok()) return Fail(targets.error(), 2);

  Results results;
  std::string folder = flags.out;
  if (!flags.report.empty()) {
    Result<Results> read = ReadResults(flags.report);
    if (!read.ok()) return Fail(read.error(), 2);
    results = std::move(*read);
    if (folder.empty()) folder = std::filesystem::path(flags.report).parent_path().string();
    if (folder.empty()) folder = ".";
  } else {
    std::ofstream json;
    if (!OpenJson(flags, json)) return 2;
    results.run = DescribeRun(plan, flags.source);
    if (Status s = Measure(flags, plan, json, results); !s.ok()) return Fail(s.error(), 1);
  }
  if (!folder.empty()) {
    if (Status s = WriteReport(folder, results, *targets); !s.ok()) return Fail(s.error(), 1);
  }
  fmt::print("{}", ReportText(results, *targets));
  const bool all_ran = std::all_of(results.outcomes.begin(), results.outcomes.end(),
                                   [](const Outcome& o) { return o.error.empty(); });
  const bool all_held = results.sustained.empty() || AllPassed(results.sustained);
  return all_ran && all_held ? 0 : 1;
}

}  // namespace
}  // namespace beachdb::bench

int main(int argc, char** argv) { return beachdb::bench::Main(argc, argv); }
