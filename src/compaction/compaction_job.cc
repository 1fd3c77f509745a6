#include "compaction/compaction_job.h"

#include <string>
#include <utility>

#include "base/check.h"
#include "base/try.h"
#include "compaction/compaction_iterator.h"
#include "compaction/keys_below.h"
#include "kv/merging_iterator.h"

namespace beachdb {
namespace {

// Newest first: each run of level 0 by itself, any other level as a whole.
MergingIterator<FileRunIterator> Inputs(const CompactionPlan& plan, const TableOpener& open) {
  std::vector<FileRunIterator> sources;
  if (plan.input_level == 0) {
    for (const FileRef& run : plan.inputs) {
      sources.emplace_back(FileRun({run}, open), ScanKind::kCompact);
    }
  } else {
    sources.emplace_back(FileRun(plan.inputs, open), ScanKind::kCompact);
  }
  if (!plan.overlapping.empty()) {
    sources.emplace_back(FileRun(plan.overlapping, open), ScanKind::kCompact);
  }
  return MergingIterator<FileRunIterator>(std::move(sources));
}

}  // namespace

Result<CompactionResult> RunCompaction(OutputContext& output, const TableOptions& options,
                                       const CompactionPlan& plan, const Version& version,
                                       const TableOpener& open, std::vector<Seqno> snapshots,
                                       const CompactionLimits& limits, std::uint64_t job_id) {
  CHECK(!plan.inputs.empty() && !plan.trivial_move);
  CompactionResult result;
  TableJob job{.origin = TableOrigin::kCompaction,
               .id = job_id,
               .output_level = plan.output_level,
               .inputs = {}};
  std::uint64_t entries_expected = 0;
  const auto consume = [&](int level, const std::vector<FileRef>& files) {
    for (const FileRef& file : files) {
      job.inputs.push_back(file->number);
      result.edit.removed.push_back({level, file->number});
      result.job.bytes_read += file->size;
      entries_expected += file->entries;
    }
  };
  consume(plan.input_level, plan.inputs);
  consume(plan.output_level, plan.overlapping);

  MergingIterator<FileRunIterator> merged = Inputs(plan, open);
  KeysBelow below(version, plan.output_level);
  CompactionIterator<MergingIterator<FileRunIterator>> survivors(merged, std::move(snapshots),
                                                                 &below);
  TableWriter writer(output, options, std::move(job),
                     TableCuts{limits.table_size, plan.grandparents});
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

  result.job.entries_dropped = survivors.counts().dropped();
  result.job.tombstones_dropped = survivors.counts().tombstones_done;
  for (const FileMetadata& file : result.job.outputs) {
    result.job.bytes_written += file.size;
    result.edit.added.push_back({plan.output_level, file});
  }
  return result;
}

}  // namespace beachdb
