// Data blocks that are missing from the cache, of any number of tables, read at once: on a device
// that works on many requests together, sixteen take little longer than one.
//
//   BlockBatch batch(fs, true);
//   const std::size_t place = batch.Add(table, i);
//   ...
//   batch.Read();
//   ASSIGN_OR_RETURN(const BlockRef block, batch.Take(place));
//
// Every block is checked, counted and cached as if Table::Get had read it.
//
// Thread safety: none. REQUIRES: an EpochGuard around all of it, or else the tables stay open.
// Limits: kBlocksMax blocks. Memory: at most kReadBufferSize beside the blocks themselves.
// Errors: each block has its own, which names file, block and offset.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "beachdb/result.h"
#include "cache/block_cache.h"
#include "io/file_system.h"
#include "sstable/table.h"

namespace beachdb {

class BlockBatch {
 public:
  static constexpr std::size_t kBlocksMax = 16;

  // `fs` is where the tables' files were opened. fill_cache: as ReadOptions::fill_cache.
  BlockBatch(FileSystem& fs, bool fill_cache) : fs_(fs), fill_cache_(fill_cache) {}

  // Data block i of `table`, whose place is returned. One that is there already gets no second
  // place.
  std::size_t Add(Table& table, std::uint32_t i);
  // All that were added.
  void Read();
  // May be called several times for one place: the block was missing for the first and is a hit for
  // the others, as if they had come one after the other.
  Result<BlockRef> Take(std::size_t place);

 private:
  struct Item {
    Table* table = nullptr;
    std::uint32_t number = 0;
    char* memory = nullptr;  // where its covering range is read; nullptr: into `block` itself
    Result<BlockRef> block = BlockRef();
    bool taken = false;
  };
  // Items that are read by one call.
  struct Round {
    std::size_t count = 0;
    std::size_t used = 0;  // bytes of the buffer
    std::array<ReadRequest, kBlocksMax> requests;
    std::array<Item*, kBlocksMax> items;
  };

  std::span<Item> Items() { return {items_.data(), count_}; }
  static CoveringRange RangeOf(const Item& item);
  static void Start(Item& item, const CoveringRange& range, char* memory, Round& round);
  void Finish(Round& round);
  void Publish();

  FileSystem& fs_;
  const bool fill_cache_;
  std::size_t count_ = 0;
  std::array<Item, kBlocksMax> items_;
};

}  // namespace beachdb
