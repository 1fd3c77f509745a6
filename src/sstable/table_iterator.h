// Walks the entries of one table, both ways. An EntryIterator (kv/iterator.h), concrete.
//
// Within a block a step is a handful of instructions: the offset, the size of the key's remainder,
// 4 bytes of head and the rest of the key copied behind the prefix, which stands in the key buffer
// since the block was entered.
//
// Thread safety: none; movable, not copyable.
// Lifetime: the Table must outlive it. Holds one block (a BlockRef) at a time.
// Long walks read ahead in growing steps (block_scanner.h).
// Errors: make it invalid, and stay in status() until the next seek.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "beachdb/result.h"
#include "sstable/block_scanner.h"
#include "sstable/data_block.h"
#include "sstable/table.h"

namespace beachdb {

class TableIterator {
 public:
  TableIterator(Table& table, ScanKind kind)
      : scanner_(table, kind), base_trailer_(table.base_trailer_) {}

  bool Valid() const { return position_ < size_; }
  // REQUIRES: Valid(), here and below.
  std::string_view user_key() const { return {key_.get(), key_size_}; }
  std::uint64_t trailer() const { return trailer_; }
  std::string_view value() const { return value_; }
  // Whether value() stays good through the next Prev().
  bool PrevKeepsValue() const { return position_ > 0; }
  Status status() const { return status_; }
  // Whether the entry's block was in the cache. REQUIRES: ScanKind::kCompact.
  bool from_cache() const { return scanner_.from_cache(); }
  const ScanCost& cost() const { return scanner_.cost(); }

  // The next call will be a seek to this target, either way: finds its block and asks for the lines
  // of that, so that the misses of several sources overlap.
  void Approach(std::string_view key, std::uint64_t trailer);

  void SeekToFirst();
  void SeekToLast();
  void Seek(std::string_view key, std::uint64_t trailer);
  void SeekForPrev(std::string_view key, std::uint64_t trailer);

  void Next() {
    if (++position_ < size_) [[likely]] {
      LoadEntry();
    } else {
      NextBlock();
    }
  }
  void Prev() {
    if (position_ > 0) [[likely]] {
      --position_;
      LoadEntry();
    } else {
      PrevBlock();
    }
  }

 private:
  static constexpr std::uint32_t kNoBlock = UINT32_MAX;
  static constexpr std::uint32_t kShortRemainder = 128;

  std::uint32_t BlockOf(std::string_view key, std::uint64_t trailer) {
    return approached_ != kNoBlock ? std::exchange(approached_, kNoBlock)
                                   : scanner_.Find(key, trailer);
  }
  // Makes block i the current one; false: an error, and the iterator is invalid.
  bool EnterBlock(std::uint32_t i, ScanStep step);
  // The block has been entered by this step: where will the walk go on? After a seek nobody knows.
  void LookAhead(ScanStep step);
  void NextBlock();
  void PrevBlock();
  void Invalidate();
  void GrowKey(std::size_t size);

  void LoadEntry() {
    const DataBlock::Entry entry = block_.At(position_);
    if (entry.remainder_size >= kShortRemainder) [[unlikely]] {
      GrowKey(prefix_size_ + entry.remainder_size);
    }
    // Whole words, past the end of the key if need be: the buffer and the block have room.
    char* key = key_.get() + prefix_size_;
    const std::uint32_t head = __builtin_bswap32(block_.Head(position_));
    std::memcpy(key, &head, 4);
    for (std::uint32_t i = 0; i < entry.tail_size(); i += 16) {
      std::memcpy(key + 4 + i, entry.tail + i, 16);
    }
    const auto next = reinterpret_cast<const char*>(  // NOLINT(performance-no-int-to-ptr)
        reinterpret_cast<std::uintptr_t>(entry.tail) + ahead_);
    __builtin_prefetch(next);
    __builtin_prefetch(next + 64);
    key_size_ = prefix_size_ + entry.remainder_size;
    trailer_ = entry.trailer + base_trailer_;
    value_ = entry.value;
  }
  // Table::StoredTrailer
  std::uint64_t Stored(std::uint64_t trailer) const {
    return trailer >= base_trailer_ ? trailer - base_trailer_ : 0;
  }

  BlockScanner scanner_;
  std::uint64_t base_trailer_;
  DataBlock block_;
  std::uint32_t block_index_ = kNoBlock;
  std::uint32_t approached_ = kNoBlock;
  std::uint32_t position_ = 0;
  std::uint32_t size_ = 0;  // entries of the block; 0: invalid
  std::uint32_t prefix_size_ = 0;
  // From here to the same place in the block that comes next, if that is cached; else 0. So that
  // block is asked for line by line while this one is read: hardware stops at the end of a page.
  std::uintptr_t ahead_ = 0;

  std::unique_ptr<char[]> key_;  // prefix, then the current remainder
  std::size_t key_capacity_ = 0;
  std::size_t key_size_ = 0;
  std::uint64_t trailer_ = 0;
  std::string_view value_;
  Status status_;
};

}  // namespace beachdb
