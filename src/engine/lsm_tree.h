// The tree of one database: memtables on top, levels of tables below, and the manifest that records
// them. Every change of its shape is made here, and published to readers as one new ReadState.
//
// Invariants:
//   1. The memtables are ordered by age: the active one holds newer seqnos than every waiting one,
//      and those newer ones than every table of level 0.
//   2. Memtables become tables oldest first; the manifest's log_number is that of the oldest
//      memtable that is not yet in tables. A memtable without a log has the lowest number that its
//      log may get.
//   3. An edit is durable in the manifest before readers or recovery can meet what it adds, and
//      before anything that it removes may be deleted.
//   4. What a reader can reach stays until it has let go (ReadState, TableSlot).
//
//   change                     function        by
//   memtable gets its log      GiveLog         the leader of a commit group, before the first write
//   active -> waiting          Switch          the leader of a commit group
//   waiting -> level 0         InstallFlush    the flush thread
//   level n -> level n + 1     InstallEdit     a compaction
//
// Lock order: manifest_mu_ before mu_. mu_ is never held across I/O.
//
// Thread safety: all of it, but GiveLog and Switch are called by one thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "beachdb/result.h"
#include "engine/read_state.h"
#include "manifest/manifest.h"
#include "wal/log_writer.h"

namespace beachdb {

// A memtable and what is known of it besides its entries.
struct MemTableRun {
  MemTableRef table;
  // Makes it durable; nullptr before the first write, after a recovery, and when the caller owns
  // the log.
  std::shared_ptr<LogWriter> log;
  std::uint64_t log_number = 0;     // no log below it holds anything of this
  std::vector<std::uint64_t> logs;  // those that do: its own, or those it was recovered from
  // Once it is waiting: the last seqno assigned to it, and the highest applied index.
  Seqno last_seqno = 0;
  std::uint64_t applied_index = 0;
};

class LsmTree {
 public:
  LsmTree(std::unique_ptr<Manifest> manifest, TableCache& tables);
  ~LsmTree();  // REQUIRES: no reader inside

  // The first memtables: those that a recovery could not yet turn into tables, oldest first, and an
  // active one without a log. Before it, only the manifest is there.
  void Start(std::vector<MemTableRun> recovered, MemTableRef active, std::uint64_t log_number);

  // The newest state. REQUIRES: an EpochGuard, for as long as it is used without Ref.
  ReadState* Current() const { return state_.load(std::memory_order_acquire); }
  // The same with a reference: Unref it.
  ReadState* RefCurrent() const;

  // The active memtable, for the thread that leads commits.
  const MemTableRun& active() const { return active_; }

  // REQUIRES: the active memtable is empty and has none.
  void GiveLog(std::shared_ptr<LogWriter> log);

  // Retires the active memtable (its last_seqno and applied_index filled in) and starts `fresh`,
  // without a log.
  void Switch(Seqno last_seqno, std::uint64_t applied_index, MemTableRef fresh);

  // The oldest memtable that waits for its flush; empty table: none.
  MemTableRun OldestWaiting() const;
  std::size_t waiting() const { return waiting_count_.load(std::memory_order_acquire); }
  // Memtables retired, and flushed, since Start: the n-th retired one is in tables once flushed()
  // has reached n.
  std::uint64_t retired() const { return retired_.load(std::memory_order_acquire); }
  std::uint64_t flushed() const { return flushed_.load(std::memory_order_acquire); }
  // Bytes of all memtables.
  std::uint64_t MemTableBytes() const;
  // The logs of all memtables, oldest first.
  std::vector<std::uint64_t> LogNumbers() const;

  // Replaces the oldest waiting memtable by what its flush wrote.
  Status InstallFlush(std::vector<FileMetadata> tables);
  // Makes a compaction's or a recovery's edit take effect.
  Status InstallEdit(VersionEdit edit);

  VersionRef version() const;
  ManifestState manifest_state() const;
  std::uint64_t NewFileNumber() { return manifest_->NewFileNumber(); }
  // Before anything is deleted because of what the manifest says (Manifest::GoOn).
  Status SettleManifest(const Logger& logger) {
    MutexLock lock(manifest_mu_);
    return manifest_->GoOn(logger);
  }
  // Calls `look(number of the live MANIFEST)` while no change can touch or replace that file.
  template <typename Look>
  auto HoldManifest(Look look) {
    MutexLock lock(manifest_mu_);
    return look(manifest_->file_number());
  }

 private:
  // Makes the state of the fields the one that readers find; the one before is for RetireState.
  [[nodiscard]] ReadState* PublishLocked() REQUIRES(mu_);
  // Lets go of a state, with whatever memory and files go with it: never under mu_.
  static void RetireState(ReadState* state);
  void MarkObsolete(const Version& before, const Version& after);

  TableCache& tables_;
  Mutex manifest_mu_;  // serialises changes of the version
  const std::unique_ptr<Manifest> manifest_;

  mutable Mutex mu_;
  MemTableRun active_;  // written by the commit leader under mu_, so it may read it without
  std::deque<MemTableRun> waiting_ GUARDED_BY(mu_);  // oldest first
  ManifestState durable_ GUARDED_BY(mu_);            // what the manifest says
  std::atomic<std::size_t> waiting_count_{0};
  std::atomic<std::uint64_t> retired_{0};
  std::atomic<std::uint64_t> flushed_{0};
  std::atomic<ReadState*> state_{nullptr};
};

}  // namespace beachdb
