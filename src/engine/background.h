// The work behind the writers: flushes on one thread, compactions on others, and what happens when
// they fail.
//
// States of the background's health, and the function of each transition:
//
//   healthy    -> retrying   Failed: no space, or an I/O error of one job; the job runs again after
//                            a pause, reads and (while memory lasts) writes go on
//   retrying   -> healthy    the job succeeds
//   any        -> read-only  Poison: a sync of the log or the manifest failed, so what is on disk
//                            is unknown until recovery reads it; reads go on, writes return the
//                            cause, no job runs any more
//
// Invariants:
//   1. A memtable is flushed only when every write in it is visible: what was reported failed is
//      never made durable by a flush.
//   2. A file is in at most one running compaction (busy_).
//   3. The snapshots that decide what a job may drop are read before its first entry, after its
//      inputs were fixed.
//   4. Nobody else puts a table into a range of a level that a running compaction may write into.
//
// Lock order: mu_ before the tree's locks. Never held across I/O.
// Thread safety: all of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "beachdb/result.h"
#include "compaction/compaction_picker.h"
#include "compaction/table_writer.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"
#include "engine/write_stall.h"
#include "wal/log_files.h"

namespace beachdb {

class Background {
 public:
  // `logs` is nullptr when the caller owns the log.
  Background(EngineContext& context, Executor& executor, LsmTree& tree, TableCache& tables,
             LogFiles* logs);
  ~Background();  // REQUIRES: Stop

  // Looks for work and schedules what it finds: after a switch, an install, at open.
  void Kick();
  // Prepares the next log and the rest of the current one, soon.
  void PrepareLog(std::shared_ptr<LogWriter> current);

  // Waits until the memtables that wait are fewer than `count`. An error if they cannot become so:
  // read-only, or the flush has just failed.
  Status AwaitWaitingBelow(std::size_t count);
  // Waits until `count` memtables have been flushed since the start (LsmTree::retired). A write
  // does not wait for the next try of a flush that has just failed; who asked for a flush does.
  enum class Patience : std::uint8_t { kLastAttempt, kNewAttempt };
  Status AwaitFlushed(std::uint64_t count, Patience patience);
  // Waits until something in the background has finished, or failed.
  Status AwaitProgress();
  // Compacts [from, to] (nullptr: no bound) until it lies in the deepest level that it reaches.
  Status CompactRange(const std::string_view* from, const std::string_view* to);

  // Makes tables that nothing names yet part of the tree, each in the deepest level where neither
  // it nor a level above holds anything of its range. `last_seqno`: the largest in them.
  // REQUIRES: no memtable holds anything, and none is flushed meanwhile.
  Status InstallTables(const std::vector<FileMetadata>& tables, Seqno last_seqno);

  // The database is read-only from now on.
  void Poison(const Error& cause);
  // Runs a step of a job or of a write. Where memory runs out in it nobody knows how much of it is
  // done, and others may wait for its end: it ends as an error, and the database is read-only.
  template <typename Step>
  Status Survive(Step step) noexcept {
    try {
      return step();
    } catch (const std::bad_alloc&) {
      return RanOutOfMemory();
    }
  }
  // Ok, or what every write must return.
  Status health() const;
  bool poisoned() const { return poisoned_.load(std::memory_order_acquire); }
  // The latest failure that is being retried, or the poison; ok: none.
  Status error() const;

  // How much writers must be slowed down, `memtables` being those that wait and the fill of the
  // active one.
  WriteDelay Delay(double memtables) const;

  // No new jobs; running ones end early. Returns when none runs.
  void Stop();

 private:
  void FlushAll();
  Status FlushOldest(const MemTableRun& run);
  template <typename Condition>
  Status AwaitFlushWork(Patience patience, Condition reached);
  void ScheduleFlushLocked() REQUIRES(mu_);
  void ScheduleCompactionsLocked() REQUIRES(mu_);
  // One compaction that was picked and marked busy, with its retry pause, on a compaction thread.
  void CompactTask(const CompactionPlan& plan);
  Status RanOutOfMemory();
  Status RunPlan(const CompactionPlan& plan);
  Status RunMerge(const CompactionPlan& plan);
  Status MoveFiles(const CompactionPlan& plan);
  // Ends a job whose edit was not accepted: the tables that it made go, if nothing can name them,
  // for every try would take more of the space that is missing. Returns the error.
  Status NotInstalled(const Error& error, const std::vector<std::uint64_t>& made);
  std::optional<CompactionPlan> PickLocked() REQUIRES(mu_);
  void OccupyLocked(const CompactionPlan& plan) REQUIRES(mu_);
  void VacateLocked(const CompactionPlan& plan) REQUIRES(mu_);
  int LevelForLocked(const Version& version, const FileMetadata& table) const REQUIRES(mu_);
  void NoteShape();
  // Records in `latest` what came of a job; says a failure in the log, and waits before the retry.
  void Conclude(std::string_view what, const Status& outcome, Status& latest) REQUIRES(mu_);
  void PauseBeforeRetry();
  // `cache`: for warm blocks, or nullptr.
  std::vector<TableRef> WarmUp(JobResult& job);
  void Announce(Event event, std::uint64_t started_nanos);
  std::uint64_t ReadsSinceFlush();

  EngineContext& context_;
  Executor& executor_;
  LsmTree& tree_;
  TableCache& tables_;
  LogFiles* const logs_;
  const CompactionLimits limits_;

  std::atomic<bool> stop_{false};
  std::atomic<bool> poisoned_{false};
  std::atomic<bool> retry_now_{false};  // somebody waits for a new attempt
  std::atomic<std::uint64_t> next_job_{1};
  std::uint64_t gets_at_flush_ = 0;  // of the flush lane

  // What Delay looks at, without a lock.
  std::atomic<int> level0_runs_{0};
  std::atomic<std::uint64_t> debt_bytes_{0};
  std::atomic<std::uint64_t> flush_rate_{0};  // bytes a second, smoothed
  // Of the memtable that is being flushed; both 0 when none is.
  std::atomic<std::uint64_t> flush_entries_{0};
  std::atomic<std::uint64_t> flush_entries_done_{0};
  std::atomic<std::uint64_t> compact_rate_{0};  // the same, of user data that left its level

  mutable Mutex mu_;
  CondVar progress_;
  CompactionPicker picker_ GUARDED_BY(mu_);
  std::set<std::uint64_t> busy_ GUARDED_BY(mu_);
  // Where running compactions may put tables: the output level and the hull of what they read.
  struct Writing {
    std::uint64_t first_input;  // a file is in one compaction at most
    int level;
    std::string smallest;
    std::string largest;
  };
  std::vector<Writing> writing_ GUARDED_BY(mu_);
  int installing_ GUARDED_BY(mu_) = 0;           // InstallTables: no compaction begins
  int compactions_running_ GUARDED_BY(mu_) = 0;  // manual ones included
  bool flush_scheduled_ GUARDED_BY(mu_) = false;
  std::uint64_t flushes_begun_ GUARDED_BY(mu_) = 0;  // attempts, numbered from 1
  std::uint64_t flushes_ended_ GUARDED_BY(mu_) = 0;
  Status flush_error_ GUARDED_BY(mu_);       // of the latest attempt
  Status compaction_error_ GUARDED_BY(mu_);  // the same
  Status poison_ GUARDED_BY(mu_);
  int log_preparations_ GUARDED_BY(mu_) = 0;
  Status preparation_error_ GUARDED_BY(mu_);  // of the latest one
};

}  // namespace beachdb
