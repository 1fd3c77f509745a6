// From what a crash left to a state that can go on.
//
// Steps, each harmless to repeat after a crash within it:
//   1. OpenManifest   CURRENT, IDENTITY and the manifest; or a new database, CURRENT last
//   2. CheckTables    every live table is there, with the size that the manifest says; and no other
//                     table tells of an edit that the manifest has lost
//   3. ReplayLogs     the logs, in order, into level-0 tables; one edit installs those and retires
//                     the logs, so that nothing is ever appended behind a torn tail (replay.h). On
//                     a full disk into memtables, which the background flushes as soon as there is
//                     room
//   4. RemoveOrphans  files of ours that nothing names
//
// A recovery that is refused as corrupt has removed nothing: all that could help is still there.
//
// Deterministic: the same bytes give the same tables, up to their numbers and times.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"
#include "io/executor.h"
#include "manifest/manifest.h"

namespace beachdb {

// A directory, those above it that are missing, and their names durable.
Status MakeDirectory(FileSystem& fs, const Logger& logger, const std::string& directory);

// Fills in context.database. kInvalidArgument: there is no database and none may be created, or
// there is one and there must not be.
Result<std::unique_ptr<Manifest>> OpenManifest(EngineContext& context);

Status CheckTables(EngineContext& context, const Manifest& manifest);

// The state that writes go on from.
struct Recovered {
  Seqno last_seqno = 0;
  std::uint64_t applied_index = 0;
  std::uint64_t log_number = 0;  // above every log there is: the lowest that a new one may get
  // What a full disk had no room for, oldest first; normally nothing.
  std::vector<MemTableRun> unflushed;
};
Result<Recovered> ReplayLogs(EngineContext& context, Executor& executor, LsmTree& tree);

// The same for who may change nothing: all of `logs`, ascending, into memtables.
Result<Recovered> ReplayLogsIntoMemory(EngineContext& context, Executor& executor, LsmTree& tree,
                                       const std::vector<std::uint64_t>& logs);

// Removes those of `logs` that the manifest does not need any more.
void RemoveReplayedLogs(EngineContext& context, const std::vector<std::uint64_t>& logs,
                        std::uint64_t manifest_log_number);

// What could not be removed now is removed at the next open. An error: the manifest that calls them
// orphans cannot be made durable, so nothing was removed.
Status RemoveOrphans(EngineContext& context, LsmTree& tree);

}  // namespace beachdb
