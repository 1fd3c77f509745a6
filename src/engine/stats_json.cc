// Stats as JSON: one object, written field by field.
#include <string>

#include "base/json_object.h"
#include "beachdb/stats.h"

namespace beachdb {
namespace {

std::string ToJson(const LevelStats& level) {
  return JsonObject()
      .Add("level", level.level)
      .Add("files", level.files)
      .Add("bytes", level.bytes)
      .Add("target_bytes", level.target_bytes)
      .Add("entries", level.entries)
      .Add("tombstones", level.tombstones)
      .Add("range_tombstones", level.range_tombstones)
      .Add("score", level.score)
      .Add("bytes_read", level.bytes_read)
      .Add("bytes_written", level.bytes_written)
      .Add("compactions", level.compactions)
      .Add("trivial_moves", level.trivial_moves)
      .Add("entries_dropped", level.entries_dropped)
      .Add("write_amplification", level.write_amplification)
      .Text();
}

std::string ToJson(const TableStats& table) {
  return JsonObject()
      .Add("number", table.number)
      .Add("level", table.level)
      .Add("bytes", table.bytes)
      .Add("entries", table.entries)
      .Add("tombstones", table.tombstones)
      .Add("range_tombstones", table.range_tombstones)
      .Add("ingested", table.ingested)
      .Add("smallest_key", table.smallest_key)
      .Add("largest_key", table.largest_key)
      .Text();
}

template <typename Items>
std::string ToJsonArray(const Items& items) {
  std::string text = "[";
  for (const auto& item : items) {
    if (text.size() > 1) text += ',';
    text += ToJson(item);
  }
  return text + ']';
}

}  // namespace

std::string Stats::ToJson() const {
  return JsonObject()
      .Raw("levels", ToJsonArray(levels))
      .Raw("tables", ToJsonArray(tables))
      .Add("last_seqno", last_seqno)
      .Add("applied_index", applied_index)
      .Add("durable_index", durable_index)
      .Add("memtable_bytes", memtable_bytes)
      .Add("memtables_waiting", memtables_waiting)
      .Add("table_memory_bytes", table_memory_bytes)
      .Add("block_cache_bytes", block_cache_bytes)
      .Add("memory_budget", memory_budget)
      .Add("snapshots", snapshots)
      .Add("oldest_snapshot_seqno", oldest_snapshot_seqno)
      .Add("iterators", iterators)
      .Add("pending_compaction_bytes", pending_compaction_bytes)
      .Add("puts", puts)
      .Add("gets", gets)
      .Add("gets_found", gets_found)
      .Add("batches", batches)
      .Add("commit_groups", commit_groups)
      .Add("user_bytes_written", user_bytes_written)
      .Add("wal_bytes", wal_bytes)
      .Add("wal_syncs", wal_syncs)
      .Add("wal_sync_micros_p50", wal_sync_micros_p50)
      .Add("wal_sync_micros_p99", wal_sync_micros_p99)
      .Add("wal_sync_micros_max", wal_sync_micros_max)
      .Add("flushes", flushes)
      .Add("block_cache_hits", block_cache_hits)
      .Add("block_cache_misses", block_cache_misses)
      .Add("filter_negatives", filter_negatives)
      .Add("filter_false_positives", filter_false_positives)
      .Add("blocks_read", blocks_read)
      .Add("stall_micros", stall_micros)
      .Add("stalls", stalls)
      .Add("stall_micros_max", stall_micros_max)
      .Add("stall_reason", stall_reason)
      .Add("background_error", background_error)
      .Add("write_amplification", write_amplification)
      .Add("read_amplification", read_amplification)
      .Add("space_amplification", space_amplification)
      .Text();
}

}  // namespace beachdb
