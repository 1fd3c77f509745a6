#include "engine/db_iterator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/rare_branch.h"
#include "kv/expiry.h"

namespace beachdb {
namespace {

// Versions passed one by one before a seek jumps over the rest of them.
constexpr int kStepsBeforeSeek = 8;

// Trailers before and behind all versions of a key.
constexpr std::uint64_t kFirstTrailer = ~std::uint64_t{0};
constexpr std::uint64_t kLastTrailer = 0;

// The smallest key beyond all that begin with `prefix`; empty: there is none.
std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

std::string LowerBound(const IteratorOptions& options) {
  return std::string(std::max(options.lower, options.prefix));
}

std::string UpperBound(const IteratorOptions& options) {
  std::string end = PrefixEnd(options.prefix);
  if (options.upper.empty()) return end;
  if (end.empty() || options.upper < end) return std::string(options.upper);
  return end;
}

}  // namespace

DbIterator::DbIterator(EngineContext& context, ReadState* state, Seqno snapshot,
                       const IteratorOptions& options)
    : context_(context),
      state_(state),
      snapshot_(snapshot),
      lower_(LowerBound(options)),
      upper_(UpperBound(options)),
      nothing_(!upper_.empty() && lower_ >= upper_),
      merge_(OpenRuns(options.fill_cache ? ScanKind::kRead : ScanKind::kNoFill)) {
  cover_status_ = OpenCover();
  if (context_.expiry.in_use()) now_ = context_.expiry.Now();
  context_.counters.iterators.fetch_add(1, std::memory_order_relaxed);
}

DbIterator::~DbIterator() {
  PayForLevel0(0);
  // The runs go first: they point into what the read state holds.
  merge_ = MergingIterator<RunIterator>({});
  state_->Unref();
  context_.counters.iterators.fetch_sub(1, std::memory_order_release);
}

void DbIterator::PayForLevel0(std::uint64_t seeks) {
  const std::uint64_t steps = std::exchange(steps_, 0);
  const std::uint64_t dead = dead_.Droppable() - std::exchange(dead_paid_, dead_.Droppable());
  if (level0_runs_ == 0) return;
  context_.read_debt.Charge(seeks * level0_runs_ * ReadDebt::kSeek + steps * ReadDebt::kStep +
                            dead * ReadDebt::kDead);
}

std::vector<RunIterator> DbIterator::OpenRuns(ScanKind kind) {
  std::vector<RunIterator> runs;
  if (nothing_) return runs;
  const auto outside = [this](const TableRef& table) {
    return BelowLower(table->file().largest) || BeyondUpper(table->file().smallest);
  };
  const LevelView& top = state_->levels[0];
  runs.reserve(1 + state_->waiting.size() + top.tables().size() + kLevels - 1);
  runs.emplace_back(state_->active->NewIterator());
  for (const MemTableRef& table : state_->waiting) runs.emplace_back(table->NewIterator());
  // Runs of level 0 overlap each other, so each is a source of its own.
  for (std::size_t i = 0; i < top.tables().size(); ++i) {
    if (outside(top.tables()[i])) continue;
    runs.emplace_back(LevelIterator(LevelRun(top, i, i + 1), kind));
    ++level0_runs_;
  }
  for (std::size_t level = 1; level < state_->levels.size(); ++level) {
    const LevelView& view = state_->levels[level];
    const std::size_t count = view.tables().size();
    const std::size_t begin = lower_.empty() ? 0 : view.FirstReaching(lower_, 0, count);
    std::size_t end = upper_.empty() ? count : view.FirstReaching(upper_, begin, count);
    if (end < count && !outside(view.tables()[end])) ++end;
    if (begin < end) runs.emplace_back(LevelIterator(LevelRun(view, begin, end), kind));
  }
  return runs;
}

Status DbIterator::OpenCover() {
  if (nothing_) return OkStatus();
  std::vector<RangeTombstone> seen;
  const auto add = [&](const RangeTombstone& tombstone) {
    const bool outside = (!lower_.empty() && tombstone.end <= lower_) ||
                         (!upper_.empty() && tombstone.begin >= upper_);
    if (tombstone.seqno <= snapshot_ && !outside) seen.push_back(tombstone);
  };
  std::vector<RangeTombstone> in_memory;
  state_->active->AppendRanges(in_memory);
  for (const MemTableRef& table : state_->waiting) table->AppendRanges(in_memory);
  for (const RangeTombstone& tombstone : in_memory) add(tombstone);
  std::vector<std::shared_ptr<Table>> held;  // their keys, until they are copied
  for (const TableRef& slot : state_->with_ranges) {
    if (BelowLower(slot->file().largest) || BeyondUpper(slot->file().smallest)) continue;
    auto table = slot->Open();
    if (!table.ok()) return table.error();
    for (std::size_t i = 0; i < (*table)->ranges().size(); ++i) add((*table)->ranges()[i]);
    held.push_back(*std::move(table));
  }
  if (!seen.empty()) cover_ = std::make_unique<RangeCover>(std::move(seen));
  return OkStatus();
}

bool DbIterator::BeginSeek() {
  status_ = cover_status_;
  valid_ = false;
  return !nothing_ && status_.ok();
}

bool DbIterator::Shows(std::uint64_t trailer, std::string_view stored, std::string_view* value) {
  if (TrailerKind(trailer) != Kind::kPutExpiring) return false;
  if (!now_) now_ = context_.expiry.Now();
  if (ExpiresAt(stored) <= *now_) {
    ++dead_.expired;
    return false;
  }
  *value = ValueBehindExpiry(stored);
  return true;
}

std::uint64_t DbIterator::expires_at() const {
  if (direction_ == Direction::kReverse) return ends_;
  return TrailerKind(merge_.trailer()) == Kind::kPutExpiring ? ExpiresAt(merge_.value()) : 0;
}

void DbIterator::PassRangeDeleted(int in_a_row) {
  ++dead_.range_deleted;
  const Seqno covering = cover_->At(merge_.user_key());
  if (in_a_row < kStepsBeforeSeek || !merge_.current().MaySkip(covering)) return merge_.Next();
  RARE_BRANCH("iterator_skips_range");
  ++dead_.jumps;
  merge_.Skip([this](RunIterator& run) { run.SkipTo(cover_->EndHere()); });
}

ScanExplanation DbIterator::Explain() const {
  ScanExplanation explanation;
  explanation.lower = lower_;
  explanation.upper = upper_;
  explanation.snapshot = snapshot_;
  for (const LevelView& level : state_->levels) explanation.files_outside += level.tables().size();
  bool active = true;  // the first source
  for (const RunIterator& source : merge_.sources()) {
    ExplainedRun run;
    if (const LevelIterator<LevelRun>* disk = source.disk()) {
      const ScanCost cost = disk->cost();
      run.level = static_cast<int>(&disk->run().level() - state_->levels.data());
      run.files = disk->run().size();
      run.files_opened = cost.tables;
      run.blocks_cached = cost.blocks_cached;
      run.blocks_read = cost.blocks_read;
      run.reads = cost.reads;
      run.bytes_read = cost.bytes_read;
      explanation.files_outside -= run.files;
    } else {
      run.active = std::exchange(active, false);
    }
    explanation.runs.push_back(run);
  }
  explanation.tombstones = dead_.tombstones;
  explanation.older_versions = dead_.older;
  explanation.newer_versions = dead_.newer;
  explanation.range_deleted = dead_.range_deleted;
  explanation.expired = dead_.expired;
  explanation.jumps = dead_.jumps;
  return explanation;
}

void DbIterator::EndOfMerge() {
  valid_ = false;
  status_ = merge_.status();
}

// ---- forward ------------------------------------------------------------------------------------

void DbIterator::FindForward(bool skip_key) {
  direction_ = Direction::kForward;
  valid_ = false;
  int steps = 0;
  int range_deleted = 0;
  while (merge_.Valid()) {
    const std::string_view key = merge_.user_key();
    const std::uint64_t trailer = merge_.trailer();
    if (skip_key && key_ == key) {
      // An older version of a key that is settled.
      if (++steps > kStepsBeforeSeek) {
        RARE_BRANCH("iterator_jumps_older_versions");
        ++dead_.jumps;
        merge_.Seek(key_.view(), kLastTrailer);
        steps = 0;
      } else {
        ++dead_.older;
        merge_.Next();
      }
      continue;
    }
    if (BeyondUpper(key)) return;
    if (TrailerSeqno(trailer) > snapshot_) [[unlikely]] {
      if (++steps > kStepsBeforeSeek) {
        RARE_BRANCH("iterator_jumps_newer_versions");
        ++dead_.jumps;
        key_.Assign(key);
        merge_.Seek(key_.view(), SeekTrailer(snapshot_));
        steps = 0;
        skip_key = false;
      } else {
        ++dead_.newer;
        merge_.Next();
      }
      continue;
    }
    if (IsRangeDeleted(key, trailer)) [[unlikely]] {
      // So is every older version of the key.
      PassRangeDeleted(++range_deleted);
      continue;
    }
    key_.Assign(key);
    if (TrailerKind(trailer) == Kind::kPut) [[likely]] {
      value_ = merge_.value();
      valid_ = true;
      return;
    }
    if (Shows(trailer, merge_.value(), &value_)) {
      valid_ = true;
      return;
    }
    if (TrailerKind(trailer) == Kind::kDelete) ++dead_.tombstones;
    skip_key = true;
    steps = 0;
    merge_.Next();
  }
  EndOfMerge();
}

void DbIterator::SeekToFirst() {
  if (!BeginSeek()) return;
  PayForLevel0(1);
  if (lower_.empty()) {
    merge_.SeekToFirst();
  } else {
    merge_.Seek(lower_, kFirstTrailer);
  }
  FindForward(false);
}

void DbIterator::Seek(std::string_view target) {
  if (!BeginSeek()) return;
  PayForLevel0(1);
  if (BelowLower(target)) target = lower_;
  merge_.Seek(target, SeekTrailer(snapshot_));
  FindForward(false);
}

void DbIterator::Next() {
  CHECK(valid_);
  if (direction_ == Direction::kReverse) {
    merge_.Seek(key_.view(), kLastTrailer);
  } else {
    merge_.Next();
  }
  ++steps_;
  FindForward(true);
}

// ---- reverse ------------------------------------------------------------------------------------

void DbIterator::CopyValue(std::string_view value) {
  value_copy_.assign(value);
  value_ = value_copy_;
}

void DbIterator::CountDead(int seen, int hidden, bool shown) {
  dead_.newer += static_cast<std::uint64_t>(hidden);
  if (std::exchange(newest_covered_, false)) {
    ++covered_in_a_row_;
    ++dead_.range_deleted;
    return;
  }
  if (seen > 1) dead_.older += static_cast<std::uint64_t>(seen) - 1;
  if (seen > 0 && !shown) ++dead_.tombstones;
}

// Takes note of the entry that the merge stands on, which the snapshot sees: of the versions of a
// key, which come oldest first, the last one counts. Whether it is a value.
bool DbIterator::NoteVersion() {
  const std::uint64_t trailer = merge_.trailer();
  if (cover_ != nullptr || TrailerKind(trailer) == Kind::kPutExpiring) [[unlikely]] {
    return NoteRareVersion(trailer);
  }
  if (TrailerKind(trailer) != Kind::kPut) return false;
  ends_ = 0;
  if (merge_.current().PrevKeepsValue()) [[likely]] {
    value_ = merge_.value();
  } else {
    CopyValue(merge_.value());
  }
  return true;
}

bool DbIterator::NoteRareVersion(std::uint64_t trailer) {
  newest_covered_ = IsRangeDeleted(merge_.user_key(), trailer);
  if (newest_covered_) return false;
  covered_in_a_row_ = 0;
  const bool ends = TrailerKind(trailer) == Kind::kPutExpiring;
  ends_ = ends ? ExpiresAt(merge_.value()) : 0;
  std::string_view value = merge_.value();
  if (TrailerKind(trailer) != Kind::kPut && !Shows(trailer, value, &value)) return false;
  CopyValue(value);
  return true;
}

// The merge stands in a row of entries that a range tombstone hides: leaves those of this table.
bool DbIterator::SkippedBack() {
  const Seqno covering = cover_->At(merge_.user_key());
  if (covering == 0 || !merge_.current().MaySkip(covering)) return false;
  RARE_BRANCH("iterator_skips_range_back");
  ++dead_.jumps;
  merge_.Skip([this](RunIterator& run) { run.SkipBackTo(cover_->BeginHere()); });
  return true;
}

// The key has many versions: asks for its newest one, then goes on in front of them all. Whether
// it is a value; `shown`: what the versions so far say.
bool DbIterator::JumpedBack(bool shown) {
  RARE_BRANCH("iterator_jumps_back");
  ++dead_.jumps;
  merge_.Seek(key_.view(), SeekTrailer(snapshot_));
  if (!merge_.Valid() && !merge_.status().ok()) return false;
  if (merge_.Valid() && key_ == merge_.user_key()) {
    shown = NoteVersion();
    if (shown && value_.data() != value_copy_.data()) CopyValue(value_);
  }
  merge_.SeekForPrev(key_.view(), kFirstTrailer);
  return shown;
}

void DbIterator::FindReverse() {
  direction_ = Direction::kReverse;
  valid_ = false;
  while (merge_.Valid()) {
    if (BelowLower(merge_.user_key())) return;
    if (covered_in_a_row_ >= kStepsBeforeSeek && SkippedBack()) [[unlikely]]
      continue;
    key_.Assign(merge_.user_key());
    bool shown = false;
    int steps = 0;
    int hidden = 0;
    for (;;) {
      if (TrailerSeqno(merge_.trailer()) > snapshot_) [[unlikely]] {
        ++hidden;
      } else {
        shown = NoteVersion();
      }
      if (++steps > kStepsBeforeSeek) {
        shown = JumpedBack(shown);
        break;
      }
      merge_.Prev();
      if (!merge_.Valid() || !(key_ == merge_.user_key())) [[likely]]
        break;
      // A newer version: one more step may take the value away.
      if (shown && value_.data() != value_copy_.data()) CopyValue(value_);
    }
    if (!merge_.Valid() && !merge_.status().ok()) break;
    if (steps > 1 || !shown) [[unlikely]]
      CountDead(steps - hidden, hidden, shown);
    if (shown) {
      valid_ = true;
      return;
    }
  }
  EndOfMerge();
}

void DbIterator::SeekToLast() {
  if (!BeginSeek()) return;
  PayForLevel0(1);
  if (upper_.empty()) {
    merge_.SeekToLast();
  } else {
    merge_.SeekForPrev(upper_, kFirstTrailer);
  }
  FindReverse();
}

void DbIterator::SeekForPrev(std::string_view target) {
  if (!BeginSeek()) return;
  if (BeyondUpper(target)) return SeekToLast();
  PayForLevel0(1);
  merge_.SeekForPrev(target, kLastTrailer);
  FindReverse();
}

void DbIterator::Prev() {
  CHECK(valid_);
  if (direction_ == Direction::kForward) merge_.SeekForPrev(key_.view(), kFirstTrailer);
  ++steps_;
  FindReverse();
}

}  // namespace beachdb
