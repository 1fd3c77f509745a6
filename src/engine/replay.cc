#include "engine/replay.h"

#include <algorithm>
#include <utility>

#include "base/failpoint.h"
#include "base/try.h"
#include "compaction/flush_job.h"
#include "engine/job_output.h"
#include "format/file_names.h"
#include "kv/batch_format.h"
#include "kv/merging_iterator.h"

namespace beachdb {

// A memtable takes somewhat more than the batches in it.
Replay::Replay(EngineContext& context, Executor& executor, LsmTree& tree,
               const std::vector<std::uint64_t>& logs, Target target)
    : context_(context),
      executor_(executor),
      logs_(logs),
      target_(target),
      oldest_log_(tree.manifest_state().log_number),
      segment_bytes_(context.options.write_buffer / 4 * 3),
      output_(OutputOf(context, tree, never_)) {}

// A replay that fails, for want of space above all, leaves nothing behind: otherwise every try
// would take more of what is missing.
Replay::~Replay() {
  const Status written = AwaitTasks(0);
  if (!written.ok()) context_.logger.Info("replay: " + written.ToString());
  if (segment_ != nullptr) Uncharge(*segment_);
  const VersionEdit unwanted = TakeEdit();
  for (const auto& [level, file] : unwanted.added) {
    const std::string path = JoinPath(context_.directory, TableName(file.number));
    // FAILPOINT: recovery_discard
    const Status removed = Step("recovery_discard", [&] { return context_.fs.RemoveFile(path); });
    if (!removed.ok()) context_.logger.Warning("removing " + path + ": " + removed.ToString());
  }
}

Status Replay::Apply(Seqno seqno, std::uint64_t applied_index, std::string_view batch) {
  if (segment_ == nullptr) segment_ = std::make_unique<Segment>();
  Segment& segment = *segment_;
  applied_index_ = std::max(applied_index_, applied_index);
  segment.bytes += batch;
  segment.batches.push_back({seqno, batch.size()});
  segment.last_seqno = seqno + BatchCount(batch) - 1;
  segment.applied_index = applied_index_;
  context_.blocks.Charge(static_cast<std::int64_t>(batch.size()));
  return segment.bytes.size() >= segment_bytes_ ? FinishSegment() : OkStatus();
}

Status Replay::FinishSegment() {
  if (segment_ == nullptr) return OkStatus();
  std::shared_ptr<const Segment> segment = std::move(segment_);
  if (target_ == Target::kMemTables) {
    // In tables at once or not at all: until the last of them is, all logs are needed.
    held_.push_back({.table = Sort(*segment, segment->bytes.size()).front(),
                     .log = nullptr,
                     .log_number = oldest_log_,
                     .logs = logs_,
                     .last_seqno = segment->last_seqno,
                     .applied_index = segment->applied_index});
    return OkStatus();
  }
  RETURN_IF_ERROR(AwaitTasks(kTasksMax - 1));
  {
    MutexLock lock(mu_);
    ++tasks_running_;
  }
  // Neither lane has anything else to do yet.
  const Lane lane = tasks_begun_++ % kTasksMax == 0 ? Lane::kFlush : Lane::kCompact;
  executor_.Schedule(lane, [this, segment = std::move(segment)]() mutable {
    std::vector<MemTableRef> pieces = Sort(*segment, segment_bytes_ / kPieces);
    segment.reset();
    const Status written = Write(pieces);
    pieces.clear();
    MutexLock lock(mu_);
    if (outcome_.ok()) outcome_ = written;
    --tasks_running_;
    progress_.NotifyAll();
  });
  return OkStatus();
}

Status Replay::Finish() {
  RETURN_IF_ERROR(FinishSegment());
  return AwaitTasks(0);
}

Status Replay::AwaitTasks(int count) {
  MutexLock lock(mu_);
  while (tasks_running_ > count) executor_.Wait(mu_, progress_);
  return std::exchange(outcome_, OkStatus());
}

VersionEdit Replay::TakeEdit() {
  MutexLock lock(mu_);
  // As the logs have them, not as the tasks ended.
  std::sort(edit_.added.begin(), edit_.added.end(), [](const auto& a, const auto& b) {
    return a.file.smallest_seqno < b.file.smallest_seqno;
  });
  return std::exchange(edit_, {});
}

void Replay::Uncharge(const Segment& segment) const {
  context_.blocks.Charge(-static_cast<std::int64_t>(segment.bytes.size()));
}

std::vector<MemTableRef> Replay::Sort(const Segment& segment, std::size_t piece_bytes) const {
  std::vector<MemTableRef> pieces;
  std::size_t begun_at = 0;
  std::size_t at = 0;
  for (const Segment::Batch& batch : segment.batches) {
    if (pieces.empty() || at - begun_at >= piece_bytes) {
      pieces.push_back(NewMemTable(context_, piece_bytes));
      begun_at = at;
    }
    MemTable& table = *pieces.back();
    const std::size_t memory = table.MemoryUsage();
    table.Apply(std::string_view(segment.bytes).substr(at, batch.size), batch.first_seqno);
    const std::size_t grown = table.MemoryUsage() - memory;
    if (grown > 0) context_.blocks.Charge(static_cast<std::int64_t>(grown));
    at += batch.size;
  }
  Uncharge(segment);
  return pieces;
}

Status Replay::Write(const std::vector<MemTableRef>& pieces) {
  std::vector<MemTable::Iterator> sources;
  // Newest first, as a merge wants them.
  for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) {
    sources.push_back((*piece)->NewIterator());
  }
  MergingIterator<MemTable::Iterator> entries(std::move(sources));
  std::vector<RangeTombstone> ranges;
  for (const MemTableRef& piece : pieces) piece->AppendRanges(ranges);
  const TableOptions options{.block_size = context_.options.block_size,
                             .filter_bits_per_key = context_.options.filter_bits_per_key,
                             .compression = Compression::kNone};
  // No snapshot has survived, so each key's newest version is all that can be seen.
  ASSIGN_OR_RETURN(JobResult written, RunFlush(output_, options, entries, ranges, {}, 0, logs_));
  MutexLock lock(mu_);
  for (FileMetadata& file : written.outputs) edit_.added.push_back({0, std::move(file)});
  return OkStatus();
}

}  // namespace beachdb
