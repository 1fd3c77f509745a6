// The way of a write: queue, room, log, memtable, sync, visible, acknowledged.
//
//   Write             any thread     joins a commit group; one of its threads leads it
//   CommitGroup       the leader     the steps below, for the whole group
//     InstallTables   has the turn   tables that are ingested; before all batches of the group
//     Collect         has the turn   who takes part: not whose preconditions do not hold
//     MakeRoom        has the turn   waits or slows down when memory or the disk is behind; retires
//                                    a full memtable and gives the next one a log of its own
//     AppendToLog     has the turn   seqnos are assigned, one log write for the group
//     ApplyToMemTable has the turn   entries are there, but above the visible seqno
//     SyncLog         turn passed    only if a member asked; overlaps with the next group's steps
//     Publish         in order       the group becomes visible, and is acknowledged
//
// Invariants:
//   1. The order of groups, and of batches in a group, is the order of seqnos, in the log, in the
//      memtable and in what readers come to see.
//   2. A group becomes visible only when it is as durable as its most demanding member asked, and
//      everything before it is visible.
//   3. After a failed sync, or a step that memory ran out in, nothing becomes visible or
//   acknowledged
//      any more (Background::Poison).
//   4. After a failed append the log's end is unknown: its memtable is flushed, so that the log is
//      not needed, before the next write goes to a fresh one (broken_log_).
//   5. A memtable is retired only when all of it is visible.
//   6. A memtable gets its log with its first write: a database that is only read makes none, and
//      one whose disk is full can be opened, read, flushed and closed.
//
// Thread safety: Write and the waits from any thread. Fields without a lock belong to whoever has
// the turn, or as they say.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "beachdb/result.h"
#include "engine/background.h"
#include "engine/engine_context.h"
#include "engine/guard_check.h"
#include "engine/lsm_tree.h"
#include "engine/recovery.h"
#include "engine/write_queue.h"
#include "wal/log_files.h"

namespace beachdb {

class WritePath {
 public:
  // `logs` is nullptr when the caller owns the log. Starts the tree with what was recovered.
  WritePath(EngineContext& context, Executor& executor, LsmTree& tree, Background& background,
            LogFiles* logs, Recovered recovered);

  // Commits the writer's batch (or syncs, if it is empty). REQUIRES: the batch is valid.
  Status Write(Writer& writer);

  // Retires the active memtable unless it is empty, and waits until no memtable waits.
  Status Flush();

  // Makes tables part of the database, as one write. Their seqnos are counted from 0: the base is
  // set here. Whatever was written before is in tables by then, so that they can be placed by what
  // the levels hold; they come first of all in their group.
  Status Ingest(std::vector<FileMetadata> tables);

  bool poisoned() const { return background_.poisoned(); }
  std::uint64_t applied_index() const { return applied_index_.load(std::memory_order_acquire); }

 private:
  struct Group {
    std::uint32_t number = 0;
    Writer* writers = nullptr;
    std::uint32_t writer_count = 0;
    std::uint32_t batches = 0;  // accepted; one without operations may carry an applied index
    std::uint32_t operations = 0;
    std::size_t bytes = 0;  // of the batches
    std::uint64_t applied_index = 0;
    bool sync = false;
    bool flush = false;
    Seqno last_seqno = 0;
  };

  void CommitGroup(std::uint32_t number, WaitFor wait);
  Group Collect(std::uint32_t number, WaitFor wait);
  void InstallAllTables(const Group& group);
  Status InstallTables(const Group& group, std::vector<FileMetadata>& tables);
  // Ok: the writer takes part. `guards`: made when the first batch with preconditions comes.
  Status Admit(const Writer& writer, const Group& group, std::optional<GuardCheck>& guards);
  // What the turn is for: room, log, memtable.
  Status Store(Group& group);
  Status MakeRoom(const Group& group);
  Status AwaitRecovered();
  Status ReplaceBrokenLog(const Group& group);
  Status Retire(const Group& group);
  void Pace(std::size_t bytes, const WriteDelay& delay);
  void NoteStall(std::uint64_t nanos, const char* reason);
  Status AppendToLog(Group& group);
  void ApplyToMemTable(const Group& group);
  Status SyncLogs(LogWriter* active);
  Status SyncLog(LogWriter* log);
  void Publish(const Group& group, Status outcome);

  EngineContext& context_;
  LsmTree& tree_;
  Background& background_;
  LogFiles* const logs_;
  const std::uint64_t recovered_runs_;  // memtables that recovery left to be flushed
  WriteQueue queue_;

  // Of the thread that has the turn.
  Seqno last_seqno_;          // the last one assigned
  std::uint64_t last_index_;  // the highest applied index assigned
  Seqno retired_seqno_;       // the same two when the active memtable began
  std::uint64_t retired_index_;
  LogWriter* broken_log_ = nullptr;  // invariant 4: its append failed
  bool log_clean_ = true;            // the last group of the active log was synced
  double pace_debt_nanos_ = 0;       // delay owed but too short to sleep
  std::vector<LogEntry> entries_;    // scratch of AppendToLog

  // Retired logs whose last bytes no sync has covered yet.
  Mutex unsynced_mu_;
  std::vector<std::shared_ptr<LogWriter>> unsynced_ GUARDED_BY(unsynced_mu_);

  std::atomic<int> ingests_{0};       // that have not returned: a group may have one of them
  std::atomic<Seqno> durable_seqno_;  // in synced logs or tables
  std::atomic<std::uint64_t> applied_index_;  // of visible batches
};

}  // namespace beachdb
