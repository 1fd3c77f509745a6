// What is measured: every row of the report is one of these, run in the same loop for every engine.
//
// A workload runs in a process of its own, on a database in a known state, and checks its answers:
// every value read (records.h), and afterwards that the database holds what was written. To add
// one, write its function (workloads_*.cc) and a line in the table of workloads.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "bench/records.h"
#include "bench/store.h"

namespace beachdb::bench {

struct Settings {
  std::uint64_t keys = 1'000'000;
  std::size_t value_bytes = 100;
  KeyShape key_shape = KeyShape::kDecimal;
  double seconds = 2;  // how long workloads without a fixed amount of work run
  int threads = 2;     // of the row readrandom-N
  std::uint64_t seed = 1;
  int quiet_ms = 300;           // background work has ended when nothing happens for so long
  std::uint64_t log_bytes = 0;  // of the row recovery; 0: as many as all keys, at most 256 MiB
  StoreConfig store;
};

// The state of a database, in the order in which a round goes through them.
enum class State : std::uint8_t {
  kEmpty,
  kFilled,     // every key once, in random order
  kNatural,    // then as many random overwrites; background work finished; reopened
  kDisturbed,  // then more overwrites, while being read
  kCompacted,  // then compacted by hand; reopened
  kThinned,    // three keys of four deleted, in order; background work finished; reopened
};

// Percentiles in microseconds; all zero where an operation has no latency of its own (scans).
struct Latency {
  double p50 = 0;
  double p99 = 0;
  double p999 = 0;
  double max = 0;
};

struct Row {
  std::string name;
  std::string unit;              // what is counted: "puts", "gets", "records"
  std::uint64_t count = 0;       // how many
  std::uint64_t user_bytes = 0;  // keys and values written
  double seconds = 0;
  Latency latency;
  double PerSecond() const { return seconds > 0 ? static_cast<double>(count) / seconds : 0; }
};

// What a workload is given: an open store in the state it asked for.
struct Bench {
  Store& store;
  const Settings& settings;
  const KeySpace& keys;
  std::uint64_t seed;            // of this round: the same for every engine
  int threads;                   // of this workload
  std::uint64_t open_ticks = 0;  // that opening the store took
};

// What a workload is given before its store is opened.
struct Site {
  const Engine& engine;
  const std::string& directory;
  const StoreConfig& config;
  const Settings& settings;
  const KeySpace& keys;
  std::uint64_t seed;  // the same as Bench's
};

struct Workload {
  std::string name;
  std::string what;  // one line for --list
  State needs;
  State leaves;  // kEmpty: the database is of no further use
  Ack ack = Ack::kUnsynced;
  int threads = 1;
  Result<std::vector<Row>> (*run)(const Bench& bench);
  // Checks afterwards that the database holds what it should; nullptr: the run itself checks all.
  Status (*verify)(const Bench& bench, const std::vector<Row>& rows) = nullptr;
  // Undoes, on the database reopened, what would disturb the workloads after it. Not measured.
  Status (*restore)(const Bench& bench, const std::vector<Row>& rows) = nullptr;
  // Comes before the store is opened. What is measured begins with opening it.
  Status (*prepare)(const Site& site) = nullptr;
  int cache_percent = 0;      // of keys and values, instead of what the settings say
  bool needs_a_log = false;   // engines without one have no such row
  bool direct_reads = false;  // engines that cannot have no such row

  // Whether the engine has such a row.
  bool IsFor(const Engine& engine) const {
    return (engine.has_log || !needs_a_log) && (engine.can_read_directly || !direct_reads);
  }
  bool Writes() const {
    return needs == State::kEmpty || needs == State::kDisturbed || needs != leaves;
  }
};

// All of them, in the order of a round. `threads`: of the row readrandom-N.
std::vector<Workload> AllWorkloads(int threads);

// What leads from each state to the next, in their order.
std::vector<Workload> StepsBetweenStates();

// Walks the whole store once, unmeasured: fills caches, and fails if it does not hold `count` keys.
Status WalkAll(const Bench& bench, std::uint64_t count);

// Keys that are left in State::kThinned.
constexpr std::uint64_t ThinnedCount(std::uint64_t keys) { return keys / 4; }

}  // namespace beachdb::bench
