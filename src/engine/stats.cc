// Stats: gathered from the parts, and told to people; stats_json.cc tells them to programs.
#include "beachdb/stats.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/strings.h"
#include "compaction/level_shape.h"
#include "engine/compaction_limits.h"
#include "engine/engine.h"
#include "engine/tree_stats.h"

namespace beachdb {
namespace {

double Ratio(std::uint64_t a, std::uint64_t b) {
  return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
}

void AddWork(const EngineCounters::Level& work, LevelStats& stats) {
  stats.bytes_read = work.bytes_read.load();
  stats.bytes_written = work.bytes_written.load();
  stats.compactions = work.compactions.load();
  stats.trivial_moves = work.trivial_moves.load();
  stats.entries_dropped = work.entries_dropped.load();
  stats.write_amplification = Ratio(stats.bytes_written, work.bytes_in.load());
}

}  // namespace

Stats Engine::GetStats() const {
  const EngineCounters& work = context_.counters;
  const ManifestState durable = tree_->manifest_state();
  const Version& version = *durable.version;
  const LevelShape shape = ShapeOf(version, CompactionLimitsOf(context_.options));
  Stats stats;
  std::uint64_t table_bytes = 0;
  std::uint64_t table_bytes_written = 0;
  AddTree(version, shape, stats);
  for (LevelStats& level : stats.levels) {
    AddWork(work.levels[static_cast<std::size_t>(level.level)], level);
    table_bytes += level.bytes;
    table_bytes_written += level.bytes_written;
  }

  stats.last_seqno = context_.snapshots.visible();
  stats.applied_index = applied_index();
  stats.durable_index = durable.durable_index;
  stats.memtable_bytes = tree_->MemTableBytes();
  stats.memtables_waiting = tree_->waiting();
  stats.table_memory_bytes = tables_->memory_usage();
  stats.block_cache_bytes = context_.blocks.block_bytes();
  stats.memory_budget = context_.blocks.budget();
  stats.snapshots = context_.snapshots.count();
  stats.oldest_snapshot_seqno = context_.snapshots.oldest();
  stats.iterators = work.iterators.load();
  stats.pending_compaction_bytes = shape.debt_bytes;
  if (background_ != nullptr) {
    const Status error = background_->error();
    if (!error.ok()) stats.background_error = error.error().ToString();
  }

  stats.puts = work.operations.load();
  stats.gets = work.gets.Sum();
  stats.gets_found = work.gets_found.Sum();
  stats.batches = work.batches.load();
  stats.commit_groups = work.commit_groups.load();
  stats.user_bytes_written = work.user_bytes.load();
  stats.wal_bytes = work.wal_bytes.load();
  const Histogram syncs = work.wal_sync_times.Read();
  stats.wal_syncs = syncs.Count();
  stats.wal_sync_micros_p50 = syncs.Percentile(50) / 1000;
  stats.wal_sync_micros_p99 = syncs.Percentile(99) / 1000;
  stats.wal_sync_micros_max = syncs.Max() / 1000;
  stats.flushes = work.flushes.load();
  stats.block_cache_hits = context_.blocks.hits();
  stats.block_cache_misses = context_.blocks.misses();
  stats.filter_negatives = work.filter_negatives.Sum();
  stats.filter_false_positives = work.filter_false_positives.Sum();
  stats.blocks_read = tables_->counters().blocks_read.load();
  stats.stalls = work.stalls.load();
  stats.stall_micros = work.stall_nanos.load() / 1000;
  stats.stall_micros_max = work.stall_nanos_max.load() / 1000;
  stats.stall_reason = work.stall_reason.load();

  stats.write_amplification = Ratio(table_bytes_written, stats.user_bytes_written);
  stats.read_amplification = Ratio(work.blocks_touched.Sum(), stats.gets);
  stats.space_amplification = Ratio(table_bytes, version.LevelBytes(version.DeepestLevel()));
  return stats;
}

std::string Stats::ToString() const {
  std::string out =
      fmt::format("{:<6}{:>6}{:>12}{:>12}{:>7}{:>12}{:>11}{:>8}{:>12}{:>12}{:>7}{:>7}\n", "level",
                  "files", "size", "target", "score", "entries", "tombst.", "ranges", "read",
                  "written", "w-amp", "moves");
  for (const LevelStats& level : levels) {
    if (level.files == 0 && level.bytes_written == 0) continue;
    out += fmt::format("{:<6}{:>6}{:>12}{:>12}{:>7.2f}{:>12}{:>11}{:>8}{:>12}{:>12}{:>7.2f}{:>7}\n",
                       level.level, level.files, FormatBytes(level.bytes),
                       level.target_bytes == 0 ? "-" : FormatBytes(level.target_bytes), level.score,
                       level.entries, level.tombstones, level.range_tombstones,
                       FormatBytes(level.bytes_read), FormatBytes(level.bytes_written),
                       level.write_amplification, level.trivial_moves);
  }
  out += fmt::format("amplification: write {:.2f}, read {:.2f} blocks a get, space {:.2f}\n",
                     write_amplification, read_amplification, space_amplification);
  out +=
      fmt::format("memory: memtables {} ({} waiting), tables {}, block cache {}, budget {}\n",
                  FormatBytes(memtable_bytes), memtables_waiting, FormatBytes(table_memory_bytes),
                  FormatBytes(block_cache_bytes), FormatBytes(memory_budget));
  out += fmt::format("writes: {} operations in {} batches, {} commit groups, log {}\n", puts,
                     batches, commit_groups, FormatBytes(wal_bytes));
  out += fmt::format("syncs: {} of the log, half within {} us, 99% within {} us, longest {} us\n",
                     wal_syncs, wal_sync_micros_p50, wal_sync_micros_p99, wal_sync_micros_max);
  out += fmt::format(
      "reads: {} gets, {} found; cache {} hits, {} misses; filters spared {}, "
      "failed {}\n",
      gets, gets_found, block_cache_hits, block_cache_misses, filter_negatives,
      filter_false_positives);
  out += fmt::format("delays: {} for {} ms, longest {} ms{}\n", stalls, stall_micros / 1000,
                     stall_micros_max / 1000,
                     stall_reason.empty() ? "" : ", latest by " + stall_reason);
  out += fmt::format(
      "state: seqno {}, applied index {}, durable index {}, snapshots {}, "
      "iterators {}, compaction debt {}\n",
      last_seqno, applied_index, durable_index, snapshots, iterators,
      FormatBytes(pending_compaction_bytes));
  if (!background_error.empty()) out += "background error: " + background_error + "\n";
  return out;
}

}  // namespace beachdb
