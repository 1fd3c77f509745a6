// Data blocks of a table that is being written, held back to be in the cache when it goes live.
//
// A compaction replaces tables whose blocks are cached by tables whose blocks are not, and every
// reader of that range would have to read them again, each with a read of its own from a file that
// has not passed through the page cache. So what was hot is carried over: a block that is made
// mostly of entries of cached blocks is kept as it is written, and published when its table can be
// opened. (The problem: Leaper, Yang et al. 2020.)
//
// Thread safety: none. Lifetime: the cache outlives it.
// Memory: charged to the cache's budget; it takes what is free there, and beyond that an eighth of
// the budget. What does not fit is simply not kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/block_cache.h"
#include "sstable/table.h"

namespace beachdb {

class WarmBlocks {
 public:
  explicit WarmBlocks(BlockCache* cache) : cache_(cache) {}  // nullptr: keeps nothing
  ~WarmBlocks() { Uncharge(); }
  WarmBlocks(WarmBlocks&& other) noexcept
      : cache_(other.cache_),
        blocks_(std::move(other.blocks_)),
        bytes_(std::exchange(other.bytes_, 0)) {}
  WarmBlocks& operator=(WarmBlocks&&) = delete;
  WarmBlocks(const WarmBlocks&) = delete;
  WarmBlocks& operator=(const WarmBlocks&) = delete;

  // Copies the contents of data block i.
  void Keep(std::uint32_t i, std::string_view contents);
  // Puts them into the slots of their table, and is empty.
  void Publish(Table& table);
  bool empty() const { return blocks_.empty(); }

 private:
  struct Block {
    std::uint32_t number;
    BlockRef ref;
  };

  void Uncharge();

  BlockCache* cache_;
  std::vector<Block> blocks_;
  std::size_t bytes_ = 0;  // charged
};

}  // namespace beachdb
