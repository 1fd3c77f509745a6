#include "cache/block_cache.h"

#include "base/check.h"
#include "base/epoch.h"

namespace beachdb {
namespace {

// Blocks of scans may hold this part of the block memory before they are the ones to go.
constexpr std::size_t kProbationShare = 8;

}  // namespace

BlockCache::~BlockCache() {
  MutexLock lock(mu_);
  CHECK(main_.count() == 0);
  CHECK(probation_.count() == 0);
}

BlockRef BlockCache::Insert(Slot& slot, BlockRef block, CachePriority priority) {
  const std::size_t size = block.block()->Footprint();
  Victims victims;
  {
    MutexLock lock(mu_);
    // While we hold the mutex nobody can unlink it, so its reference can be taken.
    if (CachedBlock* winner = slot.load(std::memory_order_relaxed)) return BlockRef(winner);
    if (size > RoomForBlocks() / 2) return block;
    EvictUntilFits(size, victims);

    CachedBlock* cached = block.block();
    cached->Ref();  // the cache's own
    cached->slot_ = &slot;
    cached->on_probation_ = priority == CachePriority::kScan;
    RingOf(*cached).Add(cached);
    block_bytes_.fetch_add(size);
    slot.store(cached, std::memory_order_release);
  }
  RetireAll(victims);
  return block;
}

void BlockCache::Evict(Slot& slot) {
  if (slot.load(std::memory_order_acquire) == nullptr) return;
  CachedBlock* block = nullptr;
  {
    MutexLock lock(mu_);
    block = slot.load(std::memory_order_relaxed);
    if (block == nullptr) return;
    Unlink(block);
  }
  RetireAll({block});
}

// Insert adds block bytes and reads the charge; this adds to the charge and reads the block bytes:
// both sequentially consistent, so that one of the two sees the other and evicts.
void BlockCache::Charge(std::int64_t bytes) {
  charged_.fetch_add(bytes);
  if (bytes <= 0 || block_bytes_.load() <= RoomForBlocks()) return;
  Victims victims;
  {
    MutexLock lock(mu_);
    EvictUntilFits(0, victims);
  }
  RetireAll(victims);
}

std::size_t BlockCache::charged_bytes() const {
  const std::int64_t charged = charged_.load();
  return charged > 0 ? static_cast<std::size_t>(charged) : 0;
}

std::size_t BlockCache::RoomForBlocks() const {
  const std::size_t charged = charged_bytes();
  return charged < budget_ ? budget_ - charged : 0;
}

void BlockCache::EvictUntilFits(std::size_t more, Victims& victims) {
  while (main_.count() + probation_.count() > 0 && block_bytes_.load() + more > RoomForBlocks()) {
    CachedBlock* victim = PickVictim();
    Unlink(victim);
    victims.push_back(victim);
  }
}

// REQUIRES: at least one block. Two rounds are enough to find an unmarked block, unless readers
// mark them faster than the hand turns: then any one goes.
CachedBlock* BlockCache::PickVictim() {
  for (std::size_t mercy = 2 * (main_.count() + probation_.count()); mercy > 0; --mercy) {
    const bool probation_goes =
        main_.count() == 0 || probation_.bytes() > block_bytes() / kProbationShare;
    CachedBlock* block = (probation_goes ? probation_ : main_).Advance();
    if (!block->TakeUsed()) return block;
    if (probation_goes) {  // used a second time: it has earned a place among the others
      probation_.Remove(block);
      block->on_probation_ = false;
      main_.Add(block);
    }
  }
  CachedBlock* block = probation_.Advance();
  return block != nullptr ? block : main_.Advance();
}

ClockRing& BlockCache::RingOf(const CachedBlock& block) {
  return block.on_probation_ ? probation_ : main_;
}

void BlockCache::Unlink(CachedBlock* block) {
  RingOf(*block).Remove(block);
  block_bytes_.fetch_sub(block->Footprint());
  // Last: a table that closes looks at its slots without the mutex, and frees them when all are
  // empty.
  block->slot_->store(nullptr, std::memory_order_release);
}

void BlockCache::RetireAll(const Victims& victims) {
  for (CachedBlock* victim : victims) {
    Retire(
        victim, [](void* block) { static_cast<CachedBlock*>(block)->Unref(); },
        victim->Footprint());
  }
}

}  // namespace beachdb
