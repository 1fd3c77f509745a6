#include "tests/errors/error_enumeration.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <set>
#include <utility>

#include "base/random.h"
#include "io/fault_file_system.h"
#include "sim/sim_disk.h"
#include "tests/support/scan.h"
#include "tests/support/sim_workload.h"

namespace beachdb {
namespace {

constexpr std::string_view kKindNames[kErrorKinds] = {
    "I/O error",  "no space",     "short write",          "short write, no space",
    "short read", "sync dropped", "sync dropped and gone"};

bool IsSync(FileOp op) { return op == FileOp::kSync || op == FileOp::kSyncDirectory; }

bool NeedsSpace(FileOp op) {
  return op == FileOp::kWrite || op == FileOp::kAllocate || op == FileOp::kOpen ||
         op == FileOp::kCreateDirectory || op == FileOp::kRename || op == FileOp::kLink ||
         op == FileOp::kLock;
}

bool CanFail(const FileCall& call, ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kIo:
      return true;
    case ErrorKind::kNoSpace:
      return NeedsSpace(call.op);
    case ErrorKind::kShortWrite:
    case ErrorKind::kShortFull:
      return call.op == FileOp::kWrite && call.size > 1;
    case ErrorKind::kShortRead:
      return call.op == FileOp::kRead && call.size > 1;
    case ErrorKind::kSyncDropped:
    case ErrorKind::kSyncGone:
      return call.op == FileOp::kSync;
  }
  return false;
}

// One batch of the only writer. It puts a key that nothing else touches, so that it shows whether
// it is there.
struct Batch {
  KeyValues puts;
  std::set<std::string> deletes;
  bool acknowledged = false;
  bool durable = false;  // synced, or covered by a later call that was acknowledged
};

std::string PresenceKey(std::size_t number) {
  char key[32];
  std::snprintf(key, sizeof key, "batch/%06zu", number);
  return key;
}

void Apply(const Batch& batch, KeyValues& state) {
  for (const auto& [key, value] : batch.puts) state[key] = value;
  for (const std::string& key : batch.deletes) state.erase(key);
}

// One run of the workload, with or without a fault.
class FaultRun {
 public:
  FaultRun(const ErrorConfig& config, const std::optional<InjectedError>& point,
           const FileCall* call)
      : config_(config),
        point_(point),
        random_(config.seed),
        faults_(disk_),
        world_(faults_, config.seed, SimWorld::Threads::kInline) {
    if (point.has_value()) Arm(*call);
  }

  std::vector<FileCall> RecordCalls() {
    faults_.StartRecording();
    Run();
    return faults_.StopRecording();
  }

  void Run() {
    for (std::size_t step = 0; step < config_.steps && ok(); ++step) {
      if (!db_.has_value()) Open();
      if (!ok()) break;
      // A lasting fault ends some steps after its first call has failed.
      if (hit() && point_->span == ErrorSpan::kLasting && ++steps_failing_ == kStepsFailing) Heal();
      if (db_.has_value()) Step();
      if (db_.has_value() && ok()) CompareLive();
    }
    if (!ok()) return;
    Heal();
    if (!db_.has_value()) Open();
    if (ok()) Resume();
    cut_at_ = disk_.Mark();
    before_close_ = batches_;
    if (db_.has_value()) Close();
  }

  // After Run: the end as a power cut or a plain reopening would find it.
  void CompareReopened() {
    const DiskJournal journal = disk_.TakeJournal();
    DiskHistory at_cut(journal);
    at_cut.AdvanceTo(cut_at_);
    DiskHistory at_end(journal);
    at_end.AdvanceTo(journal.events.size());
    CompareAfter(at_cut.Cut({DataFate::kLost, NameFate::kLost}, config_.seed), before_close_,
                 Lost::kUnsynced);
    CompareAfter(at_cut.Cut({DataFate::kSectors, NameFate::kSubset}, config_.seed), before_close_,
                 Lost::kUnsynced);
    CompareAfter(at_end.Cut({DataFate::kKept, NameFate::kKept}, config_.seed), batches_,
                 Lost::kNothing);
  }

  bool ok() const { return failure_.empty(); }
  // What is wrong, and what the user saw before.
  std::string failure() const {
    std::string text = failure_;
    for (const std::string& line : trail_) text += "\n    " + line;
    return text;
  }
  bool reported() const { return errors_ > 0; }
  bool was_read_only() const { return was_read_only_; }
  std::uint64_t reopened() const { return reopened_; }

 private:
  static constexpr std::size_t kStepsFailing = 6;
  // A flush is tried again and again inside one wait of the inline world, so that the end must come
  // by itself too.
  static constexpr std::uint64_t kCallsFailing = 25;
  static constexpr int kTriesMax = 20;
  enum class Lost : std::uint8_t { kUnsynced, kNothing };

  void Arm(const FileCall& call) {
    Fault fault{.skip = point_->call, .times = 1};
    const ErrorKind kind = point_->kind;
    if (kind == ErrorKind::kNoSpace || kind == ErrorKind::kShortFull) fault.code = Code::kNoSpace;
    if (kind == ErrorKind::kShortWrite || kind == ErrorKind::kShortFull) {
      fault.partial_bytes = call.size / 2;
    }
    if (kind == ErrorKind::kShortRead) {
      fault.short_read = true;
      fault.partial_bytes = call.size / 2;
    }
    fault.then = [this, kind](const FileCall& failed) { OnFault(failed, kind); };
    faults_.Inject(std::move(fault));
  }

  // The call that the run is about has failed. A lasting fault goes on with its like.
  void OnFault(const FileCall& call, ErrorKind kind) {
    DropIfAsked(call, kind);
    if (hit_at_.has_value()) return;
    hit_at_ = call;
    trail_.emplace_back("(the fault)");
    if (point_->span == ErrorSpan::kOnce) return;
    Fault fault{.times = kCallsFailing,
                .code = kind == ErrorKind::kNoSpace || kind == ErrorKind::kShortFull
                            ? Code::kNoSpace
                            : Code::kIoError};
    if (fault.code == Code::kNoSpace) {
      fault.ops = {FileOp::kWrite,           FileOp::kAllocate, FileOp::kOpen,
                   FileOp::kCreateDirectory, FileOp::kRename,   FileOp::kLink};
    } else if (IsSync(call.op)) {
      fault.ops = {FileOp::kSync, FileOp::kSyncDirectory};
    } else {
      fault.ops = {call.op};
    }
    if (kind == ErrorKind::kShortRead) fault.short_read = true;
    fault.then = [this, kind](const FileCall& failed) { DropIfAsked(failed, kind); };
    faults_.Inject(std::move(fault));
  }

  void DropIfAsked(const FileCall& call, ErrorKind kind) {
    if (call.op != FileOp::kSync) return;
    if (kind == ErrorKind::kSyncDropped) disk_.DropDirty(call.path, SimDisk::Dropped::kStays);
    if (kind == ErrorKind::kSyncGone) disk_.DropDirty(call.path, SimDisk::Dropped::kGone);
  }

  bool hit() const { return hit_at_.has_value(); }
  bool Failing() const { return hit() && !healed_ && point_->span == ErrorSpan::kLasting; }
  void Heal() {
    if (!healed_) trail_.emplace_back("(healed)");
    faults_.Heal();
    healed_ = true;
  }

  void Fail(const std::string& what) {
    if (failure_.empty()) failure_ = what;
  }
  // An error that the user sees. It needs a cause, and words.
  void Note(const Status& status, const std::string& what) {
    trail_.push_back(what + ": " + status.ToString());
    if (status.ok()) return;
    ++errors_;
    if (!hit()) Fail(what + " failed without a fault: " + status.ToString());
    if (status.error().message().size() < 10) Fail(what + ": says nothing");
    if (status.error().code() == Code::kShutDown) {
      read_only_ = was_read_only_ = true;
    } else if (read_only_) {
      Fail(what + ": read-only, but the error is " + status.ToString());
    }
  }

  // ---- steps ------------------------------------------------------------------------------------

  void Open() {
    const Options options = SimOptions(world_, config_.seed + openings_++, nullptr);
    for (int attempt = 0; attempt < kTriesMax && !db_.has_value(); ++attempt) {
      auto db = Db::Open(kSimDirectory, options);
      if (db.ok()) {
        db_.emplace(std::move(db).value());
        trail_.emplace_back("open: ok");
        errors_at_open_ = errors_;
        read_only_ = false;
        Decide();
        return;
      }
      read_only_ = false;
      Note(OkOr(db), "open");
      if (db.error().code() == Code::kCorruption && point_->kind != ErrorKind::kShortRead) {
        Fail("open calls it corruption: " + db.error().ToString());
      }
      if (!ok()) return;
      if (attempt > 2 && Failing()) Heal();
    }
    if (!db_.has_value()) Fail("the database cannot be opened after the fault has ended");
  }

  template <typename T>
  static Status OkOr(const Result<T>& result) {
    return result.ok() ? OkStatus() : Status(result.error());
  }

  void Step() {
    switch (random_.Uniform(10)) {
      case 0:
        return Durable(db_->Flush(), "flush");
      case 1:
        return Durable(db_->SyncWal(), "sync");
      case 2:
        return Durable(db_->CompactRange(), "compact");
      case 3:
        return Close();
      default:
        Write(random_.OneIn(2));
        if (random_.OneIn(2)) world_.RunTasks();
    }
  }

  void Write(bool sync) {
    const std::size_t number = batches_.size();
    Batch content;
    WriteBatch batch;
    const auto put = [&](const std::string& key, const std::string& value) {
      content.puts[key] = value;
      content.deletes.erase(key);
      if (!batch.Put(key, value).ok()) Fail("a batch is refused");
    };
    put(PresenceKey(number), "");
    for (std::uint64_t i = random_.Uniform(4); i > 0; --i) {
      const std::string key = "key/" + std::to_string(random_.Uniform(8));
      if (random_.OneIn(4)) {
        content.deletes.insert(key);
        content.puts.erase(key);
        if (!batch.Delete(key).ok()) Fail("a batch is refused");
      } else {
        put(key, std::to_string(number) + std::string(random_.Uniform(300), 'v'));
      }
    }
    const Status written =
        db_->Write(batch, {.durability = sync ? Durability::kSync : Durability::kBuffered});
    if (written.ok() && read_only_) Fail("a write is accepted after the database was read-only");
    content.acknowledged = written.ok();
    batches_.push_back(std::move(content));
    Note(written, std::string(sync ? "write " : "buffered write ") + std::to_string(number));
    if (written.ok() && sync) AllDurable();
  }

  void Durable(const Status& status, const char* what) {
    Note(status, what);
    if (status.ok()) AllDurable();
  }
  void AllDurable() {
    for (Batch& batch : batches_) batch.durable = batch.acknowledged;
  }

  // What could not be flushed, because the database is read-only or the disk full, is in the log,
  // as durable as it was promised.
  void Close() {
    const Status closed = db_->Close();
    Note(closed, "close");
    if (closed.ok() && errors_ == errors_at_open_ && !Failing()) AllDurable();
    db_.reset();
  }

  // Without reopening, unless it is read-only, everything works again.
  void Resume() {
    for (int attempt = 0; attempt < kTriesMax && ok(); ++attempt) {
      world_.RunTasks();
      const std::size_t failed = errors_;
      Write(true);
      if (errors_ == failed) return CompareLive();
      if (read_only_) return;
    }
    Fail("writes do not resume although the fault has ended");
  }

  // ---- what must be there -----------------------------------------------------------------------

  KeyValues Expected() const {
    KeyValues state;
    for (const Batch& batch : batches_) {
      if (batch.acknowledged) Apply(batch, state);
    }
    return state;
  }

  // While it is open, exactly what was acknowledged can be read. A read may fail, never lie.
  void CompareLive() {
    Iterator it = db_->NewIterator();
    KeyValues all;
    for (it.SeekToFirst(); it.Valid(); it.Next()) all.emplace(it.key(), it.value());
    if (!it.status().ok()) {
      if (!hit()) return Fail("scan: " + it.status().ToString());
      ++errors_;
      if (Failing()) return;
      const std::string again = CompareAll(*db_, Expected());
      if (!again.empty()) Fail("after a read that failed: " + again);
      return;
    }
    if (all != Expected()) Fail("a scan shows something else than what was acknowledged");
  }

  // At an opening it is decided which of the batches that failed, or were not synced, are there.
  void Decide() {
    if (Failing()) Heal();
    const bool before = hit();
    const std::vector<Batch> undecided = batches_;
    std::string problem = DecideFrom(*db_, batches_, Lost::kNothing);
    if (!problem.empty() && hit() && !before) {  // a read was what failed
      if (Failing()) Heal();
      batches_ = undecided;
      problem = DecideFrom(*db_, batches_, Lost::kNothing);
    }
    if (!problem.empty()) Fail("after reopening: " + problem);
  }

  std::string DecideFrom(const Db& db, std::vector<Batch>& batches, Lost lost) const {
    bool gap = false;
    for (std::size_t i = 0; i < batches.size(); ++i) {
      const auto there = db.Get(PresenceKey(i));
      if (!there.ok()) return "get: " + there.error().ToString();
      const std::string name = "batch " + std::to_string(i);
      Batch& batch = batches[i];
      if (batch.durable && !there->has_value()) return name + " was durable and is lost";
      if (batch.acknowledged && !there->has_value()) {
        // What the kernel had is there, unless a failed sync has made it drop that.
        if (lost == Lost::kNothing && !MayDrop()) return name + " was in the kernel and is lost";
        gap = true;
      }
      if (batch.acknowledged && there->has_value() && gap) return name + " is there behind a gap";
      batch.acknowledged = batch.durable = there->has_value();
    }
    KeyValues state;
    for (const Batch& batch : batches) {
      if (batch.acknowledged) Apply(batch, state);
    }
    return CompareAll(db, state);
  }
  bool MayDrop() const {
    return hit() &&
           (point_->kind == ErrorKind::kSyncGone || point_->kind == ErrorKind::kSyncDropped);
  }

  void CompareAfter(const DiskImage& image, std::vector<Batch> batches, Lost lost) {
    if (!ok()) return;
    SimDisk disk(image);
    SimWorld world(disk, config_.seed, SimWorld::Threads::kInline);
    for (int opening = 0; opening < 2 && ok(); ++opening) {
      auto db = Db::Open(kSimDirectory, SimOptions(world, config_.seed + 77, nullptr));
      ++reopened_;
      if (!db.ok()) return Fail("the last opening: " + db.error().ToString());
      const std::string problem = DecideFrom(*db, batches, opening == 0 ? lost : Lost::kNothing);
      if (!problem.empty()) return Fail("at the end: " + problem);
      const auto report = db->Verify();
      if (!report.ok()) return Fail("verify: " + report.error().ToString());
      if (!report->problems.empty()) return Fail("verify: " + report->problems.front());
      if (const Status closed = db->Close(); !closed.ok()) Fail("close: " + closed.ToString());
    }
  }

  const ErrorConfig& config_;
  const std::optional<InjectedError> point_;
  Random random_;
  SimDisk disk_;
  FaultFileSystem faults_;
  SimWorld world_;
  std::optional<Db> db_;
  std::uint64_t openings_ = 0;
  std::vector<Batch> batches_;
  std::vector<Batch> before_close_;  // at cut_at_
  std::optional<FileCall> hit_at_;
  std::size_t steps_failing_ = 0;
  bool healed_ = false;
  bool read_only_ = false;
  bool was_read_only_ = false;
  std::size_t errors_ = 0;
  std::size_t errors_at_open_ = 0;
  std::uint64_t cut_at_ = 0;
  std::uint64_t reopened_ = 0;
  std::vector<std::string> trail_;
  std::string failure_;
};

// Which calls fail. A sample has those that make the database, the last syncs (what they were to
// make durable is in no table yet when the run ends) and some of the rest.
std::vector<std::uint64_t> CallsToFail(const ErrorConfig& config,
                                       const std::vector<FileCall>& calls) {
  if (config.only.has_value()) return {config.only->call};
  std::vector<std::uint64_t> all(calls.size());
  std::iota(all.begin(), all.end(), std::uint64_t{0});
  if (calls.size() <= config.calls_max) return all;

  const std::uint64_t third = config.calls_max / 3;
  std::set<std::uint64_t> chosen(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(third));
  for (std::uint64_t call = calls.size(); call > 0 && chosen.size() < 2 * third; --call) {
    if (calls[call - 1].op == FileOp::kSync) chosen.insert(call - 1);
  }
  Random random(config.seed + 17);
  while (chosen.size() < config.calls_max) chosen.insert(random.Uniform(calls.size()));
  return {chosen.begin(), chosen.end()};
}

}  // namespace

ErrorReport EnumerateErrors(const ErrorConfig& config) {
  ErrorReport report;
  FaultRun plain(config, std::nullopt, nullptr);
  const std::vector<FileCall> calls = plain.RecordCalls();
  report.calls = calls.size();
  if (!plain.ok()) {
    report.failures.push_back("the workload itself failed: " + plain.failure());
    return report;
  }
  const auto try_one = [&](const InjectedError& point) {
    const FileCall& call = calls[point.call];
    FaultRun run(config, point, &call);
    run.Run();
    if (run.ok()) run.CompareReopened();
    ++report.faults;
    report.reported += run.reported() ? 1 : 0;
    report.read_only += run.was_read_only() ? 1 : 0;
    report.reopened += run.reopened();
    if (run.ok()) return;
    const auto kind = static_cast<std::size_t>(point.kind);
    const auto span = static_cast<std::size_t>(point.span);
    report.failures.push_back("call " + std::to_string(point.call) + " (" + call.ToString() +
                              "): " + std::string(kKindNames[kind]) +
                              (span == 0 ? ", once" : ", lasting") + ": " + run.failure() +
                              "\n  replay: BEACHDB_SEED=" + std::to_string(config.seed) +
                              " BEACHDB_FAULT=" + std::to_string(point.call) + ":" +
                              std::to_string(kind) + ":" + std::to_string(span));
  };
  for (const std::uint64_t call : CallsToFail(config, calls)) {
    for (std::size_t kind = 0; kind < kErrorKinds; ++kind) {
      for (const ErrorSpan span : {ErrorSpan::kOnce, ErrorSpan::kLasting}) {
        const InjectedError point{call, static_cast<ErrorKind>(kind), span};
        if (!CanFail(calls[call], point.kind)) continue;
        if (config.only.has_value() &&
            (config.only->kind != point.kind || config.only->span != span)) {
          continue;
        }
        try_one(point);
        if (report.failures.size() >= config.failures_max) return report;
      }
    }
  }
  return report;
}

void ErrorReport::Add(const ErrorReport& other) {
  calls += other.calls;
  faults += other.faults;
  reported += other.reported;
  read_only += other.read_only;
  reopened += other.reopened;
  failures.insert(failures.end(), other.failures.begin(), other.failures.end());
}

std::string ErrorReport::Line() const {
  return "calls=" + std::to_string(calls) + " faults=" + std::to_string(faults) +
         " reported=" + std::to_string(reported) + " read_only=" + std::to_string(read_only) +
         " reopened=" + std::to_string(reopened) + " failures=" + std::to_string(failures.size());
}

void ReadReplay(ErrorConfig& config) {
  const char* text = std::getenv("BEACHDB_FAULT");
  if (text == nullptr) return;
  unsigned long long call = 0;
  unsigned kind = 0;
  unsigned span = 0;
  if (std::sscanf(text, "%llu:%u:%u", &call, &kind, &span) != 3) return;
  config.only = InjectedError{call, static_cast<ErrorKind>(kind), static_cast<ErrorSpan>(span)};
}

}  // namespace beachdb
