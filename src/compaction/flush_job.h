// Turns a memtable into one table of level 0.
//
// The entries come from any EntryIterator, because this layer does not know memtables. Versions
// that no snapshot can see are left out (compaction_iterator.h says when the list must have been
// taken); tombstones stay. One memtable makes one file, however large: a run of level 0 is one
// file. All of it was in memory, so with a cache in `output` all of its blocks are warm.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/try.h"
#include "compaction/compaction_iterator.h"
#include "compaction/table_writer.h"

namespace beachdb {

// `ranges`: the range tombstones beside the entries. `snapshots`: the live ones, ascending.
// `log_numbers`: where all of it comes from, for the table's properties. Nothing in: no outputs. On
// an error nothing is left behind.
template <EntryIterator Iterator>
Result<JobResult> RunFlush(OutputContext& output, const TableOptions& options, Iterator& entries,
                           const std::vector<RangeTombstone>& ranges, std::vector<Seqno> snapshots,
                           std::uint64_t job_id, std::vector<std::uint64_t> log_numbers) {
  TableJob job{.origin = TableOrigin::kFlush,
               .id = job_id,
               .output_level = 0,
               .inputs = std::move(log_numbers)};
  TableWriter writer(output, options, std::move(job), TableCuts{});
  RangeStripes stripes(SnapshotStripes(snapshots), ranges);
  writer.SetRanges(stripes.Remaining(nullptr));
  CompactionIterator<Iterator> survivors(entries, std::move(snapshots), nullptr, &stripes);
  constexpr std::uint64_t kToldEvery = 1024;  // entries: who asks reads the same cache line
  std::uint64_t told = 0;
  for (survivors.SeekToFirst(); survivors.Valid(); survivors.Next()) {
    RETURN_IF_ERROR(writer.Add(survivors.user_key(), survivors.trailer(), survivors.value(), true));
    const std::uint64_t taken = survivors.counts().entries_in;
    if (output.entries_in != nullptr && taken - told >= kToldEvery) {
      output.entries_in->store(told = taken, std::memory_order_relaxed);
    }
  }
  RETURN_IF_ERROR(survivors.status());
  JobResult result;
  ASSIGN_OR_RETURN(result.outputs, writer.Finish());
  result.warm = writer.TakeWarmBlocks();
  for (const FileMetadata& file : result.outputs) result.bytes_written += file.size;
  result.entries_in = survivors.counts().entries_in;
  result.entries_dropped = survivors.counts().dropped();
  result.tombstones_dropped = survivors.counts().tombstones_done;
  return result;
}

}  // namespace beachdb
