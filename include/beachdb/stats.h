// What the database knows of itself at one moment. Counters run since Open.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace beachdb {

struct LevelStats {
  int level = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;         // on disk
  std::uint64_t target_bytes = 0;  // what the level may hold before it is compacted; 0: no limit
  std::uint64_t entries = 0;
  std::uint64_t tombstones = 0;        // among the entries
  std::uint64_t range_tombstones = 0;  // beside them
  double score = 0;                    // above 1: due for compaction
  // Work done since Open.
  std::uint64_t bytes_read = 0;     // by compactions into this level
  std::uint64_t bytes_written = 0;  // by flushes (level 0) and compactions into this level
  std::uint64_t compactions = 0;
  std::uint64_t trivial_moves = 0;
  std::uint64_t entries_dropped = 0;
  // bytes_written per byte that entered the level from above.
  double write_amplification = 0;
};

struct TableStats {  // one live table file
  std::uint64_t number = 0;
  int level = 0;
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  std::uint64_t tombstones = 0;
  std::uint64_t range_tombstones = 0;
  bool ingested = false;  // by Db::Ingest or a bulk load, not written by a flush or compaction
  std::string smallest_key;
  std::string largest_key;
};

struct Stats {
  std::vector<LevelStats> levels;
  std::vector<TableStats> tables;  // level by level, in key order (level 0: newest first)

  // State.
  std::uint64_t last_seqno = 0;
  std::uint64_t applied_index = 0;
  std::uint64_t durable_index = 0;
  std::uint64_t memtable_bytes = 0;      // all memtables, exact
  std::uint64_t memtables_waiting = 0;   // full, not yet flushed
  std::uint64_t table_memory_bytes = 0;  // indexes and filters of open tables
  std::uint64_t block_cache_bytes = 0;
  std::uint64_t memory_budget = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t oldest_snapshot_seqno = 0;  // 0: none
  std::uint64_t iterators = 0;
  std::uint64_t pending_compaction_bytes = 0;
  std::string background_error;  // empty: all is well

  // Work since Open.
  std::uint64_t puts = 0;  // operations written, deletes included
  std::uint64_t gets = 0;
  std::uint64_t gets_found = 0;
  std::uint64_t batches = 0;
  std::uint64_t commit_groups = 0;
  std::uint64_t user_bytes_written = 0;  // keys and values
  std::uint64_t wal_bytes = 0;
  std::uint64_t wal_syncs = 0;
  std::uint64_t wal_sync_micros_p50 = 0;  // how long they took, to a sixteenth
  std::uint64_t wal_sync_micros_p99 = 0;
  std::uint64_t wal_sync_micros_max = 0;
  std::uint64_t flushes = 0;
  std::uint64_t block_cache_hits = 0;
  std::uint64_t block_cache_misses = 0;
  std::uint64_t filter_negatives = 0;  // tables that a filter spared a read
  std::uint64_t filter_false_positives = 0;
  std::uint64_t blocks_read = 0;
  std::uint64_t stall_micros = 0;  // writers delayed, summed
  std::uint64_t stalls = 0;
  std::uint64_t stall_micros_max = 0;
  std::string stall_reason;  // of the latest delay; empty: none yet

  // Amplification since Open.
  double write_amplification = 0;  // table bytes written / user bytes written
  double read_amplification = 0;   // blocks touched (cached or not) per get
  double space_amplification = 0;  // table bytes / bytes of the deepest level

  // For people: a table of levels and the figures above.
  std::string ToString() const;
  // For programs: the same as one JSON object; names as above.
  std::string ToJson() const;
};

}  // namespace beachdb
