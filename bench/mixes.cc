#include "bench/mixes.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "base/histogram.h"
#include "base/random.h"
#include "base/try.h"
#include "beachdb/db.h"
#include "bench/measure.h"
#include "bench/records.h"
#include "bench/tasks.h"
#include "bench/workload_functions.h"

namespace beachdb::bench {
namespace {

// In percent of the operations; the rest are gets of keys that are there.
struct Mix {
  const char* name;
  const char* what;
  std::uint64_t puts;
  std::uint64_t absent;
  bool zipf;
};
constexpr Mix kMixes[] = {{"A", "write-heavy", 90, 0, false},
                          {"B", "read-heavy", 5, 0, true},
                          {"C", "miss-heavy", 0, 90, false}};
constexpr std::size_t kDraws = std::size_t{1} << 20;
constexpr auto kLongestRest = std::chrono::minutes(5);

Options OptionsOf(const Settings& settings, int filter_bits) {
  const std::uint64_t data = settings.keys * (kKeyBytes + settings.value_bytes);
  Options options;
  options.write_buffer =
      std::clamp<std::size_t>(data / 10, std::size_t{64} << 10, settings.store.write_buffer_bytes);
  options.memory_budget =
      std::max<std::size_t>(data / 10 + 2 * options.write_buffer, std::size_t{4} << 20);
  options.compression = options.bottom_compression = Compression::kNone;
  options.filter_bits_per_key = filter_bits;
  return options;
}

// Background work ends by itself; nothing tells when, so this looks again and again.
Status AwaitRest(const Db& db) {
  const auto until = std::chrono::steady_clock::now() + kLongestRest;
  for (;;) {
    const Stats stats = db.GetStats();
    const bool due = std::any_of(stats.levels.begin(), stats.levels.end(),
                                 [](const LevelStats& level) { return level.score >= 1; });
    if (!due && stats.memtables_waiting == 0) return OkStatus();
    if (std::chrono::steady_clock::now() > until) {
      return Error(Code::kBusy, "compactions have not ended after five minutes");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Status Fill(const Settings& settings, const Options& options, const std::string& folder) {
  ASSIGN_OR_RETURN(Db db, Db::Open(folder, options));
  const KeySpace keys(settings.key_shape, settings.keys);
  ValueMaker values(settings.value_bytes, settings.seed);
  for (const std::uint32_t index : ShuffledIndexes(settings.keys, settings.seed)) {
    const Key key = keys.At(index);
    RETURN_IF_ERROR(
        db.Put(key.view(), values.Make(key.view(), index), {.durability = Durability::kBuffered}));
  }
  RETURN_IF_ERROR(db.Flush());
  RETURN_IF_ERROR(AwaitRest(db));
  return db.Close();
}

Latency LatencyOf(const Histogram& ticks) {
  const auto micros = [](std::uint64_t t) { return TicksToNanos(t) * 1e-3; };
  return {micros(ticks.Percentile(50)), micros(ticks.Percentile(99)),
          micros(ticks.Percentile(99.9)), micros(ticks.Max())};
}

// One thread that does what a mix says.
class Client {
 public:
  Client(const Mix& mix, const Settings& settings, Db& db)
      : mix_(mix),
        db_(db),
        keys_(settings.key_shape, settings.keys),
        random_(settings.seed + 1),
        values_(settings.value_bytes, settings.seed + 1),
        checker_(settings.value_bytes) {
    if (mix.zipf) popular_ = ZipfIndexes(settings.keys, kZipfTheta, kDraws, settings.seed);
  }

  Status Run(double seconds) {
    const std::uint64_t deadline = Ticks() + SecondsToTicks(seconds);
    for (std::uint64_t begin = Ticks(); begin < deadline; begin = Ticks()) {
      const std::uint64_t draw = random_.Uniform(100);
      const bool put = draw < mix_.puts;
      RETURN_IF_ERROR(put ? Put() : Get(draw < mix_.puts + mix_.absent));
      (put ? put_ticks_ : get_ticks_).Add(Ticks() - begin);
    }
    return CheckAnswers(checker_);
  }

  const Histogram& put_ticks() const { return put_ticks_; }
  const Histogram& get_ticks() const { return get_ticks_; }

 private:
  std::uint64_t NextIndex() {
    if (popular_.empty()) return random_.Uniform(keys_.count());
    return popular_[next_popular_++ % popular_.size()];
  }
  Status Put() {
    const Key key = keys_.At(NextIndex());
    return db_.Put(key.view(), values_.Make(key.view(), ++stamp_));
  }
  Status Get(bool absent) {
    const std::uint64_t index = NextIndex();
    const Key key = absent ? keys_.Absent(index) : keys_.At(index);
    const auto got = db_.GetPinned(key.view());
    if (!got.ok()) return got.error();
    if (got->has_value() == absent) {
      checker_.Wrong(absent ? "a value of a key that is not there" : "a value that is missing",
                     key.view());
    }
    if (got->has_value()) checker_.Answer(key.view(), (*got)->view());
    return OkStatus();
  }

  const Mix& mix_;
  Db& db_;
  const KeySpace keys_;
  Random random_;
  ValueMaker values_;
  RecordChecker checker_;
  std::vector<std::uint32_t> popular_;
  std::size_t next_popular_ = 0;
  std::uint64_t stamp_ = 0;
  Histogram put_ticks_;
  Histogram get_ticks_;
};

Result<MixOutcome> RunMix(const Mix& mix, const Settings& settings, const Options& options,
                          const std::string& folder) {
  ASSIGN_OR_RETURN(Db db, Db::Open(folder, options));
  Client client(mix, settings, db);
  const std::uint64_t begin = Ticks();
  RETURN_IF_ERROR(client.Run(settings.seconds));
  MixOutcome outcome{.mix = mix.name,
                     .what = mix.what,
                     .filter_bits = options.filter_bits_per_key,
                     .seconds = TicksToNanos(Ticks() - begin) * 1e-9,
                     .puts = client.put_ticks().Count(),
                     .gets = client.get_ticks().Count(),
                     .put = LatencyOf(client.put_ticks()),
                     .get = LatencyOf(client.get_ticks()),
                     .stats = db.GetStats()};
  RETURN_IF_ERROR(AwaitRest(db));
  RETURN_IF_ERROR(db.Close());
  return outcome;
}

Status RunAll(const Settings& settings, const std::string& folder,
              std::vector<MixOutcome>& outcomes) {
  for (const int filter_bits : {settings.store.bloom_bits, 0}) {
    const std::string place = fmt::format("{}/filters-{}", folder, filter_bits);
    const Options options = OptionsOf(settings, filter_bits);
    RETURN_IF_ERROR(Fill(settings, options, place));
    for (const Mix& mix : kMixes) {
      ASSIGN_OR_RETURN(MixOutcome outcome, RunMix(mix, settings, options, place));
      outcomes.push_back(std::move(outcome));
    }
  }
  std::stable_sort(outcomes.begin(), outcomes.end(),
                   [](const MixOutcome& a, const MixOutcome& b) { return a.mix < b.mix; });
  return OkStatus();
}

double Per(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string Pair(const Latency& latency) {
  if (latency.max == 0) return "-";
  return fmt::format("{:.1f} / {:.1f}", latency.p50, latency.p99);
}

}  // namespace

Result<std::vector<MixOutcome>> RunMixes(const Settings& settings, const std::string& directory) {
  const std::string folder = fmt::format("{}/bench-mixes-{}", directory, ::getpid());
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::vector<MixOutcome> outcomes;
  const Status status = RunAll(settings, folder, outcomes);
  std::filesystem::remove_all(folder, error);
  if (!status.ok()) return status.error();
  return outcomes;
}

std::string MixReport(const Settings& settings, std::span<const MixOutcome> outcomes) {
  std::string report = fmt::format(
      "{} keys, values of {} bytes, a memory budget of a tenth of the data and two write buffers, "
      "{} s each\n\n"
      "| mix | filter bits | operations/s | put p50 / p99 us | get p50 / p99 us | log bytes a put "
      "| "
      "syncs | sync p50 / p99 / max us | blocks touched a get | blocks read a get | cache hits | "
      "tables spared a get | looked in vain |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
      settings.keys, settings.value_bytes, settings.seconds);
  for (const MixOutcome& o : outcomes) {
    const Stats& s = o.stats;
    report += fmt::format(
        "| {}, {} | {} | {:.0f} | {} | {} | {:.0f} | {} | {} / {} / {} | {:.3f} | {:.3f} | {:.1f}% "
        "| {:.2f} | {} |\n",
        o.mix, o.what, o.filter_bits, static_cast<double>(o.puts + o.gets) / o.seconds, Pair(o.put),
        Pair(o.get), Per(s.wal_bytes, s.puts), s.wal_syncs, s.wal_sync_micros_p50,
        s.wal_sync_micros_p99, s.wal_sync_micros_max, s.read_amplification,
        Per(s.blocks_read, s.gets),
        100 * Per(s.block_cache_hits, s.block_cache_hits + s.block_cache_misses),
        Per(s.filter_negatives, s.gets), s.filter_false_positives);
  }
  return report;
}

}  // namespace beachdb::bench
