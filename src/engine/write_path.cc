#include "engine/write_path.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/failpoint.h"
#include "base/rare_branch.h"
#include "base/try.h"
#include "kv/batch_format.h"

namespace beachdb {
namespace {

// Full memtables that may wait for their flush; the next writer to need room waits for one.
constexpr std::size_t kWaitingMax = 1;

constexpr std::uint64_t kStallToldMin = 10'000'000;  // nanoseconds

constexpr double kPaceMin = 1e6;  // nanoseconds: shorter delays are added up
constexpr double kPaceMax = 2e7;  // nanoseconds a group is held up at most

}  // namespace

WritePath::WritePath(EngineContext& context, Executor& executor, LsmTree& tree,
                     Background& background, LogFiles* logs, Recovered recovered)
    : context_(context),
      tree_(tree),
      background_(background),
      logs_(logs),
      recovered_runs_(recovered.unflushed.size()),
      queue_(executor),
      last_seqno_(recovered.last_seqno),
      last_index_(recovered.applied_index),
      retired_seqno_(recovered.last_seqno),
      retired_index_(recovered.applied_index),
      durable_seqno_(recovered.last_seqno),
      applied_index_(recovered.applied_index) {
  context_.snapshots.Publish(last_seqno_);
  tree_.Start(std::move(recovered.unflushed), NewMemTable(context_, context_.options.write_buffer),
              recovered.log_number);
}

Status WritePath::Write(Writer& writer) {
  std::uint32_t group = 0;
  if (queue_.Join(writer, &group)) CommitGroup(group, WaitForOf(writer));
  return std::move(writer.result);
}

Status WritePath::Flush() {
  Writer writer;
  writer.kind = WriterKind::kFlush;
  RETURN_IF_ERROR(Write(writer));
  return background_.AwaitFlushed(tree_.retired(), Background::Patience::kNewAttempt);
}

Status WritePath::Ingest(std::vector<FileMetadata> tables) {
  Writer writer;
  writer.kind = WriterKind::kIngest;
  writer.tables = &tables;
  ingests_.fetch_add(1, std::memory_order_relaxed);  // before it can be in a group
  Status done = Write(writer);
  ingests_.fetch_sub(1, std::memory_order_relaxed);
  return done;
}

void WritePath::CommitGroup(std::uint32_t number, WaitFor wait) {
  Group group = Collect(number, wait);
  Status outcome = background_.Survive([&] { return Store(group); });
  const bool sync = group.sync && outcome.ok();
  // The log to sync, looked up while the turn keeps it from being retired.
  std::shared_ptr<LogWriter> log;
  if (sync) log = tree_.active().log;
  queue_.PassTurn(number);

  if (sync) {
    outcome = background_.Survive([&] { return SyncLogs(log.get()); });
    // Its seqnos are in the log and in the memtable: only recovery can say what became of them.
    if (!outcome.ok()) background_.Poison(outcome.error());
  }
  queue_.AwaitEarlierGroups(number, group.sync ? WaitFor::kDevice : WaitFor::kProcessor);
  Publish(group, std::move(outcome));
}

Status WritePath::Store(Group& group) {
  RETURN_IF_ERROR(MakeRoom(group));
  if (group.batches > 0) RETURN_IF_ERROR(AppendToLog(group));
  if (group.operations > 0) ApplyToMemTable(group);
  return OkStatus();
}

WritePath::Group WritePath::Collect(std::uint32_t number, WaitFor wait) {
  Group group;
  group.number = number;
  group.writers = queue_.LeadGroup(number, wait);
  group.applied_index = last_index_;
  if (ingests_.load(std::memory_order_relaxed) > 0) [[unlikely]]
    InstallAllTables(group);
  std::optional<GuardCheck> guards;
  for (Writer* writer = group.writers; writer != nullptr; writer = writer->next) {
    ++group.writer_count;
    if (writer->kind == WriterKind::kFlush) group.flush = true;
    if (writer->kind == WriterKind::kSync) group.sync = true;
    if (writer->kind != WriterKind::kBatch) continue;
    if (writer->applied_index != 0 || HasGuards(writer->batch) || guards.has_value()) [[unlikely]] {
      writer->result = background_.Survive([&] { return Admit(*writer, group, guards); });
      if (!writer->result.ok()) {
        writer->count = 0;
        continue;
      }
      if (writer->applied_index != 0) group.applied_index = writer->applied_index;
    }
    ++group.batches;
    group.operations += writer->count;
    group.bytes += writer->batch.size();
    if (writer->durability == Durability::kSync) group.sync = true;
  }
  return group;
}

void WritePath::InstallAllTables(const Group& group) {
  for (Writer* writer = group.writers; writer != nullptr; writer = writer->next) {
    if (writer->kind != WriterKind::kIngest) continue;
    writer->result = background_.Survive([&] { return InstallTables(group, *writer->tables); });
  }
}

Status WritePath::InstallTables(const Group& group, std::vector<FileMetadata>& tables) {
  RETURN_IF_ERROR(background_.health());
  RETURN_IF_ERROR(AwaitRecovered());
  if (last_seqno_ != retired_seqno_ || last_index_ != retired_index_) {
    RETURN_IF_ERROR(Retire(group));
  }
  RETURN_IF_ERROR(background_.AwaitFlushed(tree_.retired(), Background::Patience::kNewAttempt));
  queue_.AwaitEarlierGroups(group.number, WaitFor::kDevice);
  RETURN_IF_ERROR(background_.health());
  Seqno seqno = last_seqno_;
  if (seqno + tables.size() > kMaxSeqno) {
    return Error(Code::kNotSupported, "the database has used up its sequence numbers");
  }
  // Each has its own: those of level 0 are told apart by it.
  for (FileMetadata& table : tables) {
    table.origin->base_seqno = ++seqno;
    table.smallest_seqno = table.largest_seqno = seqno;
  }
  RETURN_IF_ERROR(background_.InstallTables(tables, seqno));
  last_seqno_ = retired_seqno_ = seqno;
  durable_seqno_.store(seqno, std::memory_order_relaxed);
  context_.snapshots.Publish(seqno);
  return OkStatus();
}

Status WritePath::Admit(const Writer& writer, const Group& group,
                        std::optional<GuardCheck>& guards) {
  if (writer.applied_index != 0 && writer.applied_index <= group.applied_index) {
    return Error(Code::kInvalidArgument, "applied index " + std::to_string(writer.applied_index) +
                                             " is not above the last one, " +
                                             std::to_string(group.applied_index));
  }
  if (HasGuards(writer.batch)) {
    if (!guards.has_value()) {
      guards.emplace(context_, tree_, last_seqno_);
      for (const Writer* earlier = group.writers; earlier != &writer; earlier = earlier->next) {
        if (earlier->count > 0) guards->Include(earlier->batch);
      }
    }
    RETURN_IF_ERROR(guards->Check(writer.batch));
  }
  if (guards.has_value()) guards->Include(writer.batch);
  return OkStatus();
}

// ---- room ---------------------------------------------------------------------------------------

Status WritePath::MakeRoom(const Group& group) {
  RETURN_IF_ERROR(background_.health());
  const bool unflushed = last_seqno_ != retired_seqno_ || last_index_ != retired_index_;
  if (group.flush && unflushed) RETURN_IF_ERROR(Retire(group));
  if (group.batches == 0 && !group.sync) return OkStatus();
  RETURN_IF_ERROR(AwaitRecovered());
  if (group.batches == 0) return OkStatus();
  if (broken_log_ != nullptr) RETURN_IF_ERROR(ReplaceBrokenLog(group));
  for (;;) {
    const MemTableRun& active = tree_.active();
    if (active.log == nullptr && logs_ != nullptr) {
      ASSIGN_OR_RETURN(auto log,
                       logs_->Next(LogWriter::CapacityFor(group.bytes, group.writer_count)));
      CrashPoint("wal_after_rotate");  // FAILPOINT: wal_after_rotate
      context_.events.Emit({.kind = EventKind::kLog, .outputs = {log->number()}});
      tree_.GiveLog(std::move(log));
      // Who filled one memtable will fill another; a program that writes little needs one log only.
      if (tree_.retired() > 0) background_.PrepareLog(nullptr);
    }
    const std::size_t used = active.table->BytesUsed();
    const bool full =
        used >= context_.options.write_buffer ||
        active.table->range_tombstones() >= MemTable::kRangeTombstonesMax ||
        (active.log != nullptr && !active.log->HasRoom(group.bytes, group.writer_count));
    if (full) {
      RETURN_IF_ERROR(Retire(group));
      continue;
    }
    const double fill =
        static_cast<double>(used) / static_cast<double>(context_.options.write_buffer);
    const WriteDelay delay = background_.Delay(static_cast<double>(tree_.waiting()) + fill);
    if (!delay.stop) {
      if (delay.nanos > 0 || delay.nanos_per_byte > 0) Pace(group.bytes, delay);
      return OkStatus();
    }
    const std::uint64_t started = context_.clock.MonotonicNanos();
    RETURN_IF_ERROR(background_.AwaitProgress());
    NoteStall(context_.clock.MonotonicNanos() - started, delay.reason);
  }
}

// What recovery could not put into tables is in its old logs alone, written by a process that may
// have had a sync fail: nothing can be promised on top of it until it is flushed.
Status WritePath::AwaitRecovered() {
  if (tree_.flushed() >= recovered_runs_) return OkStatus();
  RARE_BRANCH("write_waits_for_recovered");
  return background_.AwaitFlushed(recovered_runs_, Background::Patience::kLastAttempt);
}

Status WritePath::ReplaceBrokenLog(const Group& group) {
  RARE_BRANCH("log_given_up");
  if (tree_.active().log.get() == broken_log_) RETURN_IF_ERROR(Retire(group));
  RETURN_IF_ERROR(background_.AwaitFlushed(tree_.retired(), Background::Patience::kLastAttempt));
  broken_log_ = nullptr;
  return OkStatus();
}

Status WritePath::Retire(const Group& group) {
  if (tree_.waiting() >= kWaitingMax) {
    RARE_BRANCH("write_waits_for_flush");
    const std::uint64_t started = context_.clock.MonotonicNanos();
    RETURN_IF_ERROR(background_.AwaitWaitingBelow(kWaitingMax));
    NoteStall(context_.clock.MonotonicNanos() - started, "memtables");
  }
  queue_.AwaitEarlierGroups(group.number, WaitFor::kDevice);  // invariant 5
  RETURN_IF_ERROR(background_.health());
  {
    MutexLock lock(unsynced_mu_);
    const std::uint64_t oldest_needed = tree_.manifest_state().log_number;
    std::erase_if(unsynced_, [&](const auto& log) { return log->number() < oldest_needed; });
    if (!log_clean_) unsynced_.push_back(tree_.active().log);
  }
  log_clean_ = true;
  tree_.Switch(last_seqno_, last_index_, NewMemTable(context_, context_.options.write_buffer));
  retired_seqno_ = last_seqno_;
  retired_index_ = last_index_;
  CrashPoint("memtable_after_switch");  // FAILPOINT: memtable_after_switch
  background_.Kick();
  return OkStatus();
}

void WritePath::Pace(std::size_t bytes, const WriteDelay& delay) {
  pace_debt_nanos_ += delay.nanos_per_byte * static_cast<double>(bytes);
  const double due = std::max(pace_debt_nanos_, delay.nanos);
  if (due < kPaceMin) return;
  const auto nanos = static_cast<std::uint64_t>(std::min(due, kPaceMax));
  pace_debt_nanos_ = 0;
  const std::uint64_t started = context_.clock.MonotonicNanos();
  context_.clock.SleepNanos(nanos);
  NoteStall(context_.clock.MonotonicNanos() - started, delay.reason);
}

void WritePath::NoteStall(std::uint64_t nanos, const char* reason) {
  EngineCounters& counters = context_.counters;
  counters.stalls.fetch_add(1, std::memory_order_relaxed);
  counters.stall_nanos.fetch_add(nanos, std::memory_order_relaxed);
  if (nanos > counters.stall_nanos_max.load(std::memory_order_relaxed)) {
    counters.stall_nanos_max.store(nanos, std::memory_order_relaxed);
  }
  counters.stall_reason.store(reason, std::memory_order_relaxed);
  if (nanos >= kStallToldMin) {
    context_.events.Emit({.kind = EventKind::kStall, .micros = nanos / 1000, .detail = reason});
  }
}

// ---- commit -------------------------------------------------------------------------------------

Status WritePath::AppendToLog(Group& group) {
  Seqno next = last_seqno_ + 1;
  if (next + group.operations > kMaxSeqno) {
    return Error(Code::kNotSupported, "the database has used up its sequence numbers");
  }
  entries_.clear();
  for (Writer* writer = group.writers; writer != nullptr; writer = writer->next) {
    if (writer->kind != WriterKind::kBatch || !writer->result.ok()) continue;
    writer->first_seqno = next;
    next += writer->count;
    entries_.push_back({writer->first_seqno, writer->applied_index, writer->batch});
  }
  LogWriter* log = tree_.active().log.get();
  if (log != nullptr) {
    const std::uint64_t before = log->end_offset();
    const LogPath path = group.sync ? LogPath::kWritten : LogPath::kMapped;
    Status appended = log->Append(entries_, durable_seqno_.load(std::memory_order_relaxed), path);
    if (!appended.ok()) {
      broken_log_ = log;
      return std::move(appended).WithContext("appending to the log: ");
    }
    context_.counters.wal_bytes.fetch_add(log->end_offset() - before, std::memory_order_relaxed);
    log_clean_ = group.sync;
    if (group.sync && log->needs_prewrite()) background_.PrepareLog(tree_.active().log);
  }
  last_seqno_ = next - 1;
  last_index_ = group.applied_index;
  group.last_seqno = last_seqno_;
  return OkStatus();
}

void WritePath::ApplyToMemTable(const Group& group) {
  MemTable& table = *tree_.active().table;
  const std::size_t memory = table.MemoryUsage();
  for (const Writer* writer = group.writers; writer != nullptr; writer = writer->next) {
    if (writer->count == 0) continue;
    table.Apply(writer->batch, writer->first_seqno);
  }
  const std::size_t grown = table.MemoryUsage() - memory;
  if (grown > 0) context_.blocks.Charge(static_cast<std::int64_t>(grown));
}

Status WritePath::SyncLog(LogWriter* log) {
  const std::uint64_t started = context_.clock.MonotonicNanos();
  RETURN_IF_ERROR(log->Sync());
  context_.counters.wal_sync_times.Add(context_.clock.MonotonicNanos() - started);
  return OkStatus();
}

Status WritePath::SyncLogs(LogWriter* active) {
  std::vector<std::shared_ptr<LogWriter>> older;
  {
    MutexLock lock(unsynced_mu_);
    older = unsynced_;
  }
  for (const auto& log : older) RETURN_IF_ERROR(SyncLog(log.get()));
  if (active != nullptr) RETURN_IF_ERROR(SyncLog(active));
  if (!older.empty()) {
    MutexLock lock(unsynced_mu_);
    std::erase_if(unsynced_, [&](const auto& log) {
      return std::find(older.begin(), older.end(), log) != older.end();
    });
  }
  return OkStatus();
}

void WritePath::Publish(const Group& group, Status outcome) {
  // A group behind one that failed may not become visible over the gap.
  if (outcome.ok()) outcome = background_.health();
  if (outcome.ok() && group.batches > 0) {
    if (group.sync) durable_seqno_.store(group.last_seqno, std::memory_order_relaxed);
    applied_index_.store(group.applied_index, std::memory_order_release);
    context_.snapshots.Publish(group.last_seqno);
    EngineCounters& counters = context_.counters;
    counters.operations.fetch_add(group.operations, std::memory_order_relaxed);
    counters.batches.fetch_add(group.writer_count, std::memory_order_relaxed);
    counters.user_bytes.fetch_add(group.bytes, std::memory_order_relaxed);
    counters.commit_groups.fetch_add(1, std::memory_order_relaxed);
  }
  if (!outcome.ok()) {
    for (Writer* writer = group.writers; writer != nullptr; writer = writer->next) {
      // Tables are in the manifest already, whatever became of the batches beside them.
      if (writer->kind == WriterKind::kIngest) continue;
      if (writer->result.ok()) writer->result = outcome;
    }
  }
  queue_.Finish(group.number, group.writers);
}

}  // namespace beachdb
