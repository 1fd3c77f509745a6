#include "engine/point_reader.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/rare_branch.h"
#include "base/try.h"
#include "kv/expiry.h"

namespace beachdb {

void PointReader::FindCandidates(std::string_view key, Candidates& candidates) const {
  candidates.key = key;
  candidates.hash = Hash64(key);
  candidates.count = 0;
  candidates.more = false;
  const auto add = [&](TableSlot& slot) {
    if (candidates.count == kCandidatesMax) {
      RARE_BRANCH("get_meets_many_runs");
      candidates.more = true;
      return;
    }
    Table* table = slot.Pinned();
    if (table != nullptr) table->PrefetchFilter(candidates.hash);
    candidates.slots[candidates.count] = &slot;
    candidates.tables[candidates.count++] = table;
  };
  state_.levels[0].VisitHolders(key, add);
  for (std::size_t level = 1; level < state_.levels.size(); ++level) {
    if (state_.levels[level].empty()) continue;
    if (TableSlot* slot = state_.levels[level].Find(key)) add(*slot);
  }
}

void PointReader::SettleByClock(std::string_view stored, PointHit* hit) const {
  hit->found = ExpiresAt(stored) > context_.expiry.Now();
  hit->value = ValueBehindExpiry(stored);
}

void PointReader::SettleByRange(Seqno seqno, PointHit* hit) {
  RARE_BRANCH("get_meets_range_tombstone");
  hit->table.trailer = PackTrailer(seqno, Kind::kDeleteRange);
  hit->found = false;
  hit->table.pin = BlockRef();  // of the version that it hides
}

template <typename Notes>
bool PointReader::SearchMemTables(const Candidates& candidates, PointHit* hit, Notes& notes) const {
  const auto search = [&](const MemTable& table) {
    Seqno covering = 0;
    if (const RangeSet* ranges = table.ranges(); ranges != nullptr) [[unlikely]] {
      covering = ranges->Covering(candidates.key, snapshot_);
    }
    MemHit found;
    const bool asked = table.MayContain(candidates.hash);
    if (asked && table.Get(candidates.key, snapshot_, &found) &&
        TrailerSeqno(found.trailer) > covering) {
      Settle(found.trailer, found.value, hit);
    } else if (covering == 0) [[likely]] {
      notes.MemTable(asked ? Finding::kAbsent : Finding::kFilter);
      return false;
    } else {
      SettleByRange(covering, hit);
    }
    hit->in_memtable = true;
    notes.MemTable(FindingOf(hit->table.trailer, hit->found), TrailerSeqno(hit->table.trailer));
    return true;
  };
  bool settled = search(*state_.active);
  for (std::size_t i = 0; !settled && i < state_.waiting.size(); ++i) {
    settled = search(*state_.waiting[i]);
  }
  return settled;
}

template <typename Notes>
Result<bool> PointReader::SearchTable(TableSlot& slot, Table* table, const Candidates& candidates,
                                      PointHit* hit, Notes& notes) {
  notes.Table(slot, table);
  std::shared_ptr<Table> opened;  // keeps the table while it is read, should it be closed meanwhile
  if (table == nullptr) {
    RARE_BRANCH("get_opens_table");
    ASSIGN_OR_RETURN(opened, slot.Open());
    table = opened.get();
  }
  Seqno covering = 0;
  if (table->has_ranges()) [[unlikely]]
    covering = table->ranges().Covering(candidates.key, snapshot_);
  if (!table->MayContain(candidates.hash)) {
    context_.counters.filter_negatives.Add(1);
    return Nothing(Finding::kFilter, covering, hit, notes);
  }
  context_.counters.blocks_touched.Add(1);
  ASSIGN_OR_RETURN(const bool found,
                   table->Get(candidates.key, snapshot_, fill_cache_, &hit->table, notes.Block()));
  if (!found) {
    context_.counters.filter_false_positives.Add(1);
    return Nothing(Finding::kAbsent, covering, hit, notes);
  }
  if (covering != 0 && TrailerSeqno(hit->table.trailer) <= covering) [[unlikely]] {
    return Nothing(Finding::kAbsent, covering, hit, notes);
  }
  // The value must outlive `opened`: its block is counted before the table may go.
  if (opened != nullptr && !hit->table.pin) hit->table.pin = BlockRef(hit->table.block);
  Settle(hit->table.trailer, hit->table.value, hit);
  notes.Outcome(FindingOf(hit->table.trailer, hit->found), TrailerSeqno(hit->table.trailer));
  return true;
}

// A table that has no version of the key to show: settled if a range of it covers the key.
template <typename Notes>
bool PointReader::Nothing(Finding why, Seqno covering, PointHit* hit, Notes& notes) {
  if (covering == 0) [[likely]] {
    notes.Outcome(why);
    return false;
  }
  SettleByRange(covering, hit);
  notes.Outcome(Finding::kRangeDeleted, covering);
  return true;
}

template <typename Notes>
Status PointReader::SearchAllTables(const Candidates& candidates, PointHit* hit, Notes& notes) {
  for (const LevelView& level : state_.levels) {
    for (const TableRef& slot : level.tables()) {
      // Not by <: clang 14 finds no ordering of views in a template.
      if (candidates.key.compare(slot->file().smallest) < 0) continue;
      if (candidates.key.compare(slot->file().largest) > 0) continue;
      ASSIGN_OR_RETURN(const bool settled,
                       SearchTable(*slot, slot->Pinned(), candidates, hit, notes));
      if (settled) return OkStatus();
    }
  }
  return OkStatus();
}

template <typename Notes>
Status PointReader::SearchTables(const Candidates& candidates, std::size_t first, PointHit* hit,
                                 Notes& notes) {
  if (candidates.more) return SearchAllTables(candidates, hit, notes);
  for (std::size_t i = first; i < candidates.count; ++i) {
    ASSIGN_OR_RETURN(const bool settled, SearchTable(*candidates.slots[i], candidates.tables[i],
                                                     candidates, hit, notes));
    if (settled) return OkStatus();
  }
  return OkStatus();
}

void PointReader::Count(std::uint64_t gets, std::uint64_t found) {
  context_.counters.gets.Add(gets);
  if (found > 0) context_.counters.gets_found.Add(found);
  const std::uint64_t level0_runs = state_.levels[0].tables().size();
  if (level0_runs > 0) context_.read_debt.Charge(gets * level0_runs * ReadDebt::kGet);
}

template <typename Notes>
Status PointReader::Get(std::string_view key, PointHit* hit, Notes&& notes) {
  Candidates candidates;
  FindCandidates(key, candidates);
  if (!SearchMemTables(candidates, hit, notes)) {
    RETURN_IF_ERROR(SearchTables(candidates, 0, hit, notes));
  }
  Count(1, hit->found ? 1 : 0);
  return OkStatus();
}

template Status PointReader::Get(std::string_view, PointHit*, NoReadNotes&&);
template Status PointReader::Get(std::string_view, PointHit*, ReadNotes&);

// ---- many keys ----------------------------------------------------------------------------------

// Aims at the first table that may hold the key: nearly always it is the one that does.
bool PointReader::AimAtTable(Lookup& lookup) {
  const Candidates& candidates = lookup.candidates;
  for (; lookup.next < candidates.count && !candidates.more; ++lookup.next) {
    Table* table = candidates.tables[lookup.next];
    if (table == nullptr) return false;
    // One that hides the key answers without a probe.
    if (table->has_ranges() && table->ranges().Covering(candidates.key, snapshot_) != 0) {
      return false;
    }
    if (table->MayContain(candidates.hash)) {
      lookup.probe.Aim(*table, candidates.key, snapshot_);
      return true;
    }
    context_.counters.filter_negatives.Add(1);
  }
  return false;
}

// What was not cached for the probes. An aimed probe's block is what Get would read first, so
// nothing is read in vain; an error is that of the first key that meets one.
Status PointReader::ReadMissing(std::span<Lookup> lookups) {
  BlockBatch batch(context_.fs, fill_cache_);
  for (Lookup& lookup : lookups) {
    if (lookup.aimed && lookup.probe.missing()) lookup.probe.Miss(batch);
  }
  batch.Read();
  for (Lookup& lookup : lookups) {
    if (lookup.aimed && lookup.probe.missing()) RETURN_IF_ERROR(lookup.probe.Take(batch));
  }
  return OkStatus();
}

// What the probe has found, and if that is nothing, what the other tables say.
Status PointReader::FinishLookup(Lookup& lookup, PointHit* hit) {
  if (lookup.aimed) {
    context_.counters.blocks_touched.Add(1);
    if (lookup.probe.Finish(&hit->table)) {
      Settle(hit->table.trailer, hit->table.value, hit);
      return OkStatus();
    }
    context_.counters.filter_false_positives.Add(1);
    ++lookup.next;
  }
  NoReadNotes notes;
  return SearchTables(lookup.candidates, lookup.next, hit, notes);
}

Status PointReader::GetMany(std::span<const std::string_view> keys, std::span<PointHit> hits) {
  constexpr std::size_t kStride = 16;  // keys in flight: about what one core's miss buffers hold
  static_assert(kStride <= BlockBatch::kBlocksMax);
  std::array<Lookup, kStride> lookups;
  NoReadNotes notes;
  std::uint64_t found = 0;
  for (std::size_t base = 0; base < keys.size(); base += kStride) {
    const std::span<Lookup> batch(lookups.data(), std::min(kStride, keys.size() - base));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      FindCandidates(keys[base + i], batch[i].candidates);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Lookup& lookup = batch[i];
      lookup.next = 0;
      lookup.settled = SearchMemTables(lookup.candidates, &hits[base + i], notes);
      lookup.aimed = !lookup.settled && AimAtTable(lookup);
    }
    bool missing = false;
    for (Lookup& lookup : batch) {
      if (lookup.aimed && !lookup.probe.AskForBlock()) missing = true;
    }
    if (missing) RETURN_IF_ERROR(ReadMissing(batch));
    for (Lookup& lookup : batch) {
      if (lookup.aimed) lookup.probe.AskForEntry();
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      PointHit& hit = hits[base + i];
      if (!batch[i].settled) RETURN_IF_ERROR(FinishLookup(batch[i], &hit));
      found += hit.found ? 1 : 0;
    }
  }
  Count(keys.size(), found);
  return OkStatus();
}

}  // namespace beachdb
