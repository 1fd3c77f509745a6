#include "compaction/compaction_job.h"

#include <string>
#include <utility>

#include "base/check.h"
#include "base/rare_branch.h"
#include "base/try.h"
#include "compaction/compaction_iterator.h"
#include "compaction/keys_below.h"
#include "compaction/range_stripes.h"
#include "kv/merging_iterator.h"

namespace beachdb {
namespace {

// The range tombstones of the files that have any, views of the open tables in `held`.
Status CollectRanges(const std::vector<FileRef>& files, const TableOpener& open,
                     std::vector<std::shared_ptr<Table>>& held, std::vector<RangeTombstone>& out) {
  for (const FileRef& file : files) {
    if (file->range_tombstones == 0) continue;
    ASSIGN_OR_RETURN(std::shared_ptr<Table> table, open(file));
    for (std::size_t i = 0; i < table->ranges().size(); ++i) out.push_back(table->ranges()[i]);
    held.push_back(std::move(table));
  }
  return OkStatus();
}

// The files that must be read.
std::vector<FileRef> NotHidden(const std::vector<FileRef>& files, const RangeStripes& ranges) {
  std::vector<FileRef> kept;
  for (const FileRef& file : files) {
    if (!ranges.Hides(*file)) kept.push_back(file);
  }
  if (kept.size() < files.size()) RARE_BRANCH("compaction_drops_file_unread");
  return kept;
}

// Newest first: each run of level 0 by itself, any other level as a whole.
MergingIterator<FileRunIterator> Inputs(int input_level, const std::vector<FileRef>& inputs,
                                        const std::vector<FileRef>& overlapping,
                                        const TableOpener& open) {
  std::vector<FileRunIterator> sources;
  if (input_level == 0) {
    for (const FileRef& run : inputs) {
      sources.emplace_back(FileRun({run}, open), ScanKind::kCompact);
    }
  } else if (!inputs.empty()) {
    sources.emplace_back(FileRun(inputs, open), ScanKind::kCompact);
  }
  if (!overlapping.empty()) {
    sources.emplace_back(FileRun(overlapping, open), ScanKind::kCompact);
  }
  return MergingIterator<FileRunIterator>(std::move(sources));
}

}  // namespace

Result<CompactionResult> RunCompaction(OutputContext& output, const TableOptions& options,
                                       const CompactionPlan& plan, const Version& version,
                                       const TableOpener& open, std::vector<Seqno> snapshots,
                                       const CompactionLimits& limits, std::uint64_t job_id,
                                       std::uint64_t now) {
  CHECK(!plan.inputs.empty() && !plan.trivial_move);
  CompactionResult result;
  TableJob job{.origin = TableOrigin::kCompaction,
               .id = job_id,
               .output_level = plan.output_level,
               .inputs = {}};
  std::vector<std::shared_ptr<Table>> held;
  std::vector<RangeTombstone> tombstones;
  RETURN_IF_ERROR(CollectRanges(plan.inputs, open, held, tombstones));
  RETURN_IF_ERROR(CollectRanges(plan.overlapping, open, held, tombstones));
  RangeStripes ranges(SnapshotStripes(snapshots), tombstones);
  const std::vector<FileRef> inputs = NotHidden(plan.inputs, ranges);
  const std::vector<FileRef> overlapping = NotHidden(plan.overlapping, ranges);

  const auto consume = [&](int level, const std::vector<FileRef>& files) {
    for (const FileRef& file : files) {
      job.inputs.push_back(file->number);
      result.edit.removed.push_back({level, file->number});
      result.job.entries_dropped += file->entries;  // those that are read are taken off below
    }
  };
  consume(plan.input_level, plan.inputs);
  consume(plan.output_level, plan.overlapping);
  std::uint64_t entries_expected = 0;
  for (const auto* files : {&inputs, &overlapping}) {
    for (const FileRef& file : *files) {
      result.job.bytes_read += file->size;
      entries_expected += file->entries;
    }
  }
  result.job.entries_dropped -= entries_expected;

  MergingIterator<FileRunIterator> merged = Inputs(plan.input_level, inputs, overlapping, open);
  KeysBelow below(version, plan.output_level);
  TableWriter writer(output, options, std::move(job),
                     TableCuts{limits.table_size, plan.grandparents});
  writer.SetRanges(ranges.Remaining(&below));
  CompactionIterator<MergingIterator<FileRunIterator>> survivors(merged, std::move(snapshots),
                                                                 &below, &ranges, now);
  for (survivors.SeekToFirst(); survivors.Valid(); survivors.Next()) {
    RETURN_IF_ERROR(writer.Add(survivors.user_key(), survivors.trailer(), survivors.value(),
                               merged.current().from_cache()));
  }
  RETURN_IF_ERROR(survivors.status());
  result.job.entries_in = survivors.counts().entries_in;
  if (result.job.entries_in != entries_expected) {
    // Whatever went wrong, to install the edit would make it a loss.
    return Error(Code::kCorruption,
                 "compaction " + std::to_string(job_id) + " into level " +
                     std::to_string(plan.output_level) + ": read " +
                     std::to_string(result.job.entries_in) + " entries where the manifest counts " +
                     std::to_string(entries_expected) + "; nothing was changed, verify the tables");
  }
  ASSIGN_OR_RETURN(result.job.outputs, writer.Finish());
  result.job.warm = writer.TakeWarmBlocks();

  result.job.entries_dropped += survivors.counts().dropped();
  result.job.tombstones_dropped = survivors.counts().tombstones_done;
  for (const FileMetadata& file : result.job.outputs) {
    result.job.bytes_written += file.size;
    result.edit.added.push_back({plan.output_level, file});
  }
  return result;
}

}  // namespace beachdb
