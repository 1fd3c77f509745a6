// The memtable's two structures side by side: random 16-byte keys and 100-byte values unless the
// name says otherwise. Every number is per entry. docs/decisions/0003-memtable-structure.md keeps
// the ratios; run in one go and compare within the run, for absolute numbers move with the machine.
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/random.h"
#include "kv/internal_key.h"
#include "memtable/memtable.h"

namespace beachdb {
namespace {

constexpr std::size_t kKeySize = 16;
using Key = std::array<char, kKeySize>;

std::string_view View(const Key& key) { return {key.data(), key.size()}; }

// The i-th random key: a bijective mix of i, so that any key can be had without a table of them.
Key RandomKey(std::uint64_t i) {
  const auto mix = [](std::uint64_t x) {
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
  };
  const std::uint64_t words[2] = {mix(i + 1), mix(~i)};
  Key key;
  std::memcpy(key.data(), words, sizeof words);
  return key;
}

// 16 decimal digits, ascending: long shared prefixes.
Key DecimalKey(std::uint64_t i) {
  Key key;
  for (std::size_t at = kKeySize; at-- > 0; i /= 10) key[at] = static_cast<char>('0' + i % 10);
  return key;
}

const std::string kValue(100, 'v');

constexpr std::uint64_t kFirstAbsent = 1u << 30;  // no benchmark inserts so many

template <typename MakeKey>
std::unique_ptr<MemTable> Filled(MemTableKind kind, std::uint64_t count, MakeKey make_key) {
  auto table = std::make_unique<MemTable>(kind);
  for (std::uint64_t i = 0; i < count; ++i) {
    table->Add(View(make_key(i)), PackTrailer(i + 1, Kind::kPut), kValue);
  }
  return table;
}

// What is timed below is right: every key is found, no other is, and walks go in order.
void CheckAnswers(const MemTable& table, std::uint64_t count) {
  MemHit hit;
  for (std::uint64_t i = 0; i < count; ++i) {
    CHECK(table.Get(View(RandomKey(i)), kMaxSeqno, &hit));
    CHECK(TrailerSeqno(hit.trailer) == i + 1 && hit.value == kValue);
    CHECK(!table.Get(View(RandomKey(kFirstAbsent + i)), kMaxSeqno, &hit));
  }
  std::uint64_t seen = 0;
  std::string last;
  MemTable::Iterator it = table.NewIterator();
  for (it.SeekToFirst(); it.Valid(); it.Next(), ++seen) {
    CHECK(seen == 0 || last < it.user_key());
    last = it.user_key();
  }
  CHECK(seen == count);
  for (it.SeekToLast(); it.Valid(); it.Prev(), --seen) {
    CHECK(it.user_key() <= last);
    last = it.user_key();
  }
  CHECK(seen == 0);
}

// Filled once and kept for all benchmarks that only read it.
const MemTable& Shared(MemTableKind kind, std::uint64_t count) {
  static std::unique_ptr<MemTable> table;
  static std::optional<std::pair<MemTableKind, std::uint64_t>> what;
  if (what != std::pair(kind, count)) {
    table.reset();
    table = Filled(kind, count, RandomKey);
    what.emplace(kind, count);
    CheckAnswers(*table, count);
  }
  return *table;
}

void PerEntry(benchmark::State& state, std::uint64_t entries_per_round) {
  const double entries =
      static_cast<double>(state.iterations()) * static_cast<double>(entries_per_round);
  state.counters["time/entry"] =
      benchmark::Counter(entries, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

template <typename MakeKey>
void Insert(benchmark::State& state, MemTableKind kind, MakeKey make_key) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  std::size_t bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    auto table = Filled(kind, count, make_key);
    bytes = table->BytesUsed();
    state.PauseTiming();  // unmapping is the flush thread's work
    CHECK(table->entries() == count);
    table.reset();
    state.ResumeTiming();
  }
  PerEntry(state, count);
  state.counters["bytes/entry"] = static_cast<double>(bytes) / static_cast<double>(count);
}
void InsertRandom(benchmark::State& state, MemTableKind kind) { Insert(state, kind, RandomKey); }
void InsertSequential(benchmark::State& state, MemTableKind kind) {
  Insert(state, kind, DecimalKey);
}

// Keys from `first` on, in an order unlike that of insertion.
void Get(benchmark::State& state, MemTableKind kind, std::uint64_t first) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  const MemTable& table = Shared(kind, count);
  MemHit hit;
  Random random(1);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(
        table.Get(View(RandomKey(first + random.Uniform(count))), kMaxSeqno, &hit));
    benchmark::DoNotOptimize(hit);
  }
  PerEntry(state, 1);
}
void GetHit(benchmark::State& state, MemTableKind kind) { Get(state, kind, 0); }
void GetMiss(benchmark::State& state, MemTableKind kind) { Get(state, kind, kFirstAbsent); }

void Forward(benchmark::State& state, MemTableKind kind) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  MemTable::Iterator it = Shared(kind, count).NewIterator();
  for ([[maybe_unused]] auto _ : state) {
    for (it.SeekToFirst(); it.Valid(); it.Next()) {
      benchmark::DoNotOptimize(it.user_key()[0]);
      benchmark::DoNotOptimize(it.value()[99]);
    }
  }
  PerEntry(state, count);
}

void Backward(benchmark::State& state, MemTableKind kind) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  MemTable::Iterator it = Shared(kind, count).NewIterator();
  for ([[maybe_unused]] auto _ : state) {
    for (it.SeekToLast(); it.Valid(); it.Prev()) {
      benchmark::DoNotOptimize(it.user_key()[0]);
      benchmark::DoNotOptimize(it.value()[99]);
    }
  }
  PerEntry(state, count);
}

void SeekAndTen(benchmark::State& state, MemTableKind kind) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  MemTable::Iterator it = Shared(kind, count).NewIterator();
  Random random(2);
  for ([[maybe_unused]] auto _ : state) {
    it.Seek(View(RandomKey(random.Uniform(count))), SeekTrailer(kMaxSeqno));
    for (int i = 0; i < 10 && it.Valid(); ++i, it.Next()) benchmark::DoNotOptimize(it.value()[0]);
  }
  PerEntry(state, 1);
}

constexpr std::int64_t kSmall = 250'000;
constexpr std::int64_t kLarge = 3'000'000;

// Both structures, next to each other in the output.
#define MEMTABLE_BENCHMARK(name)                                                        \
  BENCHMARK_CAPTURE(name, skiplist, MemTableKind::kSkipList)->Arg(kSmall)->Arg(kLarge); \
  BENCHMARK_CAPTURE(name, radix, MemTableKind::kRadixTree)->Arg(kSmall)->Arg(kLarge)

MEMTABLE_BENCHMARK(InsertRandom)->Unit(benchmark::kMillisecond);
MEMTABLE_BENCHMARK(InsertSequential)->Unit(benchmark::kMillisecond);
MEMTABLE_BENCHMARK(GetHit);
MEMTABLE_BENCHMARK(GetMiss);
MEMTABLE_BENCHMARK(SeekAndTen);
MEMTABLE_BENCHMARK(Forward)->Unit(benchmark::kMillisecond);
MEMTABLE_BENCHMARK(Backward)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace beachdb
