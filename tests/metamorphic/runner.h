// Runs a history on BeachDB under one configuration, and holds every answer against the model's.
//
// With Reopen::kCrash the process "dies" at the step: from a moment on no change reaches the disk,
// what the kernel has is kept. With kPower it is not: the simulated disk completes what was not
// synced by one of the legal ways. With LogOwner::kCaller the runner is the owner of the log: after
// a crash it applies again what lies above DurableIndex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "tests/metamorphic/operation.h"
#include "tests/metamorphic/setup.h"

namespace beachdb::metamorphic {

// A deliberately wrong engine: what stands between the runner and the database, to prove that the
// comparison finds a fault and that the shrinker keeps it.
class Sabotage {
 public:
  virtual ~Sabotage() = default;
  virtual void Begins() {}                            // a run
  virtual void Sees(const Operation&) {}              // each step before it is executed
  virtual bool Loses(const Write&) { return false; }  // a write that the database never gets
};

struct Mismatch {
  std::size_t step = 0;  // history.size(): the checks at the end
  std::string what;
};

struct RunOutcome {
  std::optional<Mismatch> mismatch;
  std::uint64_t answers = 0;  // compared
  std::uint64_t digest = 0;   // of all answers: the same under every configuration
};

// `directory`, for Where::kReal, is emptied first, and removed at the end. In a simulated world the
// same case always runs the same way.
RunOutcome RunOnBeachDb(const History& history, const Config& config, const std::string& directory,
                        Sabotage* sabotage = nullptr);

// The same on an independent engine, LevelDB, as far as it has the calls: is the model right?
// nullopt in `mismatch` and no answers where this build has no LevelDB.
RunOutcome RunOnPeer(const History& history, const std::string& directory);

}  // namespace beachdb::metamorphic
