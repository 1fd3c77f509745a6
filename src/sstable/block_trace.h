// What a point lookup notes of the block that it searched, when somebody wants to know.
//
// Table::Get is made twice, with and without notes, from the same lines; without, nothing is left
// of them.
#pragma once

#include <cstdint>
#include <string_view>

#include "sstable/data_block.h"
#include "sstable/table_format.h"

namespace beachdb {

struct BlockTrace {
  std::uint32_t number = 0;
  std::uint32_t blocks = 0;  // of the table
  BlockHandle handle;
  bool cached = false;
  std::uint32_t entries = 0;
  std::uint32_t compared = 0;  // heads
  std::uint32_t newer = 0;     // versions of the key that the snapshot does not see
};

// Where a block was found.
enum class BlockSource : std::uint8_t { kCache, kFile };

struct NoBlockNotes {
  void Place(std::uint32_t /*number*/, std::uint32_t /*blocks*/, BlockSource /*source*/) const {}
  void Search(const BlockHandle& /*handle*/, const DataBlock& /*block*/, std::string_view /*key*/,
              std::uint64_t /*trailer*/) const {}
};

class BlockNotes {
 public:
  explicit BlockNotes(BlockTrace* trace) : trace_(trace) {}
  void Place(std::uint32_t number, std::uint32_t blocks, BlockSource source) const {
    trace_->number = number;
    trace_->blocks = blocks;
    trace_->cached = source == BlockSource::kCache;
  }
  void Search(const BlockHandle& handle, const DataBlock& block, std::string_view key,
              std::uint64_t trailer) const;

 private:
  BlockTrace* trace_;
};

}  // namespace beachdb
