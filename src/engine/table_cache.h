// The live table files: opened when first read, kept open within a share of the memory budget and
// half of the files that the process may have open, deleted when nobody uses them any more.
//
// A TableSlot stands for one file for as long as any read state, iterator or compaction refers to
// it. Once no version names the file (MarkObsolete), the last reference to go deletes it.
//
// Thread safety: all of it. Point reads use Slot::Pinned under an EpochGuard: one load; iterators
// and jobs take a counted reference by Open.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/logger.h"
#include "base/mutex.h"
#include "beachdb/result.h"
#include "cache/block_cache.h"
#include "io/executor.h"
#include "io/file_system.h"
#include "manifest/file_metadata.h"
#include "sstable/table.h"

namespace beachdb {

class TableCache;

class TableSlot {
 public:
  TableSlot(TableCache& cache, FileRef file) : cache_(cache), file_(std::move(file)) {}
  ~TableSlot();
  TableSlot(const TableSlot&) = delete;
  TableSlot& operator=(const TableSlot&) = delete;

  const FileMetadata& file() const { return *file_; }
  const FileRef& file_ref() const { return file_; }

  // The open table, or nullptr if it is not open. REQUIRES: an EpochGuard, for as long as the
  // pointer is used.
  Table* Pinned() {
    Table* table = pinned_.load(std::memory_order_acquire);
    // Written only when it changes something, so that readers share the cache line.
    if (table != nullptr && !used_.load(std::memory_order_relaxed)) {
      used_.store(true, std::memory_order_relaxed);
    }
    return table;
  }

  // The open table, opened if need be. One that is open costs no lock.
  Result<std::shared_ptr<Table>> Open();

  // No version names the file any more: it goes with the last reference.
  void MarkObsolete() { obsolete_.store(true, std::memory_order_release); }

 private:
  friend class TableCache;
  // Closes the table as soon as nobody uses it. False: it was not open, or was used since last
  // asked.
  bool CloseIfIdle();
  void CloseLater();
  // Takes the table out of the slot; whoever reads under an EpochGuard may still be inside it.
  std::shared_ptr<Table> UnpinLocked() REQUIRES(mu_);

  TableCache& cache_;
  const FileRef file_;
  std::atomic<bool> obsolete_{false};
  std::atomic<bool> used_{false};
  std::atomic<Table*> pinned_{nullptr};  // table_.get(), for readers under an EpochGuard
  Mutex mu_;
  std::shared_ptr<Table> table_ GUARDED_BY(mu_);
};

using TableRef = std::shared_ptr<TableSlot>;

class TableCache {
 public:
  // `remove` deletes the file of a table that nobody needs; called from any thread, must not block.
  // `executor` closes tables, on its lane for removals: it must outlive all slots, and have run
  // every task before the TableCache goes.
  // Indexes and filters of open tables may take `memory_max` bytes; beyond it idle tables close.
  // `log` hears once when files are to be read as `io` says and cannot be.
  TableCache(FileSystem& fs, std::string directory, const DatabaseId& database, BlockCache& blocks,
             std::size_t memory_max, std::function<void(const FileMetadata&)> remove, IoMode io,
             const Logger& log, Executor& executor);
  ~TableCache();

  // The slot of a file, the same for everyone who asks while it lives.
  TableRef SlotOf(const FileRef& file);

  std::size_t memory_usage() const { return memory_.load(std::memory_order_relaxed); }
  std::size_t open_tables() const { return open_.load(std::memory_order_relaxed); }
  TableCounters& counters() { return counters_; }

 private:
  friend class TableSlot;
  Result<std::shared_ptr<Table>> OpenTable(const FileMetadata& file);
  void NoteFallback(const File& file);
  void Forget(const TableSlot& slot);
  bool IsBeyond(std::size_t memory_max, std::size_t open_max) const {
    return memory_usage() > memory_max || open_tables() > open_max;
  }
  void CloseIdleTables();

  FileSystem& fs_;
  const std::string directory_;
  const DatabaseId database_;
  BlockCache& blocks_;
  const std::size_t memory_max_;
  const std::size_t open_max_;
  const std::function<void(const FileMetadata&)> remove_;
  const IoMode io_;
  const Logger& log_;
  Executor& executor_;
  std::atomic<bool> fell_back_{false};
  TableCounters counters_;
  std::atomic<std::size_t> memory_{0};
  std::atomic<std::size_t> open_{0};

  Mutex mu_;
  std::map<std::uint64_t, std::weak_ptr<TableSlot>> slots_ GUARDED_BY(mu_);
  std::uint64_t clock_hand_ GUARDED_BY(mu_) = 0;  // the number of the last table asked to close
};

}  // namespace beachdb
