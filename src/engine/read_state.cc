#include "engine/read_state.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"

namespace beachdb {

LevelView::LevelView(std::vector<TableRef> tables) : tables_(std::move(tables)) {
  if (tables_.empty()) return;
  std::string_view prefix = tables_.front()->file().largest;
  for (const TableRef& table : tables_) {
    const std::string_view key = table->file().largest;
    const auto differ = std::mismatch(prefix.begin(), prefix.end(), key.begin(), key.end());
    prefix = prefix.substr(0, static_cast<std::size_t>(differ.first - prefix.begin()));
  }
  prefix_ = prefix;
  heads_.reserve(tables_.size());
  for (const TableRef& table : tables_) {
    heads_.push_back(KeyHead64(std::string_view(table->file().largest).substr(prefix_.size())));
  }
}

std::size_t LevelView::FirstReaching(std::string_view key, std::size_t begin,
                                     std::size_t end) const {
  const int order = key.substr(0, prefix_.size()).compare(prefix_);
  if (order != 0) return order < 0 ? begin : end;
  const auto place = [](std::size_t i) { return static_cast<std::ptrdiff_t>(i); };
  const auto same = std::equal_range(heads_.begin() + place(begin), heads_.begin() + place(end),
                                     KeyHead64(key.substr(prefix_.size())));
  // Tables with equal heads, if there are any, are told apart by the whole key.
  auto i = static_cast<std::size_t>(same.first - heads_.begin());
  auto beyond = static_cast<std::size_t>(same.second - heads_.begin());
  while (i < beyond) {
    const std::size_t middle = i + (beyond - i) / 2;
    if (tables_[middle]->file().largest < key) {
      i = middle + 1;
    } else {
      beyond = middle;
    }
  }
  return i;
}

TableSlot* LevelView::Find(std::string_view key) const {
  const std::size_t i = FirstReaching(key, 0, tables_.size());
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
