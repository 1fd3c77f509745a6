#include "engine/background.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/failpoint.h"
#include "base/try.h"
#include "compaction/compaction_job.h"
#include "compaction/flush_job.h"
#include "engine/compaction_limits.h"
#include "engine/job_output.h"
#include "engine/recovery.h"
#include "format/file_names.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kRetryPause = 100'000'000;  // nanoseconds between attempts of a failed job
constexpr std::uint64_t kFlushRateGuess = 64u << 20;  // bytes a second, until one has been timed
constexpr std::uint64_t kSleepSlice = 5'000'000;      // nanoseconds until a sleeper looks for Stop

// Three parts of what was, one of what is.
void Smooth(std::atomic<std::uint64_t>& rate, std::uint64_t bytes, std::uint64_t nanos) {
  if (bytes == 0 || nanos == 0) return;
  const auto now =
      static_cast<std::uint64_t>(static_cast<double>(bytes) * 1e9 / static_cast<double>(nanos));
  const std::uint64_t before = rate.load(std::memory_order_relaxed);
  rate.store(before == 0 ? now : (before * 3 + now) / 4, std::memory_order_relaxed);
}

std::uint64_t SizeOf(const std::vector<FileRef>& files) {
  std::uint64_t bytes = 0;
  for (const FileRef& file : files) bytes += file->size;
  return bytes;
}

std::vector<std::uint64_t> NumbersOf(const std::vector<FileMetadata>& files) {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(files.size());
  for (const FileMetadata& file : files) numbers.push_back(file.number);
  return numbers;
}

Event EventOf(EventKind kind, const JobResult& job, const std::vector<std::uint64_t>& made) {
  return {.kind = kind,
          .outputs = made,
          .bytes_read = job.bytes_read,
          .bytes_written = job.bytes_written,
          .entries = job.entries_in,
          .shadowed = job.entries_dropped - job.tombstones_dropped,
          .tombstones_dropped = job.tombstones_dropped};
}

}  // namespace

Background::Background(EngineContext& context, Executor& executor, LsmTree& tree,
                       TableCache& tables, LogFiles* logs)
    : context_(context),
      executor_(executor),
      tree_(tree),
      tables_(tables),
      logs_(logs),
      limits_(CompactionLimitsOf(context.options)),
      picker_(limits_) {
  context_.read_debt.OnDue([this] { Kick(); });
  NoteShape();
}

Background::~Background() { CHECK(stop_.load()); }

// ---- scheduling ---------------------------------------------------------------------------------

void Background::Kick() {
  MutexLock lock(mu_);
  ScheduleFlushLocked();
  ScheduleCompactionsLocked();
}

void Background::ScheduleFlushLocked() {
  if (flush_scheduled_ || stop_.load() || poisoned() || tree_.waiting() == 0) return;
  executor_.Schedule(Lane::kFlush, [this] { FlushAll(); });
  flush_scheduled_ = true;  // now that it is: Stop waits for it
}

void Background::ScheduleCompactionsLocked() {
  while (compactions_running_ < context_.options.compaction_threads && installing_ == 0 &&
         !stop_.load() && !poisoned()) {
    std::optional<CompactionPlan> plan = PickLocked();
    if (!plan) return;
    OccupyLocked(*plan);
    executor_.Schedule(Lane::kCompact, [this, plan = *std::move(plan)] { CompactTask(plan); });
    ++compactions_running_;
  }
}

void Background::PrepareLog(std::shared_ptr<LogWriter> current) {
  if (logs_ == nullptr) return;
  MutexLock lock(mu_);
  if (stop_.load() || log_preparations_ > 1) return;
  executor_.Schedule(Lane::kLog, [this, current = std::move(current)] {
    // Only a preparation: whoever needs the log and does not find it ready makes it, and reports.
    Status prepared = current != nullptr ? current->PrewriteAhead() : OkStatus();
    if (prepared.ok()) prepared = logs_->Prepare();
    MutexLock ended(mu_);
    if (!prepared.ok() && preparation_error_.ok()) {
      context_.logger.Warning("preparing a log: " + prepared.ToString());
    }
    preparation_error_ = std::move(prepared);
    --log_preparations_;
    progress_.NotifyAll();
  });
  ++log_preparations_;
}

std::optional<CompactionPlan> Background::PickLocked() {
  return picker_.Pick(*tree_.version(), busy_, context_.snapshots.OldestReadable(),
                      context_.read_debt.Due());
}

void Background::OccupyLocked(const CompactionPlan& plan) {
  Writing writing{.first_input = plan.inputs.front()->number,
                  .level = plan.output_level,
                  .smallest = plan.inputs.front()->smallest,
                  .largest = plan.inputs.front()->largest};
  for (const auto* files : {&plan.inputs, &plan.overlapping}) {
    for (const FileRef& file : *files) {
      CHECK(busy_.insert(file->number).second);
      writing.smallest = std::min(writing.smallest, file->smallest);
      writing.largest = std::max(writing.largest, file->largest);
    }
  }
  writing_.push_back(std::move(writing));
}

void Background::VacateLocked(const CompactionPlan& plan) {
  const std::uint64_t first = plan.inputs.front()->number;
  for (const auto* files : {&plan.inputs, &plan.overlapping}) {
    for (const FileRef& file : *files) busy_.erase(file->number);
  }
  std::erase_if(writing_, [&](const Writing& writing) { return writing.first_input == first; });
}

void Background::Announce(Event event, std::uint64_t started_nanos) {
  event.micros = (context_.clock.MonotonicNanos() - started_nanos) / 1000;
  context_.events.Emit(std::move(event));
}

// Opens the tables that have warm blocks and fills their slots, before anyone can look for them.
// The references keep them open until they are installed.
std::vector<TableRef> Background::WarmUp(JobResult& job) {
  std::vector<TableRef> opened;
  for (std::size_t i = 0; i < job.outputs.size(); ++i) {
    if (job.warm[i].empty()) continue;
    TableRef slot = tables_.SlotOf(std::make_shared<const FileMetadata>(job.outputs[i]));
    const auto table = slot->Open();
    // Should it not open, the first read will say why.
    if (table.ok()) job.warm[i].Publish(**table);
    opened.push_back(std::move(slot));
  }
  return opened;
}

// How many gets there were since the last flush: are its blocks worth their place in the cache?
std::uint64_t Background::ReadsSinceFlush() {
  const std::uint64_t gets = context_.counters.gets.Sum();
  return gets - std::exchange(gets_at_flush_, gets);
}

// ---- flush --------------------------------------------------------------------------------------

void Background::FlushAll() {
  for (;;) {
    const MemTableRun run = tree_.OldestWaiting();
    Status outcome;
    if (run.table != nullptr && !stop_.load() && !poisoned()) {
      {
        MutexLock lock(mu_);
        ++flushes_begun_;
        retry_now_.store(false);
      }
      outcome = Survive([&] { return FlushOldest(run); });
      flush_entries_.store(0, std::memory_order_relaxed);
      flush_entries_done_.store(0, std::memory_order_relaxed);
      MutexLock lock(mu_);
      ++flushes_ended_;
      Conclude("flush", outcome, flush_error_);
      ScheduleCompactionsLocked();
      progress_.NotifyAll();
      continue;
    }
    MutexLock lock(mu_);
    // Looked at again under the lock: a switch that came just now was told a flush is running.
    if (tree_.waiting() > 0 && !stop_.load() && !poisoned()) continue;
    flush_scheduled_ = false;
    progress_.NotifyAll();
    return;
  }
}

Status Background::FlushOldest(const MemTableRun& run) {
  const std::uint64_t started = context_.clock.MonotonicNanos();
  JobResult written;
  std::uint64_t job = 0;
  if (!run.table->empty()) {
    CHECK(run.last_seqno <= context_.snapshots.visible());  // invariant 1
    const std::uint64_t bytes = run.table->BytesUsed();
    auto entries = run.table->NewIterator();
    std::vector<RangeTombstone> ranges;
    run.table->AppendRanges(ranges);
    if (run.table->has_expiring()) context_.expiry.Use();
    const TableOptions table{.block_size = context_.options.block_size,
                             .filter_bits_per_key = context_.options.filter_bits_per_key,
                             .compression = Compression::kNone};
    OutputContext output = OutputOf(
        context_, tree_, stop_,
        ReadsSinceFlush() >= bytes / context_.options.block_size ? &context_.blocks : nullptr);
    output.entries_in = &flush_entries_done_;
    flush_entries_.store(run.table->entries(), std::memory_order_relaxed);
    job = next_job_.fetch_add(1);
    ASSIGN_OR_RETURN(written, RunFlush(output, table, entries, ranges, context_.snapshots.Live(),
                                       job, run.logs));
    Smooth(flush_rate_, bytes, context_.clock.MonotonicNanos() - started);
  }
  auto& level = context_.counters.levels[0];
  level.bytes_written += written.bytes_written;
  level.bytes_in += written.bytes_written;
  level.entries_dropped += written.entries_dropped;
  const std::vector<std::uint64_t> made = NumbersOf(written.outputs);
  const std::vector<TableRef> warmed = WarmUp(written);
  Event event = EventOf(EventKind::kFlush, written, made);
  event.job = job;
  event.output_level = 0;
  event.inputs = run.logs;
  CrashPoint("flush_after_file_sync");                 // FAILPOINT: flush_after_file_sync
  Status installed = ErrorPoint("sst_publish_error");  // FAILPOINT: sst_publish_error
  if (installed.ok()) installed = tree_.InstallFlush(std::move(written.outputs));
  if (!installed.ok()) return NotInstalled(installed.error(), made);
  CrashPoint("flush_after_publish");  // FAILPOINT: flush_after_publish
  context_.counters.flushes.fetch_add(1);
  NoteShape();
  if (job != 0) Announce(std::move(event), started);
  if (run.log != nullptr) {
    logs_->Retire(*run.log);
  } else {
    RemoveReplayedLogs(context_, run.logs, tree_.manifest_state().log_number);
  }
  return OkStatus();
}

// ---- compaction ---------------------------------------------------------------------------------

void Background::CompactTask(const CompactionPlan& plan) {
  const Status outcome = Survive([&] { return RunPlan(plan); });
  MutexLock lock(mu_);
  VacateLocked(plan);
  Conclude("compaction", outcome, compaction_error_);
  --compactions_running_;
  ScheduleCompactionsLocked();
  progress_.NotifyAll();
}

Status Background::RunPlan(const CompactionPlan& plan) {
  const std::uint64_t started = context_.clock.MonotonicNanos();
  RETURN_IF_ERROR(plan.trivial_move ? MoveFiles(plan) : RunMerge(plan));
  if (!plan.trivial_move) {
    Smooth(compact_rate_, SizeOf(plan.inputs), context_.clock.MonotonicNanos() - started);
  }
  if (plan.input_level == 0) context_.read_debt.Forgive();
  NoteShape();
  return OkStatus();
}

Status Background::MoveFiles(const CompactionPlan& plan) {
  const std::uint64_t started = context_.clock.MonotonicNanos();
  VersionEdit edit;
  for (const FileRef& file : plan.inputs) {
    edit.removed.push_back({plan.input_level, file->number});
    edit.added.push_back({plan.output_level, *file});
  }
  if (Status installed = tree_.InstallEdit(std::move(edit)); !installed.ok()) {
    return NotInstalled(installed.error(), {});
  }
  auto& level = context_.counters.levels[static_cast<std::size_t>(plan.output_level)];
  level.trivial_moves.fetch_add(1);
  level.bytes_in.fetch_add(SizeOf(plan.inputs));
  Event event{
      .kind = EventKind::kMove, .input_level = plan.input_level, .output_level = plan.output_level};
  for (const FileRef& file : plan.inputs) event.inputs.push_back(file->number);
  event.outputs = event.inputs;
  Announce(std::move(event), started);
  return OkStatus();
}

Status Background::RunMerge(const CompactionPlan& plan) {
  const Options& options = context_.options;
  const VersionRef version = tree_.version();
  const bool deepest = plan.output_level >= version->DeepestLevel();
  const TableOptions table{
      .block_size = options.block_size,
      .filter_bits_per_key = options.filter_bits_per_key,
      .compression = deepest ? options.bottom_compression : options.compression};
  OutputContext output = OutputOf(context_, tree_, stop_, &context_.blocks);
  const std::uint64_t started = context_.clock.MonotonicNanos();
  const std::uint64_t job = next_job_.fetch_add(1);
  ASSIGN_OR_RETURN(CompactionResult merged,
                   RunCompaction(
                       output, table, plan, *version,
                       [this](const FileRef& file) { return tables_.SlotOf(file)->Open(); },
                       context_.snapshots.Live(), limits_, job, context_.expiry.Horizon()));
  auto& level = context_.counters.levels[static_cast<std::size_t>(plan.output_level)];
  level.compactions.fetch_add(1);
  level.bytes_in.fetch_add(SizeOf(plan.inputs));
  level.bytes_read.fetch_add(merged.job.bytes_read);
  level.bytes_written.fetch_add(merged.job.bytes_written);
  level.entries_dropped.fetch_add(merged.job.entries_dropped);
  const std::vector<std::uint64_t> made = NumbersOf(merged.job.outputs);
  const std::vector<TableRef> warmed = WarmUp(merged.job);
  Event event = EventOf(EventKind::kCompaction, merged.job, made);
  event.job = job;
  event.input_level = plan.input_level;
  event.output_level = plan.output_level;
  for (const auto* files : {&plan.inputs, &plan.overlapping}) {
    for (const FileRef& file : *files) event.inputs.push_back(file->number);
  }
  CrashPoint("compaction_after_file_sync");  // FAILPOINT: compaction_after_file_sync
  // FAILPOINT: compaction_publish_error
  Status installed = ErrorPoint("compaction_publish_error");
  if (installed.ok()) installed = tree_.InstallEdit(std::move(merged.edit));
  if (!installed.ok()) return NotInstalled(installed.error(), made);
  CrashPoint("compaction_after_publish");  // FAILPOINT: compaction_after_publish
  Announce(std::move(event), started);
  return OkStatus();
}

Status Background::CompactRange(const std::string_view* from, const std::string_view* to) {
  for (int level = 0; level < kLevels; ++level) {
    for (;;) {
      std::optional<CompactionPlan> plan;
      {
        MutexLock lock(mu_);
        RETURN_IF_ERROR(poison_);
        if (stop_.load()) return Error(Code::kShutDown, "the database is closing");
        if (installing_ > 0) {
          executor_.Wait(mu_, progress_);
          continue;
        }
        plan = picker_.PickRange(*tree_.version(), level, from, to, busy_,
                                 context_.snapshots.OldestReadable());
        if (!plan) {
          // Nothing to do here, or all of it is in the hands of a running compaction.
          if (compactions_running_ == 0) break;
          executor_.Wait(mu_, progress_);
          continue;
        }
        OccupyLocked(*plan);
        ++compactions_running_;
      }
      const Status outcome = Survive([&] { return RunPlan(*plan); });
      MutexLock lock(mu_);
      VacateLocked(*plan);
      --compactions_running_;
      progress_.NotifyAll();
      RETURN_IF_ERROR(outcome);
    }
  }
  Kick();
  return OkStatus();
}

Status Background::NotInstalled(const Error& error, const std::vector<std::uint64_t>& made) {
  // What the manifest holds now is unknown, unless it was only the disk that was full.
  if (error.code() != Code::kNoSpace) {
    Poison(error);
    return error;
  }
  for (const std::uint64_t number : made) {
    const std::string path = JoinPath(context_.directory, TableName(number));
    // FAILPOINT: publish_discard
    const Status removed = Step("publish_discard", [&] { return context_.fs.RemoveFile(path); });
    if (!removed.ok()) context_.logger.Warning("removing " + path + ": " + removed.ToString());
  }
  return error;
}

// ---- pressure -----------------------------------------------------------------------------------

void Background::NoteShape() {
  const VersionRef version = tree_.version();
  level0_runs_.store(static_cast<int>(version->levels[0].size()), std::memory_order_relaxed);
  const LevelShape shape = ShapeOf(*version, limits_);
  debt_bytes_.store(shape.debt_bytes, std::memory_order_relaxed);
  context_.read_debt.SetPrice(
      version->levels[0].empty()
          ? ReadDebt::kNever
          : ReadDebt::PriceOf(version->LevelBytes(0) + version->LevelBytes(shape.base_level)));
}

WriteDelay Background::Delay(double memtables) const {
  WritePressure pressure;
  pressure.memtables = memtables;
  pressure.level0_runs = level0_runs_.load(std::memory_order_relaxed);
  pressure.debt_bytes = debt_bytes_.load(std::memory_order_relaxed);
  const auto entries = static_cast<double>(flush_entries_.load(std::memory_order_relaxed));
  const auto done = static_cast<double>(flush_entries_done_.load(std::memory_order_relaxed));
  if (entries > 0) {  // none is running between two attempts of one that fails
    const std::uint64_t rate = flush_rate_.load(std::memory_order_relaxed);
    pressure.flushed = std::min(done / entries, 1.0);
    pressure.flush_nanos = 1e9 * static_cast<double>(context_.options.write_buffer) /
                           static_cast<double>(rate > 0 ? rate : kFlushRateGuess);
  }
  pressure.compact_bytes_per_second = compact_rate_.load(std::memory_order_relaxed);
  return DelayFor(pressure, WriteLimits{});
}

// ---- waiting, failing, stopping -----------------------------------------------------------------

template <typename Condition>
Status Background::AwaitFlushWork(Patience patience, Condition reached) {
  MutexLock lock(mu_);
  ScheduleFlushLocked();
  const std::uint64_t last_attempt = flushes_begun_;
  while (!reached()) {
    RETURN_IF_ERROR(poison_);
    if (patience == Patience::kLastAttempt || flushes_ended_ > last_attempt) {
      RETURN_IF_ERROR(flush_error_);
    } else {
      retry_now_.store(true);
    }
    if (stop_.load()) return Error(Code::kShutDown, "the database is closing");
    executor_.Wait(mu_, progress_);
  }
  return OkStatus();
}

Status Background::AwaitWaitingBelow(std::size_t count) {
  return AwaitFlushWork(Patience::kLastAttempt, [this, count] { return tree_.waiting() < count; });
}

Status Background::AwaitFlushed(std::uint64_t count, Patience patience) {
  return AwaitFlushWork(patience, [this, count] { return tree_.flushed() >= count; });
}

Status Background::AwaitProgress() {
  MutexLock lock(mu_);
  RETURN_IF_ERROR(poison_);
  RETURN_IF_ERROR(flush_error_);
  RETURN_IF_ERROR(compaction_error_);
  ScheduleFlushLocked();
  ScheduleCompactionsLocked();
  if (compactions_running_ > 0 || flush_scheduled_) executor_.Wait(mu_, progress_);
  return OkStatus();
}

void Background::Poison(const Error& cause) {
  MutexLock lock(mu_);
  if (!poison_.ok()) return;
  poison_ =
      Error(Code::kShutDown, "read-only after a failure that leaves the disk's content unknown (" +
                                 cause.message() + "): reopen the database to recover");
  context_.events.Emit(EventKind::kReadOnly, poison_.error().message());
  poisoned_.store(true, std::memory_order_release);
  context_.logger.Log(LogLevel::kError, poison_.error().message());
  progress_.NotifyAll();
}

Status Background::RanOutOfMemory() {
  Error error(Code::kIoError, "memory ran out in the middle of a write, a flush or a compaction");
  Poison(error);
  return error;
}

Status Background::health() const {
  if (!poisoned()) return OkStatus();
  MutexLock lock(mu_);
  return poison_;
}

Status Background::error() const {
  MutexLock lock(mu_);
  if (!poison_.ok()) return poison_;
  return !flush_error_.ok() ? flush_error_ : compaction_error_;
}

void Background::Conclude(std::string_view what, const Status& outcome, Status& latest) {
  const bool news = outcome.ok() != latest.ok();
  latest = outcome;
  if (outcome.ok()) {
    if (!news) return;
    context_.logger.Info(std::string(what) + " works again");
    context_.events.Emit(EventKind::kRepair, what);
    return;
  }
  if (stop_.load()) return;
  if (news) {
    context_.logger.Warning(std::string(what) +
                            " failed and will be tried again: " + outcome.error().ToString());
    context_.events.Emit(EventKind::kFailure,
                         std::string(what) + ": " + outcome.error().ToString());
  }
  progress_.NotifyAll();
  mu_.Unlock();
  PauseBeforeRetry();
  mu_.Lock();
}

void Background::PauseBeforeRetry() {
  const std::uint64_t until = context_.clock.MonotonicNanos() + kRetryPause;
  while (!stop_.load() && !retry_now_.load() && context_.clock.MonotonicNanos() < until) {
    context_.clock.SleepNanos(kSleepSlice);
  }
}

void Background::Stop() {
  stop_.store(true);
  MutexLock lock(mu_);
  progress_.NotifyAll();
  while (compactions_running_ > 0 || flush_scheduled_ || log_preparations_ > 0) {
    executor_.Wait(mu_, progress_);
  }
}

}  // namespace beachdb
