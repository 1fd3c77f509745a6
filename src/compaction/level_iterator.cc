#include "compaction/level_iterator.h"

#include <algorithm>
#include <utility>

#include "kv/iterator.h"

namespace beachdb {

static_assert(EntryIterator<LevelIterator>);

LevelIterator::LevelIterator(std::vector<FileRef> files, TableOpener open, ScanKind kind)
    : files_(std::move(files)), open_(std::move(open)), kind_(kind) {}

Status LevelIterator::status() const {
  if (!status_.ok() || !table_iterator_.has_value()) return status_;
  return table_iterator_->status();
}

void LevelIterator::SeekToFirst() {
  if (Enter(0)) table_iterator_->SeekToFirst();
}

void LevelIterator::SeekToLast() {
  if (Enter(files_.size() - 1)) table_iterator_->SeekToLast();
}

void LevelIterator::Seek(std::string_view key, std::uint64_t trailer) {
  const auto file = std::partition_point(files_.begin(), files_.end(),
                                         [&](const FileRef& f) { return f->largest < key; });
  if (!Enter(static_cast<std::size_t>(file - files_.begin()))) return;
  table_iterator_->Seek(key, trailer);
  // The file may end within the versions of this very key.
  if (!table_iterator_->Valid()) EnterNext();
}

void LevelIterator::SeekForPrev(std::string_view key, std::uint64_t trailer) {
  const auto above = std::partition_point(files_.begin(), files_.end(),
                                          [&](const FileRef& f) { return f->smallest <= key; });
  if (!Enter(static_cast<std::size_t>(above - files_.begin()) - 1)) return;
  table_iterator_->SeekForPrev(key, trailer);
  if (!table_iterator_->Valid()) EnterPrevious();
}

bool LevelIterator::Enter(std::size_t i) {
  status_ = OkStatus();
  if (i >= files_.size()) {
    Leave();
    return false;
  }
  if (i == current_) return true;
  Leave();
  Result<std::shared_ptr<Table>> table = open_(files_[i]);
  if (!table.ok()) {
    status_ = table.error();
    return false;
  }
  table_ = *std::move(table);
  table_iterator_.emplace(*table_, kind_);
  current_ = i;
  return true;
}

void LevelIterator::Leave() {
  table_iterator_.reset();
  table_.reset();
  current_ = kNoFile;
}

void LevelIterator::EnterNext() {
  if (!table_iterator_->status().ok()) return;
  if (Enter(current_ + 1)) table_iterator_->SeekToFirst();
}

void LevelIterator::EnterPrevious() {
  if (!table_iterator_->status().ok()) return;
  if (Enter(current_ - 1)) table_iterator_->SeekToLast();
}

}  // namespace beachdb
