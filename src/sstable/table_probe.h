// A lookup of one key in one table, cut into steps where it would wait for memory. A caller with
// many keys takes each step with all of them, and their cache misses overlap.
//
//   Aim          the index says which block
//   AskForBlock  the slot says where that lies, or that it must be read (Miss, Take)
//   AskForEntry  its heads say which entry
//   Finish       the entry says what it is
//
// Thread safety: none. REQUIRES: one EpochGuard around all steps. The table and the key outlive it.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/try.h"
#include "cache/block_cache.h"
#include "sstable/block_batch.h"
#include "sstable/data_block.h"
#include "sstable/table.h"

namespace beachdb {

class TableProbe {
 public:
  void Aim(Table& table, std::string_view key, Seqno snapshot) {
    table_ = &table;
    key_ = key;
    trailer_ = table.StoredTrailer(SeekTrailer(snapshot));
    number_ = table.index_.Find(key, trailer_);
    pin_ = BlockRef();
    __builtin_prefetch(&table.slots_[number_]);
  }
  // False: it is not cached.
  bool AskForBlock() {
    block_ = BlockCache::Peek(table_->slots_[number_]);
    if (block_ == nullptr) return false;
    DataBlock::Prefetch(block_->data());
    return true;
  }
  bool missing() const { return block_ == nullptr; }
  // Puts the missing block into a batch; once that is read, takes it from there.
  void Miss(BlockBatch& batch) { place_ = batch.Add(*table_, number_); }
  Status Take(BlockBatch& batch) {
    ASSIGN_OR_RETURN(pin_, batch.Take(place_));
    block_ = pin_.block();
    return OkStatus();
  }
  // REQUIRES: a block.
  void AskForEntry() {
    if (!pin_) table_->cache_.CountHit(*block_);
    data_ = DataBlock(block_->data());
    entry_ = data_.Aim(key_);
  }
  // As Table::Get.
  bool Finish(TableHit* hit) {
    if (!table_->FindIn(data_, entry_, key_, trailer_, block_, hit)) return false;
    hit->pin = std::move(pin_);
    return true;
  }

 private:
  Table* table_ = nullptr;
  std::string_view key_;
  std::uint64_t trailer_ = 0;
  std::uint32_t number_ = 0;
  CachedBlock* block_ = nullptr;
  BlockRef pin_;           // of a block that was missing
  std::size_t place_ = 0;  // of that block in its batch
  DataBlock data_;
  std::uint32_t entry_ = 0;
};

}  // namespace beachdb
