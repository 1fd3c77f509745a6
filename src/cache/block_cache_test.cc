#include "cache/block_cache.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/check.h"
#include "base/epoch.h"
#include "base/random.h"

namespace beachdb {
namespace {

BlockRef Filled(std::size_t size, char fill) {
  BlockRef block = BlockCache::Allocate(size);
  std::memset(block.block()->mutable_data(), fill, size);
  return block;
}

// The slots of one table; evicts them at the end, as a table does.
class Slots {
 public:
  Slots(BlockCache& cache, std::size_t count)
      : cache_(cache), slots_(std::make_unique<BlockCache::Slot[]>(count)), count_(count) {}
  ~Slots() {
    for (std::size_t i = 0; i < count_; ++i) cache_.Evict(slots_[i]);
  }
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;

  BlockCache::Slot& operator[](std::size_t i) { return slots_[i]; }
  std::size_t count() const { return count_; }
  std::size_t Cached() const {
    std::size_t cached = 0;
    for (std::size_t i = 0; i < count_; ++i) cached += slots_[i].load() != nullptr ? 1 : 0;
    return cached;
  }

 private:
  BlockCache& cache_;
  std::unique_ptr<BlockCache::Slot[]> slots_;
  std::size_t count_;
};

TEST(BlockCacheTest, AnInsertedBlockIsFoundUntilItIsEvicted) {
  BlockCache cache(1 << 20);
  Slots slots(cache, 1);
  const EpochGuard guard;
  EXPECT_EQ(cache.Lookup(slots[0]), nullptr);
  EXPECT_EQ(cache.Insert(slots[0], Filled(100, 'a'), CachePriority::kNormal).bytes(),
            std::string(100, 'a'));
  ASSERT_NE(cache.Lookup(slots[0]), nullptr);
  EXPECT_EQ(cache.Lookup(slots[0])->bytes(), std::string(100, 'a'));
  EXPECT_EQ(cache.block_bytes(), CachedBlock::FootprintOf(100));
  EXPECT_EQ(cache.hits(), 2u);
  EXPECT_EQ(cache.misses(), 1u);
  cache.Evict(slots[0]);
  EXPECT_EQ(cache.Lookup(slots[0]), nullptr);
  EXPECT_EQ(cache.block_bytes(), 0u);
}

TEST(BlockCacheTest, TheFirstBlockOfASlotWins) {
  BlockCache cache(1 << 20);
  Slots slots(cache, 1);
  const BlockRef first = cache.Insert(slots[0], Filled(10, 'a'), CachePriority::kNormal);
  const BlockRef second = cache.Insert(slots[0], Filled(10, 'b'), CachePriority::kNormal);
  EXPECT_EQ(second.block(), first.block());
  EXPECT_EQ(cache.block_bytes(), CachedBlock::FootprintOf(10));
}

TEST(BlockCacheTest, AReferenceAndAGuardKeepAnEvictedBlock) {
  BlockCache cache(1 << 20);
  BlockRef kept;
  {
    Slots slots(cache, 2);
    cache.Insert(slots[0], Filled(10, 'a'), CachePriority::kNormal);
    cache.Insert(slots[1], Filled(10, 'b'), CachePriority::kNormal);
    const EpochGuard guard;
    kept = BlockRef(cache.Lookup(slots[0]));
    const CachedBlock* guarded = cache.Lookup(slots[1]);
    cache.Evict(slots[0]);
    cache.Evict(slots[1]);
    EXPECT_EQ(guarded->bytes(), std::string(10, 'b'));
  }
  DrainRetired();
  EXPECT_EQ(kept.bytes(), std::string(10, 'a'));
}

TEST(BlockCacheTest, BlocksAndChargesTogetherStayWithinTheBudget) {
  const std::size_t budget = 20 * CachedBlock::FootprintOf(1000);
  BlockCache cache(budget);
  Slots slots(cache, 200);
  for (std::size_t i = 0; i < slots.count(); ++i) {
    if (i % 10 == 0) cache.Charge(500);
    cache.Insert(slots[i], Filled(1000, 'x'), CachePriority::kNormal);
    ASSERT_LE(cache.block_bytes() + cache.charged_bytes(), budget);
    ASSERT_EQ(cache.block_bytes(), slots.Cached() * CachedBlock::FootprintOf(1000));
  }
  EXPECT_GT(slots.Cached(), 5u) << "it keeps what fits";
  cache.Charge(static_cast<std::int64_t>(budget));
  EXPECT_EQ(slots.Cached(), 0u) << "charges come first";
  EXPECT_EQ(cache.Insert(slots[0], Filled(1000, 'x'), CachePriority::kNormal).bytes().size(),
            1000u);
  EXPECT_EQ(slots.Cached(), 0u) << "what cannot fit is returned uncached";
  cache.Charge(-static_cast<std::int64_t>(budget));
  cache.Insert(slots[0], Filled(1000, 'x'), CachePriority::kNormal);
  EXPECT_EQ(slots.Cached(), 1u);
}

TEST(BlockCacheTest, AGiantBlockEvictsNothing) {
  BlockCache cache(100'000);
  Slots slots(cache, 50);
  for (std::size_t i = 0; i < 49; ++i) {
    cache.Insert(slots[i], Filled(1000, 'x'), CachePriority::kNormal);
  }
  EXPECT_EQ(cache.Insert(slots[49], Filled(60'000, 'g'), CachePriority::kNormal).bytes().size(),
            60'000u);
  EXPECT_EQ(slots.Cached(), 49u);
}

TEST(BlockCacheTest, WhatIsUsedStaysWhenTheRestGoes) {
  BlockCache cache(100 * CachedBlock::FootprintOf(1000));
  Slots slots(cache, 1000);
  for (std::size_t i = 0; i < slots.count(); ++i) {
    cache.Insert(slots[i], Filled(1000, 'x'), CachePriority::kNormal);
    const EpochGuard guard;
    for (std::size_t hot = 0; hot < 10; ++hot) cache.Lookup(slots[hot]);
  }
  for (std::size_t hot = 0; hot < 10; ++hot) EXPECT_NE(slots[hot].load(), nullptr) << hot;
}

TEST(BlockCacheTest, AScanDoesNotWashOutWhatWasThere) {
  BlockCache cache(100 * CachedBlock::FootprintOf(1000));
  Slots hot(cache, 80);
  for (std::size_t i = 0; i < hot.count(); ++i) {
    cache.Insert(hot[i], Filled(1000, 'x'), CachePriority::kNormal);
  }
  Slots scanned(cache, 2000);
  for (std::size_t i = 0; i < scanned.count(); ++i) {
    cache.Insert(scanned[i], Filled(1000, 's'), CachePriority::kScan);
  }
  EXPECT_EQ(hot.Cached(), 80u) << "though none of them was used meanwhile";
  EXPECT_GT(scanned.Cached(), 5u) << "a scan may use what is left";
}

TEST(BlockCacheTest, WhatScansUseAgainEarnsItsPlace) {
  BlockCache cache(100 * CachedBlock::FootprintOf(1000));
  Slots old(cache, 100);
  for (std::size_t i = 0; i < old.count(); ++i) {
    cache.Insert(old[i], Filled(1000, 'x'), CachePriority::kNormal);
  }
  Slots scanned(cache, 20);
  for (int round = 0; round < 50; ++round) {
    for (std::size_t i = 0; i < scanned.count(); ++i) {
      const EpochGuard guard;
      if (cache.Lookup(scanned[i]) == nullptr) {
        cache.Insert(scanned[i], Filled(1000, 's'), CachePriority::kScan);
      }
      cache.Lookup(scanned[i]);
    }
  }
  EXPECT_EQ(scanned.Cached(), 20u);
}

// Many threads, a budget for a fraction of the blocks, tables that close under them.
TEST(BlockCacheTest, ThreadsSeeWholeBlocksOfTheirSlotWhateverIsEvicted) {
  constexpr std::size_t kSlots = 64;
  constexpr std::size_t kSize = 256;
  BlockCache cache(16 * CachedBlock::FootprintOf(kSize));
  struct Shared {
    explicit Shared(BlockCache& c) : slots(c, kSlots) {}
    Slots slots;
  };
  std::atomic<Shared*> table{new Shared(cache)};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      Random random(t);
      BlockRef kept;
      char kept_fill = 0;
      while (!stop.load()) {
        const EpochGuard guard;
        Slots& slots = table.load()->slots;
        const std::size_t i = random.Uniform(kSlots);
        const auto fill = static_cast<char>(i);
        CachedBlock* block = cache.Lookup(slots[i]);
        if (block == nullptr) {
          const auto priority = random.OneIn(2) ? CachePriority::kScan : CachePriority::kNormal;
          kept = cache.Insert(slots[i], Filled(kSize, fill), priority);
          kept_fill = fill;
        } else {
          CHECK(block->bytes().front() == fill && block->bytes().back() == fill);
          if (random.OneIn(4)) {
            kept = BlockRef(block);
            kept_fill = fill;
          }
        }
        if (kept) CHECK(kept.bytes().front() == kept_fill);
        if (random.OneIn(16)) {
          cache.Charge(300);
          cache.Charge(-300);
        }
      }
    });
  }
  for (int closing = 0; closing < 30; ++closing) {
    std::this_thread::yield();
    for (int i = 0; i < 2000; ++i) ASSERT_LE(cache.block_bytes(), cache.budget());
    Shared* old = table.exchange(new Shared(cache));
    Retire(old, [](void* p) { delete static_cast<Shared*>(p); });
  }
  stop.store(true);
  for (std::thread& thread : threads) thread.join();
  delete table.load();
  DrainRetired();
  EXPECT_EQ(cache.block_bytes(), 0u);
}

}  // namespace
}  // namespace beachdb
