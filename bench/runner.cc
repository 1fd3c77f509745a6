#include "bench/runner.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/try.h"
#include "bench/measure.h"
#include "bench/process.h"

namespace beachdb::bench {
namespace {

using Json = nlohmann::json;

// Brings a database that was just opened into the state of one that has been in use: caches filled,
// and done with what opening and first reads set going (LevelDB compacts after reads, too).
Status WarmUp(const Bench& bench, const Workload& workload) {
  const std::uint64_t keys = bench.settings.keys;
  const std::uint64_t present = workload.needs == State::kThinned ? ThinnedCount(keys) : keys;
  Settle(bench.store, bench.settings.quiet_ms);
  RETURN_IF_ERROR(WalkAll(bench, present).WithContext("before the start: "));
  if (workload.Writes()) return {};
  Settings shorter = bench.settings;
  shorter.seconds /= 4;
  const Bench rehearsal{bench.store, shorter, bench.keys, bench.seed + 500, bench.threads};
  const auto rows = workload.run(rehearsal);
  if (!rows.ok()) return rows.error().WithContext("warming up: ");
  Settle(bench.store, bench.settings.quiet_ms);
  return {};
}

// A workload that begins with nothing writes new keys only, as many as it has time for. 0: what is
// left is of no further use, and nobody counted it.
std::uint64_t LiveBytes(const Settings& settings, const Workload& workload,
                        const Outcome& outcome) {
  if (workload.needs == State::kEmpty) return outcome.UserBytes();
  if (workload.leaves == State::kEmpty) return 0;
  return (workload.leaves == State::kThinned ? ThinnedCount(settings.keys) : settings.keys) *
         (kKeyBytes + settings.value_bytes);
}

Status RunHere(const Plan& plan, const Engine& engine, const Workload& workload,
               const std::string& directory, Outcome& outcome) {
  const Settings& settings = plan.settings;
  StoreConfig config = settings.store;
  config.ack = workload.ack;
  config.direct_reads = workload.direct_reads;
  config.expected_bytes = settings.keys * (kKeyBytes + settings.value_bytes);
  if (workload.cache_percent != 0) {
    config.cache_bytes =
        config.expected_bytes * static_cast<std::uint64_t>(workload.cache_percent) / 100;
    config.only_reads = true;
  }
  const KeySpace keys(settings.key_shape, settings.keys);
  const std::uint64_t seed = settings.seed + static_cast<std::uint64_t>(outcome.round);
  if (workload.prepare != nullptr) {
    RETURN_IF_ERROR(workload.prepare({engine, directory, config, settings, keys, seed})
                        .WithContext("preparing: "));
  }
  const std::uint64_t sent_before = BytesSentToDevice(plan.directory);
  const Usage before_open = ReadUsage();
  const std::uint64_t open_began = Ticks();
  ASSIGN_OR_RETURN(const auto store, engine.open(directory, config));
  const Bench bench{*store, settings, keys, seed, workload.threads, Ticks() - open_began};

  if (workload.needs >= State::kNatural) RETURN_IF_ERROR(WarmUp(bench, workload));
  const Usage before = workload.prepare != nullptr ? before_open : ReadUsage();
  ASSIGN_OR_RETURN(outcome.rows, workload.run(bench));
  if (workload.Writes()) outcome.settle_seconds = Settle(*store, settings.quiet_ms);
  const Usage after = ReadUsage();
  outcome.cpu_micros = (after.cpu_seconds - before.cpu_seconds) * 1e6;
  outcome.peak_rss_bytes = after.peak_rss_bytes;
  outcome.engine_write_amplification = store->WriteAmplification();
  if (workload.verify != nullptr) {
    RETURN_IF_ERROR(workload.verify(bench, outcome.rows).WithContext("afterwards: "));
  }
  RETURN_IF_ERROR(store->Close());
  outcome.write_bytes = BytesSentToDevice(plan.directory) - sent_before;
  outcome.disk_bytes = DiskBytes(directory);
  outcome.live_bytes = LiveBytes(settings, workload, outcome);
  if (workload.restore == nullptr) return {};
  ASSIGN_OR_RETURN(const auto again, engine.open(directory, config));
  const Bench reopened{*again, settings, keys, seed, workload.threads};
  RETURN_IF_ERROR(workload.restore(reopened, outcome.rows).WithContext("restoring: "));
  return again->Close();
}

// Runs one workload in a child and waits for it.
Outcome RunWorkloadInChild(const Plan& plan, const Engine& engine, const Workload& workload,
                           int round, const std::string& directory) {
  Outcome outcome;
  outcome.engine = engine.name;
  outcome.workload = workload.name;
  outcome.round = round;
  const Result<std::string> text = RunInChild([&] {
    if (Status s = RunHere(plan, engine, workload, directory, outcome); !s.ok()) {
      outcome.error = s.error().ToString();
    }
    WriteBackEverything(directory);
    return ToJson(outcome);
  });
  Result<Outcome> parsed = text.ok() ? OutcomeFromJson(*text) : Result<Outcome>(text.error());
  if (parsed.ok()) return std::move(*parsed);
  outcome.error = parsed.error().ToString();
  return outcome;
}

class Rounds {
 public:
  Rounds(const Plan& plan, std::string root, const std::function<void(const Outcome&)>& seen)
      : plan_(plan), root_(std::move(root)), seen_(seen), steps_(StepsBetweenStates()) {}

  Result<std::vector<Outcome>> Run() {
    for (int round = 1; round <= plan_.rounds; ++round) {
      for (const Engine& engine : plan_.engines) Discard(engine);
      for (const Workload& workload : plan_.workloads) {
        for (std::size_t i = 0; i < plan_.engines.size(); ++i) {
          const std::size_t turn = (i + static_cast<std::size_t>(round) - 1) % plan_.engines.size();
          const Engine& engine = plan_.engines[turn];
          if (!workload.IsFor(engine)) continue;
          Outcome outcome = RunWorkload(engine, workload, round);
          if (Interrupted()) return Error(Code::kShutDown, "interrupted");
          Tell(outcome);
          if (seen_) seen_(outcome);
          outcomes_.push_back(std::move(outcome));
        }
      }
    }
    return std::move(outcomes_);
  }

 private:
  std::string Directory(const Engine& engine) const { return root_ + "/" + engine.name; }

  void Discard(const Engine& engine) {
    std::filesystem::remove_all(Directory(engine));
    states_[engine.name] = State::kEmpty;
  }

  Outcome RunWorkload(const Engine& engine, const Workload& workload, int round) {
    if (workload.needs == State::kEmpty && workload.leaves == State::kEmpty) {
      const std::string own = Directory(engine) + "-own";
      std::filesystem::remove_all(own);
      Outcome outcome = RunWorkloadInChild(plan_, engine, workload, round, own);
      std::filesystem::remove_all(own);
      return outcome;
    }
    if (auto failed = Prepare(engine, workload.needs, round)) {
      failed->workload = workload.name;
      return std::move(*failed);
    }
    Outcome outcome = RunWorkloadInChild(plan_, engine, workload, round, Directory(engine));
    if (outcome.error.empty()) {
      states_[engine.name] = workload.leaves;
    } else if (workload.Writes()) {
      Discard(engine);
    }
    return outcome;
  }

  // Brings the engine's database into a state, by the workloads that lead there, unmeasured.
  // Returns the outcome of the step that failed.
  std::optional<Outcome> Prepare(const Engine& engine, State wanted, int round) {
    const auto fits = [&](State state) {
      return state == wanted || (wanted == State::kDisturbed && state == State::kNatural);
    };
    if (fits(states_[engine.name])) return std::nullopt;
    if (states_[engine.name] > wanted || wanted == State::kEmpty) Discard(engine);
    for (const Workload& step : steps_) {
      if (fits(states_[engine.name])) break;
      if (step.leaves <= states_[engine.name]) continue;
      Outcome outcome = RunWorkloadInChild(plan_, engine, step, round, Directory(engine));
      if (!outcome.error.empty()) {
        outcome.error = fmt::format("preparing with {}: {}", step.name, outcome.error);
        Discard(engine);
        return outcome;
      }
      states_[engine.name] = step.leaves;
    }
    return std::nullopt;
  }

  void Tell(const Outcome& outcome) const {
    std::string text = outcome.error;
    if (text.empty()) {
      for (const Row& row : outcome.rows) {
        text += fmt::format("{}{:.0f} {}/s", text.empty() ? "" : ", ", row.PerSecond(), row.unit);
      }
    }
    fmt::print(stderr, "round {}/{}  {:<21} {:<10} {}\n", outcome.round, plan_.rounds,
               outcome.workload, outcome.engine, text);
  }

  const Plan& plan_;
  const std::string root_;
  const std::function<void(const Outcome&)>& seen_;
  const std::vector<Workload> steps_;
  std::map<std::string, State> states_;
  std::vector<Outcome> outcomes_;
};

}  // namespace

std::uint64_t Outcome::Count() const {
  std::uint64_t count = 0;
  for (const Row& row : rows) count += row.count;
  return count;
}

std::uint64_t Outcome::UserBytes() const {
  std::uint64_t bytes = 0;
  for (const Row& row : rows) bytes += row.user_bytes;
  return bytes;
}

std::string ToJson(const Outcome& outcome) {
  Json rows = Json::array();
  for (const Row& row : outcome.rows) {
    rows.push_back({{"name", row.name},
                    {"unit", row.unit},
                    {"count", row.count},
                    {"user_bytes", row.user_bytes},
                    {"seconds", row.seconds},
                    {"per_second", row.PerSecond()},
                    {"p50_us", row.latency.p50},
                    {"p99_us", row.latency.p99},
                    {"p999_us", row.latency.p999},
                    {"max_us", row.latency.max}});
  }
  Json json = {{"type", "outcome"},
               {"engine", outcome.engine},
               {"workload", outcome.workload},
               {"round", outcome.round},
               {"error", outcome.error},
               {"rows", std::move(rows)},
               {"cpu_us", outcome.cpu_micros},
               {"settle_seconds", outcome.settle_seconds},
               {"write_bytes", outcome.write_bytes},
               {"peak_rss_bytes", outcome.peak_rss_bytes},
               {"disk_bytes", outcome.disk_bytes},
               {"live_bytes", outcome.live_bytes}};
  if (outcome.engine_write_amplification) {
    json["engine_write_amplification"] = *outcome.engine_write_amplification;
  }
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Result<Outcome> OutcomeFromJson(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return Error(Code::kIoError, "the child's answer is no JSON object");
  Outcome outcome;
  outcome.engine = json.value("engine", "");
  outcome.workload = json.value("workload", "");
  outcome.round = json.value("round", 0);
  outcome.error = json.value("error", "");
  outcome.cpu_micros = json.value("cpu_us", 0.0);
  outcome.settle_seconds = json.value("settle_seconds", 0.0);
  outcome.write_bytes = json.value("write_bytes", std::uint64_t{0});
  outcome.peak_rss_bytes = json.value("peak_rss_bytes", std::uint64_t{0});
  outcome.disk_bytes = json.value("disk_bytes", std::uint64_t{0});
  outcome.live_bytes = json.value("live_bytes", std::uint64_t{0});
  if (json.contains("engine_write_amplification")) {
    outcome.engine_write_amplification = json["engine_write_amplification"].get<double>();
  }
  for (const Json& r : json.value("rows", Json::array())) {
    Row row;
    row.name = r.value("name", "");
    row.unit = r.value("unit", "");
    row.count = r.value("count", std::uint64_t{0});
    row.user_bytes = r.value("user_bytes", std::uint64_t{0});
    row.seconds = r.value("seconds", 0.0);
    row.latency = {r.value("p50_us", 0.0), r.value("p99_us", 0.0), r.value("p999_us", 0.0),
                   r.value("max_us", 0.0)};
    outcome.rows.push_back(std::move(row));
  }
  return outcome;
}

Result<std::vector<Outcome>> RunPlan(const Plan& plan,
                                     const std::function<void(const Outcome&)>& seen) {
  Rate();  // measured here, so that the children need not
  const std::string root = fmt::format("{}/beachdb-bench-{}", plan.directory, ::getpid());
  std::error_code error;
  std::filesystem::create_directories(root, error);
  if (error) return Error(Code::kIoError, fmt::format("creating {}: {}", root, error.message()));
  CatchInterrupts();
  Result<std::vector<Outcome>> outcomes = Rounds(plan, root, seen).Run();
  std::filesystem::remove_all(root, error);
  return outcomes;
}

}  // namespace beachdb::bench
