// Blocks of tables, kept in memory within one budget.
//
// A block that is cached is found by one load: each open table owns an array of slots, one atomic
// pointer a block (no hash lookup, no list, no lock on a hit). What was used is marked by a bit in
// the block; a CLOCK hand (Corbato 1968) passes over the cached blocks and unlinks those it finds
// unmarked. Blocks that a scan brought in stand in a small ring of their own, which gives way
// first, until somebody uses them a second time (the idea of S3-FIFO, Yang et al. 2023). An
// unlinked block is freed by epochs (base/epoch.h), so a reader under an EpochGuard may use a block
// it found without counting itself; to keep it beyond the guard it takes a BlockRef.
//
// The cache owns the budget of the whole database: what the memtables, the indexes and filters of
// open tables and the iterators use is charged here (Charge), and blocks get the rest.
//
// Thread safety: all of it. A hit takes no lock and writes only to memory of its own thread, and
// once to a block that was not marked; Insert and Evict take a mutex for a few hundred nanoseconds.
// Lifetime: outlives every table and iterator over it; BlockRefs may outlive the cache.
// Limits: a block that is larger than half of what is left for blocks is never cached.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/counter.h"
#include "base/mutex.h"
#include "cache/cached_block.h"
#include "cache/clock_ring.h"

namespace beachdb {

enum class CachePriority : std::uint8_t {
  kNormal,  // kept until the hand has passed it once without a use
  kScan,    // first in line to go: bulk scans do not wash the hot set out
};

class BlockCache {
 public:
  using Slot = std::atomic<CachedBlock*>;

  explicit BlockCache(std::size_t budget) : budget_(budget) {}
  ~BlockCache();  // REQUIRES: every slot evicted
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  // An empty block of `size` bytes, not yet cached, to be filled by the caller.
  static BlockRef Allocate(std::size_t size) { return BlockRef::Adopt(CachedBlock::New(size)); }

  // The block in `slot`, marked as used, or nullptr. REQUIRES: an EpochGuard.
  CachedBlock* Lookup(Slot& slot) const {
    CachedBlock* block = slot.load(std::memory_order_acquire);
    if (block == nullptr) {
      CountMiss();
      return nullptr;
    }
    CountHit(*block);
    return block;
  }
  // What a lookup leaves behind that did not find the block by Peek, and one that did.
  void CountMiss() const { misses_.Add(1); }
  void CountHit(CachedBlock& block) const {
    block.MarkUsed();
    hits_.Add(1);
  }
  // The same without a trace: neither marked nor counted. For bulk work and hints.
  static CachedBlock* Peek(const Slot& slot) { return slot.load(std::memory_order_acquire); }
  // Whether a block of `size` bytes that the page cache can give us again is worth an insertion. A
  // cache with room takes every block, a full one the eighth: what is asked for often gets in all
  // the same, and the others neither push anything out nor cost the work of it (the bimodal
  // insertion of Qureshi et al. 2007, as an admission).
  bool Admits(std::size_t size) const {
    constexpr unsigned kOneIn = 8;
    if (block_bytes_.load(std::memory_order_relaxed) + size <= RoomForBlocks()) return true;
    static thread_local unsigned misses = 0;
    return ++misses % kOneIn == 0;
  }
  // Publishes a filled block in `slot`; if another thread was faster, its block wins and is
  // returned instead. Evicts as needed. A block that cannot fit is returned uncached.
  BlockRef Insert(Slot& slot, BlockRef block, CachePriority priority) EXCLUDES(mu_);
  // Unlinks the slot's block, if any: when a table closes.
  void Evict(Slot& slot) EXCLUDES(mu_);

  // Adds (or with a negative number takes back) memory that is no block: memtables, indexes...
  // Evicts blocks until the sum fits again.
  void Charge(std::int64_t bytes) EXCLUDES(mu_);

  std::size_t budget() const { return budget_; }
  // Of cached blocks, their headers included.
  std::size_t block_bytes() const { return block_bytes_.load(std::memory_order_relaxed); }
  // Of everything else.
  std::size_t charged_bytes() const;
  std::uint64_t hits() const { return hits_.Sum(); }
  std::uint64_t misses() const { return misses_.Sum(); }

 private:
  using Victims = std::vector<CachedBlock*>;

  std::size_t RoomForBlocks() const;
  void EvictUntilFits(std::size_t more, Victims& victims) REQUIRES(mu_);
  CachedBlock* PickVictim() REQUIRES(mu_);
  ClockRing& RingOf(const CachedBlock& block) REQUIRES(mu_);
  void Unlink(CachedBlock* block) REQUIRES(mu_);
  static void RetireAll(const Victims& victims);

  const std::size_t budget_;
  std::atomic<std::int64_t> charged_{0};
  std::atomic<std::size_t> block_bytes_{0};  // written under mu_

  Mutex mu_;
  ClockRing main_ GUARDED_BY(mu_);
  ClockRing probation_ GUARDED_BY(mu_);  // what scans brought in

  mutable Counter hits_;
  mutable Counter misses_;
};

}  // namespace beachdb
