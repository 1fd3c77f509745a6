// Every power cut: a workload runs once, and for each event of its journal the disk that a cut
// there leaves is completed in every way of kCutPolicies, opened, compared with the oracle, written
// to, closed. Each of those runs has a journal too, so the power can be cut again at each of its
// events: during recovery, and while it goes on.
//
// The result is a value, so that whoever breaks the engine on purpose can ask whether it is
// noticed:
//
//   const CutReport report = EnumerateCuts({.shape = {.seed = 1}});
//   EXPECT_EQ(report.failures.size(), 0u) << report.failures.front();
//
// Limits: a few hundred thousand cuts an hour and core with sanitizers; see CutReport::Line.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/power_cut.h"
#include "tests/support/sim_workload.h"

namespace beachdb {

inline constexpr std::array kCutPolicies = {
    CutPolicy{DataFate::kLost, NameFate::kLost},
    CutPolicy{DataFate::kKept, NameFate::kKept},  // what the death of the process leaves
    CutPolicy{DataFate::kKept, NameFate::kLost},
    CutPolicy{DataFate::kLost, NameFate::kKept},
    CutPolicy{DataFate::kSomeFiles, NameFate::kPrefix},
    CutPolicy{DataFate::kSectors, NameFate::kSubset},
    CutPolicy{DataFate::kPages, NameFate::kPrefix},
    CutPolicy{DataFate::kTornOld, NameFate::kKept},
    CutPolicy{DataFate::kTornZeros, NameFate::kPrefix},
    CutPolicy{DataFate::kTornNoise, NameFate::kSubset},
    CutPolicy{DataFate::kReordered, NameFate::kSubset},
    CutPolicy{DataFate::kLost, NameFate::kSubset},
};

// One cut: where, and how the disk was completed. Nested ones follow the outer one.
struct CutPoint {
  std::uint64_t event = 0;
  std::size_t policy = 0;  // of kCutPolicies
};

struct CutConfig {
  WorkloadShape shape;
  // Cuts of a run: all events if there are no more, else so many, spread at random.
  std::uint64_t cuts_max = UINT64_MAX;
  // Cuts again in the run after each cut and policy (each with one policy): 0 or kAll or so many.
  static constexpr std::uint64_t kAll = UINT64_MAX;
  std::uint64_t nested = 0;
  std::size_t failures_max = 1;  // stop after so many
  // Syncs of files and directories whose path contains this do nothing. For testing the
  // oracle; empty: all syncs work.
  std::string forget_syncs_of;
  // Only this cut, and in it only this nested one: a replay.
  std::optional<CutPoint> only;
  std::optional<CutPoint> only_nested;
};

struct CutReport {
  std::uint64_t runs = 0;    // workloads recorded
  std::uint64_t events = 0;  // in their journals
  std::uint64_t cuts = 0;    // events at which the power was cut
  std::uint64_t states = 0;  // disks opened after them
  std::uint64_t nested = 0;  // disks opened after a second cut
  std::uint64_t batches = 0;
  std::vector<std::string> failures;  // each with its replay line

  void Add(const CutReport& other);
  // "events=812 cuts=812 states=7012 nested=4400": for the PROOF line of a campaign.
  std::string Line() const;
};

CutReport EnumerateCuts(const CutConfig& config);

// What the replay line sets: BEACHDB_CUT=<event>:<policy>[,<event>:<policy>].
void ReadReplay(CutConfig& config);

}  // namespace beachdb
