// A hit in the block cache: what it costs to enter an epoch, to find a cached block in its slot,
// and to keep it beyond the epoch. Numbers are per hit.
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/epoch.h"
#include "cache/block_cache.h"

namespace beachdb {
namespace {

constexpr std::size_t kBlockBytes = 4096;

// Slots that are all filled. Each block holds its own number.
class FilledCache {
 public:
  explicit FilledCache(std::size_t blocks) : slots_(blocks) {
    for (std::size_t i = 0; i < blocks; ++i) {
      BlockRef block = BlockCache::Allocate(kBlockBytes);
      *block.block()->mutable_data() = static_cast<char>(i);
      CHECK(cache_.Insert(slots_[i], std::move(block), CachePriority::kNormal));
    }
    const EpochGuard guard;
    for (std::size_t i = 0; i < blocks; ++i) {
      const CachedBlock* block = cache_.Lookup(slots_[i]);
      CHECK(block != nullptr && *block->data() == static_cast<char>(i));
    }
  }
  ~FilledCache() {
    for (BlockCache::Slot& slot : slots_) cache_.Evict(slot);
  }
  FilledCache(const FilledCache&) = delete;
  FilledCache& operator=(const FilledCache&) = delete;

  // In an order that hops from block to block.
  CachedBlock* Lookup(std::size_t i) { return cache_.Lookup(slots_[i * 7919 % slots_.size()]); }

 private:
  BlockCache cache_{512u << 20};
  std::vector<BlockCache::Slot> slots_;
};

void BM_EpochGuard(benchmark::State& state) {
  for (auto _ : state) {
    const EpochGuard guard;
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_EpochGuard);

void BM_CacheHit(benchmark::State& state) {
  FilledCache cache(static_cast<std::size_t>(state.range(0)));
  std::size_t i = 0;
  for (auto _ : state) {
    const EpochGuard guard;
    benchmark::DoNotOptimize(cache.Lookup(i++));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_CacheHit)->ArgName("blocks")->Arg(64)->Arg(1u << 14);

// As an iterator and a pinned value keep it.
void BM_CacheHitKept(benchmark::State& state) {
  FilledCache cache(static_cast<std::size_t>(state.range(0)));
  std::size_t i = 0;
  for (auto _ : state) {
    const EpochGuard guard;
    const BlockRef kept(cache.Lookup(i++));
    benchmark::DoNotOptimize(kept.block());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_CacheHitKept)->ArgName("blocks")->Arg(64)->Arg(1u << 14);

}  // namespace
}  // namespace beachdb
