#include "sstable/table_iterator.h"

#include <algorithm>
#include <utility>

#include "kv/iterator.h"

namespace beachdb {

static_assert(EntryIterator<TableIterator>);

void TableIterator::SeekToFirst() {
  status_ = OkStatus();
  if (EnterBlock(0, ScanStep::kSeek)) LoadEntry();
}

void TableIterator::SeekToLast() {
  status_ = OkStatus();
  if (!EnterBlock(scanner_.blocks() - 1, ScanStep::kSeek)) return;
  position_ = size_ - 1;
  LoadEntry();
}

void TableIterator::Approach(std::string_view key, std::uint64_t trailer) {
  approached_ = scanner_.Find(key, Stored(trailer));
  if (approached_ == block_index_) return;
  if (const char* block = scanner_.Peek(approached_)) DataBlock::Prefetch(block);
}

void TableIterator::Seek(std::string_view key, std::uint64_t trailer) {
  status_ = OkStatus();
  trailer = Stored(trailer);
  if (!EnterBlock(BlockOf(key, trailer), ScanStep::kSeek)) return;
  position_ = block_.LowerBound(key, trailer);
  if (position_ < size_) {
    LoadEntry();
  } else {
    NextBlock();
  }
}

void TableIterator::SeekForPrev(std::string_view key, std::uint64_t trailer) {
  status_ = OkStatus();
  trailer = Stored(trailer);
  if (!EnterBlock(BlockOf(key, trailer), ScanStep::kSeek)) return;
  position_ = block_.LowerBound(key, trailer);
  const bool exact = position_ < size_ && block_.KeyEquals(position_, key) &&
                     block_.At(position_).trailer == trailer;
  block_.PrefetchBefore(position_);
  if (exact) {
    LoadEntry();
  } else {
    Prev();  // from the first entry behind the target
  }
}

bool TableIterator::EnterBlock(std::uint32_t i, ScanStep step) {
  if (i != block_index_) {
    auto block = scanner_.Fetch(i, step);
    if (!block.ok()) {
      Invalidate();
      status_ = block.error();
      return false;
    }
    block_ = *block;
    block_index_ = i;
    const std::string_view prefix = block_.prefix();
    prefix_size_ = static_cast<std::uint32_t>(prefix.size());
    key_size_ = 0;  // nothing of the old key is worth keeping
    GrowKey(prefix.size() + kShortRemainder);
    if (!prefix.empty()) std::memcpy(key_.get(), prefix.data(), prefix.size());
    LookAhead(step);
  }
  position_ = 0;
  size_ = block_.size();
  return true;
}

void TableIterator::LookAhead(ScanStep step) {
  ahead_ = 0;
  if (step == ScanStep::kSeek) return;
  const bool back = step == ScanStep::kBackward;
  if (back ? block_index_ == 0 : block_index_ + 1 == scanner_.blocks()) return;
  const char* next = scanner_.Peek(back ? block_index_ - 1 : block_index_ + 1);
  if (next == nullptr) return;
  // Forward, the lines in front of the entries are asked for beside the first entries of this
  // block; backward they would come last, so that is done now.
  if (back) DataBlock::Prefetch(next);
  ahead_ = reinterpret_cast<std::uintptr_t>(next) -
           reinterpret_cast<std::uintptr_t>(back ? block_.base() : block_.entries());
}

void TableIterator::NextBlock() {
  if (block_index_ + 1 == scanner_.blocks()) {
    size_ = position_ = 0;
    return;
  }
  if (EnterBlock(block_index_ + 1, ScanStep::kForward)) LoadEntry();
}

void TableIterator::PrevBlock() {
  if (block_index_ == 0) {
    size_ = position_ = 0;
    return;
  }
  if (!EnterBlock(block_index_ - 1, ScanStep::kBackward)) return;
  position_ = size_ - 1;
  LoadEntry();
}

void TableIterator::Invalidate() {
  block_index_ = kNoBlock;
  size_ = position_ = 0;
}

// Room for a key of `size` bytes and the words that are copied past its end.
void TableIterator::GrowKey(std::size_t size) {
  const std::size_t wanted = size + 2 * kBlockSlack;
  if (wanted <= key_capacity_) return;
  const std::size_t capacity = std::max(wanted, 2 * key_capacity_);
  auto key = std::make_unique_for_overwrite<char[]>(capacity);
  if (key_ != nullptr)
    std::memcpy(key.get(), key_.get(), std::min(key_capacity_, std::size_t{prefix_size_}));
  key_ = std::move(key);
  key_capacity_ = capacity;
}

}  // namespace beachdb
