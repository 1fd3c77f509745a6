#include "engine/read_state.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"

namespace beachdb {

LevelView::LevelView(std::vector<TableRef> tables) : tables_(std::move(tables)) {
  if (tables_.empty()) return;
  std::string_view prefix = tables_.front()->file().smallest;
  for (const TableRef& table : tables_) {
    const FileMetadata& file = table->file();
    for (const std::string_view key :
         std::initializer_list<std::string_view>{file.smallest, file.largest}) {
      const auto differ = std::mismatch(prefix.begin(), prefix.end(), key.begin(), key.end());
      prefix = prefix.substr(0, static_cast<std::size_t>(differ.first - prefix.begin()));
    }
  }
  prefix_ = prefix;
  const auto head = [this](std::string_view key) { return KeyHead64(key.substr(prefix_.size())); };
  smallest_.reserve(tables_.size());
  largest_.reserve(tables_.size());
  for (const TableRef& table : tables_) {
    smallest_.push_back(head(table->file().smallest));
    largest_.push_back(head(table->file().largest));
  }
}

std::size_t LevelView::FirstReaching(std::string_view key, std::size_t begin,
                                     std::size_t end) const {
  const std::string_view shared = key.substr(0, prefix_.size());
  if (!EqualBytes(shared, prefix_)) return shared < prefix_ ? begin : end;
  return FirstReaching(key, KeyHead64(key.substr(prefix_.size())), begin, end);
}

std::size_t LevelView::FirstReaching(std::string_view key, std::uint64_t head, std::size_t begin,
                                     std::size_t end) const {
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    if (Reaches(middle, key, head)) {
      end = middle;
    } else {
      begin = middle + 1;
    }
  }
  return begin;
}

TableSlot* LevelView::Find(std::string_view key) const {
  if (!EqualBytes(key.substr(0, prefix_.size()), prefix_)) return nullptr;
  const std::uint64_t head = KeyHead64(key.substr(prefix_.size()));
  const std::size_t i = FirstReaching(key, head, 0, tables_.size());
  return i < tables_.size() && Begins(i, key, head) ? tables_[i].get() : nullptr;
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
    for (const FileRef& file : version->levels[index]) {
      slots.push_back(tables.SlotOf(file));
      if (file->range_tombstones > 0) with_ranges.push_back(slots.back());
    }
    levels[index] = LevelView(std::move(slots));
  }
}

}  // namespace beachdb
