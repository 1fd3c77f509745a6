// A workload over the public API of a database in a simulated world, written down so that it can be
// judged afterwards at every point in time: the journal of the disk, and what each caller was told
// when (tests/support/cut_oracle.h).
//
// The database lives through several phases. Each opens it with other options and closes it at the
// end; in each a few writers write batches and sync, and a keeper flushes, compacts, and holds
// snapshots. Who is next is the scheduler's choice, so one seed is one run.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "beachdb/db.h"
#include "sim/sim_disk.h"
#include "sim/sim_world.h"
#include "tests/support/cut_oracle.h"

namespace beachdb {

struct WorkloadShape {
  std::uint64_t seed = 1;
  SimWorld::Threads threads = SimWorld::Threads::kInline;
  std::size_t writers = 1;
  std::size_t phases = 2;
  std::size_t batches = 12;  // per writer and phase
  std::uint64_t sync_one_in = 2;
  std::uint64_t keeper_calls = 4;  // per phase: flushes, compactions, snapshots
  BatchShape batch;
  // kCaller: one writer, whose batches are numbered by their applied index; none is synced.
  LogOwner log_owner = LogOwner::kDatabase;
};

// What a run left behind for its judges.
struct Recording {
  DiskJournal journal;
  CutOracle oracle;
  std::uint64_t opened_at = 0;  // the first time that Open had returned
  std::string failure;          // empty: every call did what it should
};

// Small databases with every part at work; `variant` chooses among block sizes, compressions,
// memtables and the like.
Options SimOptions(SimWorld& world, std::uint64_t variant, std::vector<std::string>* log,
                   LogOwner log_owner = LogOwner::kDatabase);

inline constexpr char kSimDirectory[] = "/data/db";

// On an empty disk.
Recording RunWorkload(const WorkloadShape& shape);

}  // namespace beachdb
