// Engine::Explain, ExplainScan and History: reads that say how they came to their answers.
#include <algorithm>
#include <utility>

#include "base/epoch.h"
#include "base/try.h"
#include "engine/db_iterator.h"
#include "engine/engine.h"
#include "engine/point_reader.h"
#include "kv/expiry.h"

namespace beachdb {
namespace {

ExplainedTable Unasked(const FileMetadata& file, std::string_view key) {
  const bool holds = file.smallest <= key && key <= file.largest;
  return {.number = file.number,
          .smallest_key = file.smallest,
          .largest_key = file.largest,
          .finding = holds ? Finding::kNotAsked : Finding::kRange,
          .opened = false,
          .block = std::nullopt,
          .nanos = 0};
}

// Every place that the get may ask, in its order, nothing asked yet.
GetExplanation Places(const ReadState& state, std::string_view key, Seqno snapshot) {
  GetExplanation explanation;
  explanation.key = key;
  explanation.snapshot = snapshot;
  const auto add = [&](const MemTable& table, bool active) {
    explanation.memtables.push_back({.active = active,
                                     .entries = table.entries(),
                                     .bytes = table.MemoryUsage(),
                                     .finding = Finding::kNotAsked,
                                     .nanos = 0});
  };
  add(*state.active, true);
  for (const MemTableRef& table : state.waiting) add(*table, false);
  for (std::size_t i = 0; i < state.levels.size(); ++i) {
    const LevelView& view = state.levels[i];
    if (view.empty()) continue;
    ExplainedLevel level{.level = static_cast<int>(i), .files = view.tables().size(), .tables = {}};
    if (i == 0) {
      for (const TableRef& slot : view.tables()) level.tables.push_back(Unasked(slot->file(), key));
    } else if (const TableSlot* slot = view.Find(key)) {
      level.tables.push_back(Unasked(slot->file(), key));
    }
    explanation.levels.push_back(std::move(level));
  }
  return explanation;
}

KeyVersion VersionOf(std::uint64_t trailer, std::string_view stored) {
  KeyVersion version{.seqno = TrailerSeqno(trailer),
                     .kind = VersionKind::kDelete,
                     .value_bytes = stored.size(),
                     .expires_at = 0};
  if (TrailerKind(trailer) == Kind::kPut) version.kind = VersionKind::kPut;
  if (TrailerKind(trailer) == Kind::kPutExpiring) {
    version.kind = VersionKind::kPutExpiring;
    version.value_bytes -= kExpirySize;
    version.expires_at = ExpiresAt(stored);
  }
  return version;
}

// Every version of `key` in one sorted run, newest first, range tombstones among them. `ranges`: of
// the run.
template <EntryIterator Run>
Status AddVersions(Run& run, const std::vector<RangeTombstone>& ranges, std::string_view key,
                   int level, std::uint64_t table, std::vector<KeyVersion>& versions) {
  const auto first = static_cast<std::ptrdiff_t>(versions.size());
  for (run.Seek(key, ~std::uint64_t{0}); run.Valid() && run.user_key() == key; run.Next()) {
    versions.push_back(VersionOf(run.trailer(), run.value()));
  }
  for (const RangeTombstone& range : ranges) {
    if (!range.Covers(key)) continue;
    versions.push_back({.seqno = range.seqno, .kind = VersionKind::kDeleteRange});
  }
  std::stable_sort(versions.begin() + first, versions.end(),
                   [](const KeyVersion& a, const KeyVersion& b) { return a.seqno > b.seqno; });
  for (auto version = versions.begin() + first; version != versions.end(); ++version) {
    version->level = level;
    version->table = table;
  }
  return run.status();
}

}  // namespace

Result<GetExplanation> Engine::Explain(std::string_view key, const ReadOptions& options) {
  RETURN_IF_ERROR(CheckKey(key));
  EpochGuard guard;
  Seqno snapshot = 0;
  const ReadState* state = StateFor(options, &snapshot);
  GetExplanation explanation = Places(*state, key, snapshot);
  const std::uint64_t started = context_.clock.MonotonicNanos();
  ReadNotes notes(context_.clock, explanation);
  PointHit hit;
  RETURN_IF_ERROR(
      PointReader(context_, *state, snapshot, options.fill_cache).Get(key, &hit, notes));
  explanation.nanos = context_.clock.MonotonicNanos() - started;
  if (hit.found) explanation.value.emplace(hit.value);
  return explanation;
}

Result<ScanExplanation> Engine::ExplainScan(const IteratorOptions& options, ScanOrder order,
                                            std::uint64_t limit) {
  const std::uint64_t started = context_.clock.MonotonicNanos();
  ReadStateRef state(tree_->RefCurrent());
  const Seqno snapshot =
      options.snapshot != nullptr ? options.snapshot->seqno() : context_.snapshots.visible();
  DbIterator it(context_, state.get(), snapshot, options);
  static_cast<void>(state.release());  // it is the iterator's now
  std::uint64_t records = 0;
  const bool forward = order == ScanOrder::kForward;
  for (forward ? it.SeekToFirst() : it.SeekToLast(); it.Valid(); forward ? it.Next() : it.Prev()) {
    if (++records == limit) break;
  }
  RETURN_IF_ERROR(it.status());
  ScanExplanation explanation = it.Explain();
  explanation.records = records;
  explanation.nanos = context_.clock.MonotonicNanos() - started;
  return explanation;
}

Result<std::vector<KeyVersion>> Engine::History(std::string_view key) {
  RETURN_IF_ERROR(CheckKey(key));
  std::vector<KeyVersion> versions;
  const ReadStateRef state(tree_->RefCurrent());
  const auto in_memory = [&](const MemTable& table) {
    auto run = table.NewIterator();
    std::vector<RangeTombstone> ranges;
    table.AppendRanges(ranges);
    return AddVersions(run, ranges, key, -1, 0, versions);
  };
  RETURN_IF_ERROR(in_memory(*state->active));
  for (const MemTableRef& table : state->waiting) RETURN_IF_ERROR(in_memory(*table));
  for (std::size_t level = 0; level < state->levels.size(); ++level) {
    for (const TableRef& slot : state->levels[level].tables()) {
      const FileMetadata& file = slot->file();
      if (key < file.smallest || file.largest < key) continue;
      ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, slot->Open());
      TableIterator run(*table, ScanKind::kNoFill);
      std::vector<RangeTombstone> ranges;
      for (std::size_t i = 0; i < table->ranges().size(); ++i) ranges.push_back(table->ranges()[i]);
      RETURN_IF_ERROR(
          AddVersions(run, ranges, key, static_cast<int>(level), file.number, versions));
    }
  }
  return versions;
}

}  // namespace beachdb
