// Fetches the data blocks of one table for an iterator, one after another.
//
// A block that is cached is used where it is. Others are read alone at first; from the third in a
// row on they are read in pieces that grow from 16 KiB to 256 KiB (compactions: 512 KiB from the
// start), so that long walks, in either direction, cost few system calls.
//
// Thread safety: none.
// Lifetime: what Fetch returns stays good until the next Fetch.
// Memory: the current block, and at most one piece, which is charged to the cache's budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/aligned_buffer.h"
#include "beachdb/result.h"
#include "cache/block_cache.h"
#include "sstable/data_block.h"
#include "sstable/table.h"

namespace beachdb {

enum class ScanKind : std::uint8_t {
  kRead,     // a user's iterator: fills the cache with CachePriority::kScan
  kNoFill,   // ReadOptions::fill_cache off
  kCompact,  // background: own large reads past the cache, never fills it
};

// How the iterator came to ask for a block.
enum class ScanStep : std::uint8_t { kSeek, kForward, kBackward };

// What a walk has cost so far. Counted once a block, so it is always on.
struct ScanCost {
  std::uint64_t tables = 0;  // entered; counted by whoever walks several
  std::uint64_t blocks_cached = 0;
  std::uint64_t blocks_read = 0;
  std::uint64_t reads = 0;       // of the file
  std::uint64_t bytes_read = 0;  // by those

  ScanCost& operator+=(const ScanCost& other) {
    tables += other.tables;
    blocks_cached += other.blocks_cached;
    blocks_read += other.blocks_read;
    reads += other.reads;
    bytes_read += other.bytes_read;
    return *this;
  }
};

class BlockScanner {
 public:
  BlockScanner(Table& table, ScanKind kind) : table_(&table), kind_(kind) {}
  ~BlockScanner();
  BlockScanner(BlockScanner&& other) noexcept;
  BlockScanner& operator=(BlockScanner&& other) noexcept;
  BlockScanner(const BlockScanner&) = delete;
  BlockScanner& operator=(const BlockScanner&) = delete;

  std::uint32_t blocks() const { return table_->index_.blocks(); }
  std::uint32_t Find(std::string_view key, std::uint64_t trailer) const {
    return table_->index_.Find(key, trailer);
  }

  // Where block i lies, if it is cached. Only good for prefetching: it may be gone by now.
  const char* Peek(std::uint32_t i) const;
  // Whether the block that was fetched last was in the cache. REQUIRES: ScanKind::kCompact.
  bool from_cache() const { return static_cast<bool>(block_); }
  const ScanCost& cost() const { return cost_; }
  // Data block i, verified. An error keeps nothing.
  Result<DataBlock> Fetch(std::uint32_t i, ScanStep step);

 private:
  bool FindCached(std::uint32_t i);
  Result<DataBlock> FetchAlone(std::uint32_t i);
  Result<DataBlock> FetchFromPiece(std::uint32_t i, ScanStep step);
  Status ReadPiece(const BlockHandle& handle, ScanStep step);
  Result<DataBlock> OpenInPlace(std::uint32_t i, std::string_view stored);
  DataBlock Keep(std::uint32_t i, BlockRef block);
  // A buffer of at least `size` bytes and the slack, charged.
  static void Resize(BlockCache& cache, AlignedBuffer& buffer, std::size_t size);
  void Release();

  Table* table_;
  ScanKind kind_;
  int run_ = 0;  // blocks that were fetched in a row without a seek or a hit
  ScanCost cost_;
  BlockRef block_;

  AlignedBuffer piece_;  // file bytes [piece_begin_, piece_end_)
  std::uint64_t piece_begin_ = 0;
  std::uint64_t piece_end_ = 0;
  std::size_t piece_size_ = 0;  // of the next read

  AlignedBuffer raw_;  // a block of a piece, expanded
};

}  // namespace beachdb
