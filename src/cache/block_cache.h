// Blocks of tables, kept in memory within one budget.
//
// A block that is cached is found by one load: each open table owns an array of slots, one atomic
// pointer a block (no hash lookup, no list, no lock on a hit). What was used is marked by a bit in
// the block; a CLOCK hand (Corbato 1968) passes over all cached blocks and unlinks those it finds
// unmarked. An unlinked block is freed by epochs (base/epoch.h), so a reader under an EpochGuard
// may use a block it found without counting itself; to keep it beyond the guard it takes a BlockRef.
//
// The cache owns the budget of the whole database: what the memtables, the indexes and filters of
// open tables and the iterators use is charged here (Charge), and blocks get the rest.
//
// Thread safety: all of it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/mutex.h"

namespace beachdb {

class BlockCache;

// A block in memory: a header, then the bytes. Immutable once published.
class CachedBlock {
 public:
  std::string_view bytes() const;
  char* mutable_data();  // before it is published
 private:
  friend class BlockCache;
  friend class BlockRef;
};

// Counts as a reader of a block for as long as it lives; movable and copyable.
class BlockRef {
 public:
  BlockRef() = default;
  // Takes a reference to a block found under the EpochGuard that is still held.
  explicit BlockRef(CachedBlock* block);
  explicit operator bool() const;
  std::string_view bytes() const;
};

enum class CachePriority : std::uint8_t {
  kNormal,  // marked as used
  kScan,    // first in line to go: bulk scans do not wash the hot set out
};

class BlockCache {
 public:
  using Slot = std::atomic<CachedBlock*>;

  explicit BlockCache(std::size_t budget);
  ~BlockCache();  // REQUIRES: every slot evicted

  // An empty block of `size` bytes, not yet cached, to be filled by the caller.
  BlockRef Allocate(std::size_t size);

  // The block in `slot`, marked as used, or nullptr. REQUIRES: an EpochGuard.
  CachedBlock* Lookup(Slot& slot) const;
  // Publishes a filled block in `slot`; if another thread was faster, its block wins and is
  // returned instead. Evicts as needed. A block that cannot fit is returned uncached.
  BlockRef Insert(Slot& slot, BlockRef block, CachePriority priority);
  // Unlinks the slot's block, if any: when a table closes.
  void Evict(Slot& slot);

  // Adds (or with a negative number takes back) memory that is no block: memtables, indexes...
  // Evicts blocks until the sum fits again.
  void Charge(std::int64_t bytes);

  std::size_t budget() const;
  std::size_t block_bytes() const;    // of cached blocks, their headers included
  std::size_t charged_bytes() const;  // of everything else
  std::uint64_t hits() const;
  std::uint64_t misses() const;
};

}  // namespace beachdb
