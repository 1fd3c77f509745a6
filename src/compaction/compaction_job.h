// Carries out a plan: merges the tables of two levels into new tables of the deeper one.
#pragma once

#include <cstdint>
#include <vector>

#include "beachdb/result.h"
#include "compaction/compaction_picker.h"
#include "compaction/file_run.h"
#include "compaction/table_writer.h"
#include "manifest/version_edit.h"

namespace beachdb {

struct CompactionResult {
  VersionEdit edit;  // inputs and overlapping out, outputs in
  JobResult job;
};

// Reads every file of the plan through `open`, drops what no reader can see any more
// (compaction_iterator.h), writes the rest into tables of `limits.table_size`, and says what to
// change in the version. Nothing takes effect until the caller applies the edit.
//
// `version`: the current one, or any between that of the plan and now. `snapshots`: the live ones,
// ascending, taken after the plan was made. `options`: how tables of the output level are stored.
// `now`: puts that have ended by it are dropped (compaction_iterator.h). Files that range
// tombstones of the plan cover whole are dropped without being read. REQUIRES: the files of the
// plan are busy, so that no other job uses them; not a trivial move.
//
// Thread safety: jobs whose plans do not share files run side by side.
// Errors: of reading (with file and offset) and writing; kShutDown once output.stop is true. On an
// error no output is left behind, and the inputs are as they were.
Result<CompactionResult> RunCompaction(OutputContext& output, const TableOptions& options,
                                       const CompactionPlan& plan, const Version& version,
                                       const TableOpener& open, std::vector<Seqno> snapshots,
                                       const CompactionLimits& limits, std::uint64_t job_id,
                                       std::uint64_t now = 0);

}  // namespace beachdb
