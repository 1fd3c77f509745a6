// Takes the batches that recovery reads from the logs, in their order, to where they belong: tables
// of level 0, or memtables when a disk has no room for tables.
//
// To read the logs is cheap; to sort what they hold is not, and neither is writing it. So batches
// are gathered into segments of about a memtable's size, and each segment is a task of its own,
// beside the reader and one another task: sort it, write it into a table. It is sorted in pieces
// that a processor's cache holds, which the writing merges. Which table a batch gets into depends
// on the bytes of the logs alone.
//
// Memory: for each task its segment and the memtables of it, all of it charged.
// Thread safety: one thread applies; the tasks are its own affair.
// Errors: of reading batches and writing tables; kNoSpace among them. Then, and unless TakeEdit was
// called, what was written is removed again.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "beachdb/result.h"
#include "compaction/table_writer.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"
#include "io/executor.h"
#include "manifest/version_edit.h"

namespace beachdb {

class Replay {
 public:
  enum class Target : std::uint8_t {
    kTables,     // of level 0, installed at the end
    kMemTables,  // held, for a disk that has no room for tables
  };

  // `logs`: those that are read, ascending. All outlive it.
  Replay(EngineContext& context, Executor& executor, LsmTree& tree,
         const std::vector<std::uint64_t>& logs, Target target);
  ~Replay();
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  // REQUIRES: in commit order; a validated batch.
  Status Apply(Seqno seqno, std::uint64_t applied_index, std::string_view batch);
  // After the last batch.
  Status Finish();

  // REQUIRES: Finish was ok. What to install. The tables are the caller's from here on.
  VersionEdit TakeEdit();
  std::vector<MemTableRun> TakeHeld() { return std::move(held_); }

 private:
  static constexpr int kTasksMax = 2;
  static constexpr std::size_t kPieces = 4;  // of a segment

  struct Segment {
    struct Batch {
      Seqno first_seqno;
      std::size_t size;
    };
    std::string bytes;  // of the batches, back to back
    std::vector<Batch> batches;
    Seqno last_seqno = 0;
    std::uint64_t applied_index = 0;  // the highest so far
  };

  Status FinishSegment();
  // Waits until no more than `count` tasks run. How those that ended did, told once.
  Status AwaitTasks(int count);
  // Into memtables of about `piece_bytes` each.
  std::vector<MemTableRef> Sort(const Segment& segment, std::size_t piece_bytes) const;
  Status Write(const std::vector<MemTableRef>& pieces);
  void Uncharge(const Segment& segment) const;

  EngineContext& context_;
  Executor& executor_;
  const std::vector<std::uint64_t>& logs_;
  const Target target_;
  const std::uint64_t oldest_log_;
  const std::size_t segment_bytes_;
  const std::atomic<bool> never_{false};
  OutputContext output_;

  std::unique_ptr<Segment> segment_;  // that fills
  std::uint64_t applied_index_ = 0;
  unsigned tasks_begun_ = 0;
  std::vector<MemTableRun> held_;

  Mutex mu_;
  CondVar progress_;
  int tasks_running_ GUARDED_BY(mu_) = 0;
  Status outcome_ GUARDED_BY(mu_);  // the first error of a task
  VersionEdit edit_ GUARDED_BY(mu_);
};

}  // namespace beachdb
