#include "engine/point_reader.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/rare_branch.h"
#include "base/try.h"

namespace beachdb {

void PointReader::FindCandidates(std::string_view key, Candidates& candidates) const {
  candidates.key = key;
  candidates.hash = Hash64(key);
  candidates.count = 0;
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
  for (const TableRef& run : state_.levels[0].tables()) {
    if (key < run->file().smallest || run->file().largest < key) continue;
    add(*run);
  }
  for (std::size_t level = 1; level < state_.levels.size(); ++level) {
    if (state_.levels[level].empty()) continue;
    if (TableSlot* slot = state_.levels[level].Find(key)) add(*slot);
  }
}

bool PointReader::SearchMemTables(std::string_view key, PointHit* hit) const {
  MemHit found;
  bool settled = state_.active->Get(key, snapshot_, &found);
  for (std::size_t i = 0; !settled && i < state_.waiting.size(); ++i) {
    settled = state_.waiting[i]->Get(key, snapshot_, &found);
  }
  if (!settled) return false;
  hit->found = TrailerKind(found.trailer) == Kind::kPut;
  hit->in_memtable = true;
  hit->value = found.value;
  return true;
}

Result<bool> PointReader::SearchTable(TableSlot& slot, Table* table, const Candidates& candidates,
                                      PointHit* hit) {
  std::shared_ptr<Table> opened;  // keeps the table while it is read, should it be closed meanwhile
  if (table == nullptr) {
    RARE_BRANCH("get_opens_table");
    ASSIGN_OR_RETURN(opened, slot.Open());
    table = opened.get();
  }
  if (!table->MayContain(candidates.hash)) {
    context_.counters.filter_negatives.Add(1);
    return false;
  }
  context_.counters.blocks_touched.Add(1);
  ASSIGN_OR_RETURN(const bool found,
                   table->Get(candidates.key, snapshot_, fill_cache_, &hit->table));
  if (!found) {
    context_.counters.filter_false_positives.Add(1);
    return false;
  }
  // The value must outlive `opened`: its block is counted before the table may go.
  if (opened != nullptr && !hit->table.pin) hit->table.pin = BlockRef(hit->table.block);
  hit->found = TrailerKind(hit->table.trailer) == Kind::kPut;
  hit->value = hit->table.value;
  return true;
}

Status PointReader::SearchTables(Candidates& candidates, PointHit* hit) {
  if (candidates.more) {  // hardly ever: level 0 is far beyond its limit
    for (const LevelView& level : state_.levels) {
      for (const TableRef& slot : level.tables()) {
        if (candidates.key < slot->file().smallest || slot->file().largest < candidates.key) {
          continue;
        }
        ASSIGN_OR_RETURN(const bool settled, SearchTable(*slot, slot->Pinned(), candidates, hit));
        if (settled) return OkStatus();
      }
    }
    return OkStatus();
  }
  for (std::size_t i = 0; i < candidates.count; ++i) {
    ASSIGN_OR_RETURN(const bool settled,
                     SearchTable(*candidates.slots[i], candidates.tables[i], candidates, hit));
    if (settled) return OkStatus();
  }
  return OkStatus();
}

Status PointReader::Get(std::string_view key, PointHit* hit) {
  Candidates candidates;
  FindCandidates(key, candidates);
  if (!SearchMemTables(key, hit)) RETURN_IF_ERROR(SearchTables(candidates, hit));
  context_.counters.gets.Add(1);
  if (hit->found) context_.counters.gets_found.Add(1);
  return OkStatus();
}

Status PointReader::GetMany(std::span<const std::string_view> keys, std::span<PointHit> hits) {
  constexpr std::size_t kStride = 16;  // keys in flight: about what one core's miss buffers hold
  std::array<Candidates, kStride> batch;
  std::array<bool, kStride> settled{};
  std::uint64_t found = 0;
  for (std::size_t base = 0; base < keys.size(); base += kStride) {
    const std::size_t count = std::min(kStride, keys.size() - base);
    for (std::size_t i = 0; i < count; ++i) {
      batch[i].more = false;
      FindCandidates(keys[base + i], batch[i]);
    }
    for (std::size_t i = 0; i < count; ++i) {
      settled[i] = SearchMemTables(keys[base + i], &hits[base + i]);
      if (settled[i]) continue;
      // The first table that may hold the key is nearly always the one that does.
      for (std::size_t c = 0; c < batch[i].count; ++c) {
        Table* table = batch[i].tables[c];
        if (table == nullptr || !table->MayContain(batch[i].hash)) continue;
        table->PrefetchBlock(keys[base + i]);
        break;
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (!settled[i]) RETURN_IF_ERROR(SearchTables(batch[i], &hits[base + i]));
      found += hits[base + i].found ? 1 : 0;
    }
  }
  context_.counters.gets.Add(keys.size());
  context_.counters.gets_found.Add(found);
  return OkStatus();
}

}  // namespace beachdb
