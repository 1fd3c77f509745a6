// A search within one data block, found in cache or not: the block of 4 KiB, 16-byte keys and
// 100-byte values. Numbers are per search.
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/random.h"
#include "bench/fixed_keys.h"
#include "sstable/data_block.h"
#include "sstable/data_block_builder.h"

namespace beachdb {
namespace {

using fixed::KeyShape;

// Blocks back to back, as many as asked for, and targets spread over all of them.
class Blocks {
 public:
  Blocks(KeyShape shape, std::size_t count) {
    const fixed::KeySpace keys(shape, 64 * count);
    const std::string value(100, 'v');
    std::uint64_t index = 0;
    for (std::size_t b = 0; b < count; ++b) {
      DataBlockBuilder builder;
      const std::uint64_t first = index;
      while (builder.Add({keys.At(index).view(), PackTrailer(1, Kind::kPut), value}, 4096)) ++index;
      const std::size_t size = DataBlockSize(builder.Entries());
      std::string bytes(size + kBlockSlack, '\0');
      EncodeDataBlock(builder.Entries(), size, bytes.data());
      blocks_.push_back(std::move(bytes));
      entries_.push_back(static_cast<std::uint32_t>(index - first));
      firsts_.push_back(first);
    }
    Random random(1);
    for (Target& target : targets_) {
      target.block = static_cast<std::uint32_t>(random.Uniform(count));
      target.position = static_cast<std::uint32_t>(random.Uniform(entries_[target.block]));
      target.key = keys.At(firsts_[target.block] + target.position);
    }
  }

  std::uint32_t Search(std::size_t i) const {
    const Target& target = targets_[i % targets_.size()];
    return DataBlock(blocks_[target.block].data()).LowerBound(target.key.view(), kFirst);
  }
  void CheckAnswers() const {
    for (std::size_t i = 0; i < targets_.size(); ++i) CHECK(Search(i) == targets_[i].position);
  }

 private:
  static constexpr std::uint64_t kFirst = ~std::uint64_t{0};  // before all versions of a key
  struct Target {
    std::uint32_t block = 0;
    std::uint32_t position = 0;
    fixed::Key key;
  };

  std::vector<std::string> blocks_;
  std::vector<std::uint32_t> entries_;
  std::vector<std::uint64_t> firsts_;
  std::vector<Target> targets_ = std::vector<Target>(1u << 16);
};

void BM_BlockSearch(benchmark::State& state, KeyShape shape) {
  const Blocks blocks(shape, static_cast<std::size_t>(state.range(0)));
  blocks.CheckAnswers();
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(blocks.Search(i++));
  state.SetItemsProcessed(state.iterations());
}
// 1: the instructions alone. 16,384: 64 MiB, each search meets its block's lines in memory.
BENCHMARK_CAPTURE(BM_BlockSearch, decimal, KeyShape::kDecimal)
    ->ArgName("blocks")
    ->Arg(1)
    ->Arg(1u << 14);
BENCHMARK_CAPTURE(BM_BlockSearch, hashed, KeyShape::kHashed)
    ->ArgName("blocks")
    ->Arg(1)
    ->Arg(1u << 14);

}  // namespace
}  // namespace beachdb
