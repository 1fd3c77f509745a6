// Pressure for minutes: what an engine does when nothing lets it catch up, second by second.
//
// Each engine in turn, in a process of its own: the database is filled in scattered order and comes
// to rest, then one thread writes at full speed (or at a given rate) until time is up. Every write
// is timed, so that no stall is missed; that costs two readings of the tick counter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "bench/store.h"
#include "bench/workloads.h"

namespace beachdb::bench {

enum class Pressure : std::uint8_t {
  kOverwrite,  // puts of random keys
  kMixed,      // the same beside one thread that gets random keys; before it, that thread alone
  kQueue,      // put at the tail, delete at the head, now and then read 100 from the first key on
};
std::string_view PressureName(Pressure pressure);

struct SustainPlan {
  Settings settings;  // keys: those that live; seconds: how long
  std::vector<Engine> engines;
  Pressure pressure = Pressure::kOverwrite;
  std::uint64_t writes_per_second = 0;  // 0: as fast as it goes
  std::string directory;
};

// One thread's operations that ended within one second. Times in microseconds.
struct Second {
  std::uint64_t count = 0;
  double p50 = 0;
  double p99 = 0;
  double max = 0;
};

struct SustainOutcome {
  std::string engine;
  Pressure pressure = Pressure::kOverwrite;
  std::string error;                     // empty: it ran, and every answer was right
  std::vector<Second> writes;            // puts; of a queue: a put and a delete
  std::vector<Second> reads;             // kMixed: gets; kQueue: scans of the head
  std::vector<std::uint64_t> rss_bytes;  // at the end of each second
  Latency write;                         // of the whole run
  Latency read;
  Latency idle_read;               // kMixed: of the reader alone
  double write_amplification = 0;  // bytes towards the disk per byte written, from rest to rest
  double settle_seconds = 0;       // until background work had ended, afterwards
  std::uint64_t disk_bytes = 0;
  std::uint64_t live_bytes = 0;
};

// One line of JSON, its "type" is "sustain"; the seconds are columns: "write_counts", ...
std::string ToJson(const SustainOutcome& outcome);
Result<SustainOutcome> SustainOutcomeFromJson(const std::string& text);

// The engines in their order. Progress goes to stderr. An error: nothing could run at all.
Result<std::vector<SustainOutcome>> RunSustained(const SustainPlan& plan);

}  // namespace beachdb::bench
