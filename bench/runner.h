// Runs every (round, workload, engine) in a process of its own, interleaved: in each round, for
// each workload, all engines one after the other, beginning with another one in every round. So a
// slow minute of the machine hits all of them, and memory and background threads belong to one.
//
// The databases live in a new folder under `directory`, which is removed afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "bench/store.h"
#include "bench/workloads.h"

namespace beachdb::bench {

struct Plan {
  Settings settings;
  std::vector<Engine> engines;
  std::vector<Workload> workloads;  // in the order of AllWorkloads
  int rounds = 3;
  std::string directory;
};

// What one process measured.
struct Outcome {
  std::string engine;
  std::string workload;
  int round = 0;
  std::string error;  // empty: it ran, and every answer was right
  std::vector<Row> rows;
  double cpu_micros = 0;          // processor time of all threads, background work included
  double settle_seconds = 0;      // until background work had ended, after the clock was stopped
  std::uint64_t write_bytes = 0;  // that the device was sent, from open to close
  std::uint64_t peak_rss_bytes = 0;
  std::uint64_t disk_bytes = 0;  // of the database afterwards
  std::uint64_t live_bytes = 0;  // keys and values that it should then hold
  std::optional<double> engine_write_amplification;

  std::uint64_t Count() const;
  std::uint64_t UserBytes() const;
};

// One line of JSON; the same text carries an outcome from the child to the parent.
std::string ToJson(const Outcome& outcome);
Result<Outcome> OutcomeFromJson(const std::string& text);

// All outcomes, in the order in which they ran. An outcome may carry an error; the call itself
// fails only when it cannot run at all, or was interrupted. Progress goes to stderr, and every
// outcome to `seen` as soon as it is there.
Result<std::vector<Outcome>> RunPlan(const Plan& plan,
                                     const std::function<void(const Outcome&)>& seen = {});

}  // namespace beachdb::bench
