#include "engine/read_state.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"

namespace beachdb {

LevelView::LevelView(std::vector<TableRef> tables) : tables_(std::move(tables)) {
  largest_heads_.reserve(tables_.size());
  for (const TableRef& table : tables_) largest_heads_.push_back(KeyHead64(table->file().largest));
}

TableSlot* LevelView::Find(std::string_view key, std::uint64_t head) const {
  // First by heads alone; equal heads are told apart by the whole key.
  auto i = static_cast<std::size_t>(
      std::lower_bound(largest_heads_.begin(), largest_heads_.end(), head) -
      largest_heads_.begin());
  while (i < tables_.size() && largest_heads_[i] == head && tables_[i]->file().largest < key) ++i;
  if (i == tables_.size() || key < tables_[i]->file().smallest) return nullptr;
  return tables_[i].get();
}

ReadState::ReadState(MemTableRef active_table, std::vector<MemTableRef> waiting_tables,
                     VersionRef live_version, TableCache& tables)
    : active(std::move(active_table)),
      waiting(std::move(waiting_tables)),
      version(std::move(live_version)) {
  for (int level = 0; level < kLevels; ++level) {
    const auto index = static_cast<std::size_t>(level);
    std::vector<TableRef> slots;
    slots.reserve(version->levels[index].size());
    for (const FileRef& file : version->levels[index]) slots.push_back(tables.SlotOf(file));
    levels[index] = LevelView(std::move(slots));
  }
}

}  // namespace beachdb
