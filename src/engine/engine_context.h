// What every part of the engine shares: where it is, the world it runs in, its options, its budget,
// and what it counts. Made first, destroyed last.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "base/counter.h"
#include "base/histogram.h"
#include "base/logger.h"
#include "base/mutex.h"
#include "base/page_pool.h"
#include "beachdb/options.h"
#include "cache/block_cache.h"
#include "engine/event_log.h"
#include "engine/expiry_clock.h"
#include "engine/read_debt.h"
#include "engine/read_state.h"
#include "engine/snapshot_list.h"
#include "format/file_header.h"
#include "format/file_names.h"
#include "io/environment.h"
#include "manifest/version.h"

namespace beachdb {

// How long syncs took, in nanoseconds. Thread safety: all of it; a lock a sync is a thousandth of
// it.
class SyncTimes {
 public:
  void Add(std::uint64_t nanos) {
    MutexLock lock(mu_);
    nanos_.Add(nanos);
  }
  Histogram Read() const {
    MutexLock lock(mu_);
    return nanos_;
  }

 private:
  mutable Mutex mu_;
  Histogram nanos_ GUARDED_BY(mu_);
};

// Work done since Open. Those of the read path are spread over cells, the rest is bumped by one
// thread at a time, or rarely.
struct EngineCounters {
  Counter gets, gets_found, blocks_touched, filter_negatives, filter_false_positives;
  std::atomic<std::uint64_t> iterators{0}, bulk_loads{0};  // alive now

  std::atomic<std::uint64_t> operations{0}, batches{0}, commit_groups{0};
  std::atomic<std::uint64_t> user_bytes{0}, wal_bytes{0};
  SyncTimes wal_sync_times;
  std::atomic<std::uint64_t> stalls{0}, stall_nanos{0}, stall_nanos_max{0};
  std::atomic<const char*> stall_reason{""};

  std::atomic<std::uint64_t> flushes{0};
  struct Level {
    std::atomic<std::uint64_t> bytes_read{0}, bytes_written{0}, bytes_in{0};
    std::atomic<std::uint64_t> compactions{0}, trivial_moves{0}, entries_dropped{0};
  };
  std::array<Level, kLevels> levels;
};

struct EngineContext {
  EngineContext(std::string where, Options with, Environment& world)
      : directory(std::move(where)),
        options(std::move(with)),
        environment(world),
        fs(world.file_system()),
        clock(world.clock()),
        logger(options.log),
        expiry(clock),
        events(fs, clock, logger, JoinPath(directory, kEventsName)),
        blocks(options.memory_budget),
        memtable_pages(options.write_buffer, [this](std::int64_t bytes) { blocks.Charge(bytes); }) {
  }

  const std::string directory;
  const Options options;
  Environment& environment;
  FileSystem& fs;
  Clock& clock;
  const Logger logger;
  ExpiryClock expiry;
  EventLog events;
  DatabaseId database{};  // set once, while opening

  BlockCache blocks;  // and the memory budget of everything
  PagePool memtable_pages;
  SnapshotList snapshots;
  EngineCounters counters;
  ReadDebt read_debt;
};

// An empty memtable that counts in the budget until it dies; who fills it charges what it grows by.
// `full_bytes`: where it will be called full.
inline MemTableRef NewMemTable(EngineContext& context, std::size_t full_bytes) {
  BlockCache& budget = context.blocks;
  auto* table = new MemTable(context.options.memtable, full_bytes, &context.memtable_pages);
  budget.Charge(static_cast<std::int64_t>(table->MemoryUsage()));
  return {table, [&budget](MemTable* dead) {
            budget.Charge(-static_cast<std::int64_t>(dead->MemoryUsage()));
            delete dead;
          }};
}

}  // namespace beachdb
