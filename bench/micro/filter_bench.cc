// A filter's answer: 10 bits a key, the hash already known, as a lookup has it that asks several
// tables. Numbers are per probe.
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/hash.h"
#include "bench/fixed_keys.h"
#include "sstable/filter.h"

namespace beachdb {
namespace {

constexpr std::size_t kHashes = 1u << 16;

// Built once, and kept.
const Filter& FilterOf(const fixed::KeySpace& keys) {
  static std::map<std::uint64_t, Filter> filters;
  const auto known = filters.find(keys.count());
  if (known != filters.end()) return known->second;
  FilterBuilder builder(10);
  for (std::uint64_t i = 0; i < keys.count(); ++i) builder.AddHash(Hash64(keys.At(i).view()));
  auto decoded = Filter::Decode(builder.Finish());
  CHECK(decoded.ok());
  return filters.emplace(keys.count(), *std::move(decoded)).first->second;
}

enum class Asked : std::uint8_t { kPresent, kAbsent };

void BM_FilterProbe(benchmark::State& state, Asked asked) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  const fixed::KeySpace keys(fixed::KeyShape::kHashed, count);
  const Filter& filter = FilterOf(keys);
  std::vector<std::uint64_t> hashes(kHashes);
  std::size_t passed = 0;
  for (std::size_t i = 0; i < kHashes; ++i) {
    const std::uint64_t index = i * 7919 % count;
    const fixed::Key key = asked == Asked::kPresent ? keys.At(index) : keys.Absent(index);
    hashes[i] = Hash64(key.view());
    passed += filter.MayContain(hashes[i]) ? 1 : 0;
  }
  // No false negative, and not many more false positives than one of a hundred.
  CHECK(asked == Asked::kPresent ? passed == kHashes : passed < kHashes / 50);

  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(filter.MayContain(hashes[i++ % kHashes]));
  state.SetItemsProcessed(state.iterations());
}
// The larger one, 12 MiB, is the filters of a database of 1 GiB.
BENCHMARK_CAPTURE(BM_FilterProbe, present, Asked::kPresent)
    ->ArgName("keys")
    ->Arg(10'000)
    ->Arg(10'000'000);
BENCHMARK_CAPTURE(BM_FilterProbe, absent, Asked::kAbsent)
    ->ArgName("keys")
    ->Arg(10'000)
    ->Arg(10'000'000);

void BM_Hash(benchmark::State& state) {
  const fixed::Key key = fixed::KeySpace(fixed::KeyShape::kHashed, 100).At(1);
  CHECK(Hash64("") == 0x2d06800538d394c2);  // XXH3's, which stored filters rely on
  for (auto _ : state) benchmark::DoNotOptimize(Hash64(key.view()));
}
BENCHMARK(BM_Hash);

}  // namespace
}  // namespace beachdb
