#include "tests/metamorphic/runner.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/strings.h"
#include "beachdb/db.h"
#include "tests/metamorphic/place.h"
#include "tests/model/model.h"

namespace beachdb::metamorphic {
namespace {

std::string Show(std::string_view bytes) {
  return '"' + EscapeBytes(bytes, 40) + "\" (" + std::to_string(bytes.size()) + " bytes)";
}
std::string ShowValue(const std::optional<std::string>& value) {
  return value ? Show(*value) : "nothing";
}

class Runner {
 public:
  Runner(const History& history, const Config& config, Place& place, Sabotage* sabotage)
      : history_(history), config_(config), place_(place), sabotage_(sabotage) {}
  ~Runner() { DropHandles(); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  RunOutcome Run() {
    if (sabotage_ != nullptr) sabotage_->Begins();
    Open();
    for (step_ = 0; step_ < history_.size() && !outcome_.mismatch; ++step_) {
      if (sabotage_ != nullptr) sabotage_->Sees(history_[step_]);
      place_.Pause();
      Do(history_[step_]);
    }
    if (!outcome_.mismatch) Finish();
    return outcome_;
  }

 private:
  struct HeldSnapshot {
    Snapshot snapshot;
    std::uint64_t seqno;
  };
  struct HeldPin {
    PinnedValue pinned;
    std::string want;
  };
  struct HeldIterator {
    Iterator iterator;
    Model::Entries want;
    std::int64_t at = -1;  // index into want; outside: invalid
  };
  struct Applied {
    std::uint64_t index;
    WriteBatch batch;
  };

  // ---- comparing --------------------------------------------------------------------------------

  void Fail(const std::string& what) {
    if (!outcome_.mismatch) outcome_.mismatch = Mismatch{step_, what};
  }
  bool Ok(const Status& status, std::string_view what) {
    if (!status.ok()) Fail(std::string(what) + " failed: " + status.error().ToString());
    return status.ok();
  }
  // An answer goes into the digest whether or not it is right.
  void Answer(std::string_view bytes) {
    ++outcome_.answers;
    outcome_.digest = outcome_.digest * 0x9e3779b97f4a7c15 + Hash64(bytes) + 1;
  }
  void AnswerValue(const std::optional<std::string>& value) {
    Answer(value ? "+" + *value : std::string("-"));
  }
  void Compare(std::uint64_t got, std::uint64_t want, std::string_view what) {
    if (got == want) return;
    Fail(std::string(what) + " is " + std::to_string(got) + ", want " + std::to_string(want));
  }
  void CompareValue(const std::string& key, const std::optional<std::string>& got,
                    const std::optional<std::string>& want, std::string_view how) {
    AnswerValue(got);
    if (got == want) return;
    Fail(std::string(how) + ' ' + Show(key) + " gave " + ShowValue(got) + ", want " +
         ShowValue(want));
  }

  // ---- the database -----------------------------------------------------------------------------

  Options NextOptions() {
    const Setup& setup = config_.setups[openings_++ % config_.setups.size()];
    Options options;
    options.memory_budget = setup.memory_budget;
    options.write_buffer = setup.write_buffer;
    options.compaction_threads = setup.compaction_threads;
    options.block_size = setup.block_size;
    options.table_size = setup.table_size;
    options.filter_bits_per_key = setup.filter_bits_per_key;
    options.compression = setup.compression;
    options.bottom_compression = setup.bottom_compression;
    options.direct_writes = setup.direct_writes;
    options.direct_reads = setup.direct_reads;
    options.memtable = setup.memtable;
    options.log_owner = config_.log_owner;
    options.environment = &place_.environment();
    options.log = [](LogLevel, std::string_view) {};
    return options;
  }

  void Open() {
    auto opened = Db::Open(place_.directory(), NextOptions());
    if (!opened.ok()) return Fail("open failed: " + opened.error().ToString());
    db_.emplace(std::move(opened).value());
    if (!Ok(db_->SetClock([this] { return now_.load(); }), "setting the clock")) return;
    if (config_.log_owner == LogOwner::kCaller) ApplyAgain();
    if (outcome_.mismatch) return;
    Compare(db_->GetStats().last_seqno, model_.seqno(), "the last seqno after opening");
    CheckIndex();
  }

  // As the owner of the log after a crash.
  void ApplyAgain() {
    const std::uint64_t durable = db_->DurableIndex();
    if (db_->AppliedIndex() != durable) {
      Fail("after opening AppliedIndex is " + std::to_string(db_->AppliedIndex()) +
           ", DurableIndex " + std::to_string(durable));
    }
    while (!log_.empty() && log_.front().index <= durable) log_.pop_front();
    for (const Applied& applied : log_) {
      if (!Ok(db_->Write(applied.batch, {.applied_index = applied.index}), "applying again"))
        return;
    }
  }

  void CheckIndex() {
    if (!config_.indexed) return;
    if (db_->AppliedIndex() != last_index_) {
      Fail("AppliedIndex is " + std::to_string(db_->AppliedIndex()) + ", want " +
           std::to_string(last_index_));
    }
    if (db_->DurableIndex() > last_index_) Fail("DurableIndex is beyond the last write");
  }

  void DropHandles() {
    pins_ = {};
    iterators_ = {};
    snapshots_ = {};
  }

  void Reopen() {
    DropHandles();
    if (config_.reopen == Reopen::kNever) return;
    if (config_.reopen == Reopen::kClean) {
      if (!Ok(db_->Close(), "close")) return;
      db_.reset();
    } else {
      place_.Crash(config_.reopen, [this] {
        // What a dead process cannot do may fail; that nothing of it counts is all that matters.
        static_cast<void>(db_->Close());
        db_.reset();
      });
    }
    Open();
  }

  // ---- steps ------------------------------------------------------------------------------------

  void Do(const Operation& op) {
    switch (op.kind) {
      case OpKind::kWrite:
      case OpKind::kBatch:
        return DoWrite(op);
      case OpKind::kGuarded:
        return DoGuarded(op);
      case OpKind::kTick:
        now_ += op.seconds;
        model_.SetNow(now_);
        return;
      case OpKind::kGet:
        return DoGet(op);
      case OpKind::kMultiGet:
        return DoMultiGet(op);
      case OpKind::kPin:
        return DoPin(op);
      case OpKind::kUnpin:
        return DoUnpin(op);
      case OpKind::kSnapshot: {
        Snapshot snapshot = db_->GetSnapshot();
        Answer(std::to_string(snapshot.seqno()));
        Compare(snapshot.seqno(), model_.seqno(), "the seqno of a snapshot");
        snapshots_[Slot(op)] =
            std::make_unique<HeldSnapshot>(HeldSnapshot{std::move(snapshot), model_.seqno()});
        return;
      }
      case OpKind::kRelease:
        snapshots_[Slot(op)].reset();
        return;
      case OpKind::kIterator:
        return DoIterator(op);
      case OpKind::kMove:
        return DoMove(op);
      case OpKind::kClose:
        iterators_[Slot(op)].reset();
        return;
      case OpKind::kScan:
        return DoScan(op);
      case OpKind::kFlush:
        Ok(db_->Flush(), "flush");
        return;
      case OpKind::kCompact:
        Ok(db_->CompactRange(op.lower, op.upper), "compact");
        return;
      case OpKind::kReopen:
        return Reopen();
      case OpKind::kSync:
        Ok(db_->SyncWal(), "sync");
        return;
      case OpKind::kVerify:
        return Verify();
    }
  }

  static std::size_t Slot(const Operation& op) { return static_cast<std::size_t>(op.slot); }

  const HeldSnapshot* StateOf(const Operation& op) const {
    if (op.state == Operation::kNewest) return nullptr;
    return snapshots_[static_cast<std::size_t>(op.state)].get();
  }
  std::uint64_t SeqnoOf(const HeldSnapshot* held) const {
    return held == nullptr ? model_.seqno() : held->seqno;
  }
  ReadOptions ReadOf(const HeldSnapshot* held) const {
    return {.snapshot = held == nullptr ? nullptr : &held->snapshot, .fill_cache = step_ % 4 != 0};
  }

  Durability DurabilityOf(const Operation& op) const {
    const bool sync =
        config_.durability == Asked::kAsAsked ? op.sync : config_.durability == Asked::kAlwaysSync;
    return sync ? Durability::kSync : Durability::kBuffered;
  }

  void DoWrite(const Operation& op) {
    WriteBatch batch;
    for (const Write& write : op.writes) Add(write, batch);
    WriteOptions options{.durability = DurabilityOf(op)};
    if (config_.indexed) options.applied_index = last_index_ = step_ + 1;
    if (config_.log_owner == LogOwner::kCaller) log_.push_back({last_index_, batch});
    if (op.kind == OpKind::kWrite && batch.count() == 1) {
      Ok(WriteAlone(op.writes.front(), options), "write");
    } else {
      Ok(db_->Write(batch, options), "batch");
    }
    CheckIndex();
  }

  // To the batch and to the model.
  void Add(const Write& write, WriteBatch& batch) {
    if (!write.IsReal()) return;
    const bool lost = sabotage_ != nullptr && sabotage_->Loses(write);
    std::optional<std::string> value;
    if (write.value) value = write.value->Bytes();
    Status added;
    if (!write.range_end.empty()) {
      if (!lost) added = batch.DeleteRange(write.key, write.range_end);
      model_.DeleteRange(write.key, write.range_end);
    } else if (write.ends_at) {
      if (!lost) added = batch.PutExpiring(write.key, *value, *write.ends_at);
      model_.Set(write.key, std::move(value), *write.ends_at);
    } else {
      if (!lost) added = value ? batch.Put(write.key, *value) : batch.Delete(write.key);
      model_.Set(write.key, std::move(value));
    }
    Ok(added, "adding to a batch");
  }

  Status WriteAlone(const Write& write, const WriteOptions& options) {
    if (!write.range_end.empty()) return db_->DeleteRange(write.key, write.range_end, options);
    if (!write.value) return db_->Delete(write.key, options);
    const std::string value = write.value->Bytes();
    if (write.ends_at) return db_->PutExpiring(write.key, value, *write.ends_at, options);
    return db_->Put(write.key, value, options);
  }

  // What the model says of the precondition; nullopt: the step means nothing here.
  std::optional<bool> Holds(const Operation& op, WriteBatch& batch) {
    const std::string& key = op.keys[0];
    const std::optional<std::string> now = model_.Get(key, model_.seqno());
    // The owner of a log may have to apply it again, when the clock has gone on.
    if (model_.LastMayEnd(key)) return std::nullopt;
    switch (op.condition) {
      case Condition::kAbsent:
        Ok(batch.RequireAbsent(key), "requiring");
        return !now.has_value();
      case Condition::kEqual:
        Ok(batch.RequireEqual(key, now.value_or("never written")), "requiring");
        return now.has_value();
      case Condition::kOther:
        Ok(batch.RequireEqual(key, "never written"), "requiring");
        return false;
      case Condition::kUnchanged:
        break;
    }
    const HeldSnapshot* held = StateOf(op);
    if (held == nullptr) return std::nullopt;
    // That it was written and deleted again meanwhile may be forgotten.
    if (!now && !model_.Get(key, held->seqno)) return std::nullopt;
    Ok(batch.RequireUnchanged(key, held->snapshot), "requiring");
    return model_.LastChange(key) <= held->seqno;
  }

  void DoGuarded(const Operation& op) {
    WriteBatch batch;
    const std::optional<bool> holds = Holds(op, batch);
    if (!holds) return;
    const Model before = model_;
    model_.Skip(1);  // the guard has a seqno of its own
    for (const Write& write : op.writes) Add(write, batch);
    WriteOptions options{.durability = DurabilityOf(op)};
    if (config_.indexed) options.applied_index = step_ + 1;
    const Status written = db_->Write(batch, options);
    Answer(written.ok() ? "written" : "refused");
    if (!*holds) {
      model_ = before;
      if (written.ok()) return Fail("a batch was written whose precondition does not hold");
      if (written.error().code() != Code::kConflict) Ok(written, "guarded batch");
      return;
    }
    if (!Ok(written, "guarded batch")) return;
    if (config_.indexed) last_index_ = options.applied_index;
    if (config_.log_owner == LogOwner::kCaller) log_.push_back({last_index_, batch});
    CheckIndex();
  }

  void DoGet(const Operation& op) {
    const HeldSnapshot* held = StateOf(op);
    const auto got = db_->Get(op.keys[0], ReadOf(held));
    if (!got.ok()) return Fail("get failed: " + got.error().ToString());
    CompareValue(op.keys[0], *got, model_.Get(op.keys[0], SeqnoOf(held)), "get");
  }

  void DoMultiGet(const Operation& op) {
    const HeldSnapshot* held = StateOf(op);
    const std::vector<std::string_view> keys(op.keys.begin(), op.keys.end());
    const auto got = db_->MultiGet(keys, ReadOf(held));
    if (!got.ok()) return Fail("multiget failed: " + got.error().ToString());
    if (got->size() != keys.size()) return Fail("multiget gave another number of answers");
    for (std::size_t i = 0; i < keys.size(); ++i) {
      CompareValue(op.keys[i], (*got)[i], model_.Get(op.keys[i], SeqnoOf(held)), "multiget");
    }
  }

  void DoPin(const Operation& op) {
    const HeldSnapshot* held = StateOf(op);
    auto got = db_->GetPinned(op.keys[0], ReadOf(held));
    if (!got.ok()) return Fail("pin failed: " + got.error().ToString());
    std::optional<std::string> copy;
    if (got->has_value()) copy = std::string((*got)->view());
    CompareValue(op.keys[0], copy, model_.Get(op.keys[0], SeqnoOf(held)), "pin");
    if (!copy) return;
    pins_[Slot(op)] = std::make_unique<HeldPin>(HeldPin{std::move(**got), *std::move(copy)});
  }

  void DoUnpin(const Operation& op) {
    const std::unique_ptr<HeldPin> held = std::move(pins_[Slot(op)]);
    if (held == nullptr) return;
    Answer(held->pinned.view());
    if (held->pinned.view() != held->want) {
      Fail("a pinned value has become " + Show(held->pinned.view()) + ", was " + Show(held->want));
    }
  }

  IteratorOptions OptionsOf(const Operation& op, const HeldSnapshot* held) const {
    IteratorOptions options;
    static_cast<ReadOptions&>(options) = ReadOf(held);
    options.lower = op.lower;
    options.upper = op.upper;
    options.prefix = op.prefix;
    return options;
  }

  void DoIterator(const Operation& op) {
    const HeldSnapshot* held = StateOf(op);
    iterators_[Slot(op)] = std::make_unique<HeldIterator>(
        HeldIterator{db_->NewIterator(OptionsOf(op, held)),
                     model_.Scan(SeqnoOf(held), op.lower, op.upper, op.prefix)});
  }

  void DoMove(const Operation& op) {
    HeldIterator* held = iterators_[Slot(op)].get();
    if (held == nullptr) return;
    Iterator& it = held->iterator;
    const auto size = static_cast<std::int64_t>(held->want.size());
    const bool valid = held->at >= 0 && held->at < size;
    const auto at_or_after = [&](const std::string& target) {
      return std::lower_bound(held->want.begin(), held->want.end(), target,
                              [](const auto& e, const auto& t) { return e.first < t; }) -
             held->want.begin();
    };
    switch (op.move) {
      case Move::kFirst:
        it.SeekToFirst();
        held->at = 0;
        break;
      case Move::kLast:
        it.SeekToLast();
        held->at = size - 1;
        break;
      case Move::kSeek:
        it.Seek(op.keys[0]);
        held->at = at_or_after(op.keys[0]);
        break;
      case Move::kSeekForPrev:
        it.SeekForPrev(op.keys[0]);
        held->at = at_or_after(op.keys[0]);
        if (held->at == size ||
            held->want[static_cast<std::size_t>(held->at)].first != op.keys[0]) {
          --held->at;
        }
        break;
      case Move::kNext:
        if (!valid) return;
        it.Next();
        ++held->at;
        break;
      case Move::kPrev:
        if (!valid) return;
        it.Prev();
        --held->at;
        break;
    }
    CompareIterator(*held);
  }

  void CompareIterator(const HeldIterator& held) {
    const Iterator& it = held.iterator;
    if (!Ok(it.status(), "moving an iterator")) return;
    const bool valid = held.at >= 0 && held.at < static_cast<std::int64_t>(held.want.size());
    Answer(it.Valid() ? std::string(it.key()) : std::string());
    if (it.Valid() && !valid) {
      return Fail("an iterator shows " + Show(it.key()) + ", want the end");
    }
    if (!valid) return;
    const auto& [key, value] = held.want[static_cast<std::size_t>(held.at)];
    if (!it.Valid()) return Fail("an iterator is at its end, want " + Show(key));
    if (it.key() != key) {
      return Fail("an iterator shows " + Show(it.key()) + ", want " + Show(key));
    }
    CompareValue(key, std::string(it.value()), value, "an iterator at");
  }

  void DoScan(const Operation& op) {
    const HeldSnapshot* held = StateOf(op);
    Model::Entries want = model_.Scan(SeqnoOf(held), op.lower, op.upper, op.prefix);
    HeldIterator walk{db_->NewIterator(OptionsOf(op, held)), std::move(want)};
    const auto size = static_cast<std::int64_t>(walk.want.size());
    walk.at = op.reverse ? size - 1 : 0;
    op.reverse ? walk.iterator.SeekToLast() : walk.iterator.SeekToFirst();
    CompareIterator(walk);
    while (!outcome_.mismatch && walk.at >= 0 && walk.at < size) {
      op.reverse ? walk.iterator.Prev() : walk.iterator.Next();
      walk.at += op.reverse ? -1 : 1;
      CompareIterator(walk);
    }
  }

  void Verify() {
    const auto report = db_->Verify();
    if (!report.ok()) return Fail("verify failed: " + report.error().ToString());
    if (!report->problems.empty()) Fail("verify found: " + report->problems.front());
  }

  // All states that can still be seen, both ways, before and after a last opening.
  void Finish() {
    for (std::size_t slot = 0; slot < snapshots_.size(); ++slot) {
      if (snapshots_[slot] == nullptr) continue;
      DoScan({.kind = OpKind::kScan, .state = static_cast<int>(slot)});
      DoScan({.kind = OpKind::kScan, .state = static_cast<int>(slot), .reverse = true});
    }
    for (const auto& iterator : iterators_) {
      if (iterator != nullptr) CompareIterator(*iterator);
    }
    for (int slot = 0; slot < kSlots; ++slot) DoUnpin({.kind = OpKind::kUnpin, .slot = slot});
    DoScan({.kind = OpKind::kScan});
    if (outcome_.mismatch) return;
    Verify();
    DropHandles();
    if (!Ok(db_->Close(), "close")) return;
    db_.reset();
    Open();
    if (outcome_.mismatch) return;
    DoScan({.kind = OpKind::kScan});
    DoScan({.kind = OpKind::kScan, .reverse = true});
    if (!outcome_.mismatch) Verify();
  }

  const History& history_;
  const Config& config_;
  Place& place_;
  Sabotage* const sabotage_;

  Model model_;
  std::optional<Db> db_;
  std::size_t openings_ = 0;
  std::array<std::unique_ptr<HeldSnapshot>, kSlots> snapshots_;
  std::array<std::unique_ptr<HeldPin>, kSlots> pins_;
  std::array<std::unique_ptr<HeldIterator>, kSlots> iterators_;
  std::atomic<std::uint64_t> now_{0};  // compactions read it, too
  std::uint64_t last_index_ = 0;
  std::deque<Applied> log_;  // the caller's: what may have to be applied again
  std::size_t step_ = 0;
  RunOutcome outcome_;
};

}  // namespace

RunOutcome RunOnBeachDb(const History& history, const Config& config, const std::string& directory,
                        Sabotage* sabotage) {
  Place place(config, directory);
  RunOutcome outcome;
  place.Run([&] { outcome = Runner(history, config, place, sabotage).Run(); });
  return outcome;
}

}  // namespace beachdb::metamorphic
