// From what a crash left to a state that can go on.
//
// Steps, each harmless to repeat after a crash within it:
//   1. OpenManifest   CURRENT, IDENTITY and the manifest; or a new database, CURRENT last
//   2. CheckTables    every live table is there, with the size that the manifest says
//   3. ReplayLogs     the logs, in order, into level-0 tables; one edit installs those and retires
//                     the logs, so that nothing is ever appended behind a torn tail. On a full disk
//                     into memtables, which the background flushes as soon as there is room
//   4. RemoveOrphans  files of ours that nothing names
//
// Deterministic: the same bytes give the same tables, up to their numbers and times.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "beachdb/result.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"
#include "manifest/manifest.h"

namespace beachdb {

// Fills in context.database. kInvalidArgument: there is no database and none may be created, or
// there is one and there must not be.
Result<std::unique_ptr<Manifest>> OpenManifest(EngineContext& context);

Status CheckTables(EngineContext& context, const Version& version);

// The state that writes go on from.
struct Recovered {
  Seqno last_seqno = 0;
  std::uint64_t applied_index = 0;
  std::uint64_t log_number = 0;  // above every log there is: the lowest that a new one may get
  // What a full disk had no room for, oldest first; normally nothing.
  std::vector<MemTableRun> unflushed;
};
Result<Recovered> ReplayLogs(EngineContext& context, LsmTree& tree);

// Removes those of `logs` that the manifest does not need any more.
void RemoveReplayedLogs(EngineContext& context, const std::vector<std::uint64_t>& logs,
                        std::uint64_t manifest_log_number);

// Failures are only logged: what could not be removed now is removed at the next open.
void RemoveOrphans(EngineContext& context, LsmTree& tree);

}  // namespace beachdb
