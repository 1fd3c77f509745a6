// One database's life under the crash harness, written down before it begins: cycles of opening,
// writing, and dying or closing. And what came of it. Both as JSON: the artifact, from which
// `crash replay` lives it again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "beachdb/options.h"
#include "beachdb/result.h"
#include "tools/crash/workload.h"

namespace beachdb::tools::crash {

// What a cycle opens the database with.
struct Settings {
  std::uint64_t write_buffer = 64u << 10;  // bytes
  std::uint64_t table_size = 64u << 10;    // bytes
  std::uint64_t block_size = 1024;         // bytes
  std::uint64_t compaction_threads = 1;
  bool radix_tree = true;
  bool compressed = true;
  bool direct_writes = true;

  bool operator==(const Settings&) const = default;
};
Options ToOptions(const Settings& settings);

enum class Ending : std::uint8_t {
  kClose,        // Close, and a clean end
  kKillAtEnd,    // SIGKILL when every operation has its answer
  kKillAtAck,    // SIGKILL some time after the n-th answer
  kKillAtStart,  // SIGKILL some time after it was started, most likely while it opens
};

struct Cycle {
  Settings settings;
  std::string failpoints;  // BEACHDB_FAILPOINTS of the worker
  Ending ending = Ending::kClose;
  std::uint64_t answers = 0;       // kKillAtAck
  std::uint64_t delay_micros = 0;  // kKillAtAck, kKillAtStart
  std::vector<Op> ops;

  bool operator==(const Cycle&) const = default;
};

struct Scenario {
  std::string name;   // "wal_after_append=crash"
  std::string point;  // the failpoint that must be hit; empty: none
  std::uint64_t seed = 0;
  std::uint32_t threads = 1;
  std::vector<Cycle> cycles;

  bool operator==(const Scenario&) const = default;
};

// One line that a worker wrote.
struct Event {
  std::string kind;      // ready, start, ack, fail, open_failed, done, closed, close_failed
  std::uint64_t op = 0;  // start, ack, fail
  std::string message;   // of an error
  std::map<std::string, std::uint64_t> hits;  // of failpoints: done, open_failed

  bool operator==(const Event&) const = default;
};

struct CycleResult {
  std::vector<Event> events;
  std::string end;            // "killed by the harness", "died at its failpoint", "exit 0"
  std::uint64_t entries = 0;  // found afterwards

  bool operator==(const CycleResult&) const = default;
};

struct ScenarioResult {
  std::vector<CycleResult> cycles;
  bool point_hit = false;
  std::string failure;  // the first one, with its cycle; empty: none

  bool operator==(const ScenarioResult&) const = default;
};

struct Artifact {
  Scenario scenario;
  ScenarioResult result;

  bool operator==(const Artifact&) const = default;
};

nlohmann::json ToJson(const Settings& settings);
Settings SettingsFromJson(const nlohmann::json& value);
nlohmann::json ToJson(const Event& event);
Event EventFromJson(const nlohmann::json& value);

// One line per operation and event, so that people and their tools can read it.
std::string WriteArtifact(const Artifact& artifact);
// kInvalidArgument: no artifact, or one of another version.
Result<Artifact> ReadArtifact(std::string_view text);

}  // namespace beachdb::tools::crash
