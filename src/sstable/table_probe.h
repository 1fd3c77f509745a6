// A lookup of one key in one table, cut into steps where it would wait for memory. A caller with
// many keys takes each step with all of them, and their cache misses overlap.
//
//   Aim          the index says which block
//   AskForBlock  the slot says where that lies
//   AskForEntry  its heads say which entry
//   Finish       the entry says what it is
//
// Thread safety: none. REQUIRES: one EpochGuard around all steps. The table and the key outlive it.
#pragma once

#include <cstdint>
#include <string_view>

#include "cache/block_cache.h"
#include "sstable/data_block.h"
#include "sstable/table.h"

namespace beachdb {

class TableProbe {
 public:
  void Aim(Table& table, std::string_view key, Seqno snapshot) {
    table_ = &table;
    key_ = key;
    trailer_ = SeekTrailer(snapshot);
    slot_ = &table.slots_[table.index_.Find(key, trailer_)];
    __builtin_prefetch(slot_);
  }
  void AskForBlock() {
    block_ = BlockCache::Peek(*slot_);
    if (block_ != nullptr) DataBlock::Prefetch(block_->data());
  }
  // False: the block is not cached, so this is for Table::Get.
  bool AskForEntry() {
    if (block_ == nullptr) return false;
    table_->cache_.CountHit(*block_);
    data_ = DataBlock(block_->data());
    entry_ = data_.Aim(key_);
    return true;
  }
  // As Table::Get. REQUIRES: AskForEntry was true.
  bool Finish(TableHit* hit) const {
    return Table::FindIn(data_, entry_, key_, trailer_, block_, hit);
  }

 private:
  Table* table_ = nullptr;
  std::string_view key_;
  std::uint64_t trailer_ = 0;
  const BlockCache::Slot* slot_ = nullptr;
  CachedBlock* block_ = nullptr;
  DataBlock data_;
  std::uint32_t entry_ = 0;
};

}  // namespace beachdb
