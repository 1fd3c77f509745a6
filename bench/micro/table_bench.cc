// Tables: building, and reading what is cached. 16-byte keys and 100-byte values, blocks of 4 KiB,
// no compression unless the name says otherwise. Numbers are per entry or per lookup.
// docs/decisions/0004-block-layout.md keeps them; compare within one run.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/epoch.h"
#include "base/hash.h"
#include "base/random.h"
#include "io/file_system.h"
#include "sstable/table.h"
#include "sstable/table_builder.h"
#include "sstable/table_iterator.h"
#include "sstable/table_test_util.h"

namespace beachdb {
namespace {

constexpr std::size_t kKeySize = 16;
constexpr std::uint64_t kEntries = 290'000;  // a table of 32 MiB
constexpr std::size_t kTargets = 1u << 16;   // random lookups, again and again

enum class KeyShape { kDecimal, kHashed };

// Keys by rank, in order: 16 decimal digits, or 16 bytes as a hash would spread them.
std::string Key(KeyShape shape, std::uint64_t rank) {
  std::string key(kKeySize, '0');
  if (shape == KeyShape::kDecimal) {
    for (std::size_t at = kKeySize; at-- > 0; rank /= 10) {
      key[at] = static_cast<char>('0' + rank % 10);
    }
    return key;
  }
  std::uint64_t words[2] = {__builtin_bswap64(rank * (UINT64_MAX / kEntries)),
                            rank * 0x9e3779b97f4a7c15};
  std::memcpy(key.data(), words, sizeof words);
  return key;
}

// Discards what is written: the builder alone is measured.
class NullFile final : public File {
 public:
  NullFile() : File("null.sst") {}
  Result<std::size_t> ReadAt(std::uint64_t, std::span<char>) override { return std::size_t{0}; }
  Status WriteAt(std::uint64_t, std::string_view) override { return OkStatus(); }
  Status Sync() override { return OkStatus(); }
  Status Allocate(std::uint64_t) override { return OkStatus(); }
  Status Truncate(std::uint64_t) override { return OkStatus(); }
  Result<std::uint64_t> Size() override { return std::uint64_t{0}; }
  Result<std::span<char>> Map(std::uint64_t) override {
    return Error(Code::kNotSupported, "no mapping");
  }
  void Prefetch(std::uint64_t, std::uint64_t) override {}
  std::size_t alignment() const override { return 1; }
};

// 100 bytes, half of them random: they compress by about a half.
class Values {
 public:
  Values() : pool_(1u << 16, 'v') {
    Random random(1);
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      if (i % 100 < 50) pool_[i] = static_cast<char>(random.Next());
    }
  }
  std::string_view At(std::size_t i) const {
    return std::string_view(pool_).substr(i * 100 % (pool_.size() - 100), 100);
  }

 private:
  std::string pool_;
};

TableSummary Build(std::unique_ptr<File> file, const std::vector<std::string>& keys,
                   Compression compression) {
  TableOptions options;
  options.compression = compression;
  TableBuilder builder(std::move(file), FileIdentity{}, options, TableJob{}, 0);
  static const Values values;
  std::size_t i = 0;
  for (const std::string& key : keys) {
    if (!builder.Add(key, PackTrailer(1, Kind::kPut), values.At(i++)).ok()) std::abort();
  }
  return std::move(builder.Finish()).value();
}

std::vector<std::string> AllKeys(KeyShape shape) {
  std::vector<std::string> keys;
  for (std::uint64_t i = 0; i < kEntries; ++i) keys.push_back(Key(shape, i));
  return keys;
}

// An open table, all of it cached or (with a cache of nothing) none of it.
struct OpenedTable {
  OpenedTable(KeyShape shape, std::size_t budget, Compression compression) : cache(budget) {
    auto bytes = std::make_shared<std::string>();
    // In memory, so that the disk has no say.
    Build(std::make_unique<test::MemoryFile>(bytes), AllKeys(shape), compression);
    table = std::move(Table::Open(std::make_unique<test::MemoryFile>(bytes), FileIdentity{}, 0,
                                  cache, nullptr))
                .value();
    TableIterator it(*table, ScanKind::kRead);
    for (it.SeekToFirst(); it.Valid(); it.Next()) benchmark::DoNotOptimize(it.value().data());
    // In one piece, in the order of use: the targets themselves cost no cache miss.
    Random random(7);
    for (std::size_t i = 0; i < kTargets; ++i) targets += Key(shape, random.Uniform(kEntries));
  }

  std::string_view Target(std::size_t i) const {
    return std::string_view(targets).substr(i % kTargets * kKeySize, kKeySize);
  }

  BlockCache cache;
  std::unique_ptr<Table> table;
  std::string targets;
};

OpenedTable& Cached(KeyShape shape) {
  static OpenedTable decimal(KeyShape::kDecimal, 1u << 30, Compression::kNone);
  static OpenedTable hashed(KeyShape::kHashed, 1u << 30, Compression::kNone);
  return shape == KeyShape::kDecimal ? decimal : hashed;
}

void BM_TableBuild(benchmark::State& state, KeyShape shape, Compression compression) {
  const std::vector<std::string> keys = AllKeys(shape);
  std::uint64_t stored = 0;
  for (auto _ : state) {
    stored = Build(std::make_unique<NullFile>(), keys, compression).file_size;
  }
  const auto entries = static_cast<std::int64_t>(state.iterations() * keys.size());
  state.SetItemsProcessed(entries);
  state.SetBytesProcessed(entries * 116);
  state.counters["stored_per_entry"] = static_cast<double>(stored) / kEntries;
}
BENCHMARK_CAPTURE(BM_TableBuild, decimal, KeyShape::kDecimal, Compression::kNone);
BENCHMARK_CAPTURE(BM_TableBuild, hashed, KeyShape::kHashed, Compression::kNone);
BENCHMARK_CAPTURE(BM_TableBuild, decimal_lz4, KeyShape::kDecimal, Compression::kLz4);
BENCHMARK_CAPTURE(BM_TableBuild, decimal_zstd, KeyShape::kDecimal, Compression::kZstd);

void BM_TableGet(benchmark::State& state, KeyShape shape) {
  OpenedTable& t = Cached(shape);
  std::size_t i = 0;
  for (auto _ : state) {
    const EpochGuard guard;
    TableHit hit;
    const auto found = t.table->Get(t.Target(i++), kMaxSeqno, true, &hit);
    if (!found.ok() || !*found) state.SkipWithError("lost key");
    benchmark::DoNotOptimize(hit.value.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK_CAPTURE(BM_TableGet, decimal, KeyShape::kDecimal);
BENCHMARK_CAPTURE(BM_TableGet, hashed, KeyShape::kHashed);

// The same few keys: what the instructions cost without the cache misses.
void BM_TableGetHot(benchmark::State& state, KeyShape shape) {
  OpenedTable& t = Cached(shape);
  std::size_t i = 0;
  for (auto _ : state) {
    const EpochGuard guard;
    TableHit hit;
    const auto found = t.table->Get(t.Target(i++ % 64), kMaxSeqno, true, &hit);
    if (!found.ok() || !*found) state.SkipWithError("lost key");
    benchmark::DoNotOptimize(hit.value.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK_CAPTURE(BM_TableGetHot, decimal, KeyShape::kDecimal);
BENCHMARK_CAPTURE(BM_TableGetHot, hashed, KeyShape::kHashed);

void BM_TableMayContain(benchmark::State& state) {
  OpenedTable& t = Cached(KeyShape::kDecimal);
  std::uint64_t hash = 1;
  std::uint64_t maybe = 0;
  for (auto _ : state) {
    hash = hash * 6364136223846793005u + 1442695040888963407u;
    maybe += t.table->MayContain(hash ^ hash >> 29) ? 1 : 0;
  }
  state.counters["false_positives"] =
      static_cast<double>(maybe) / static_cast<double>(state.iterations());
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(BM_TableMayContain);

void BM_TableSeek(benchmark::State& state, KeyShape shape) {
  OpenedTable& t = Cached(shape);
  TableIterator it(*t.table, ScanKind::kRead);
  std::size_t i = 0;
  for (auto _ : state) {
    it.Seek(t.Target(i++), UINT64_MAX);
    benchmark::DoNotOptimize(it.user_key().data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK_CAPTURE(BM_TableSeek, decimal, KeyShape::kDecimal);
BENCHMARK_CAPTURE(BM_TableSeek, hashed, KeyShape::kHashed);

void BM_TableForward(benchmark::State& state, KeyShape shape, ScanKind kind) {
  OpenedTable& t = Cached(shape);
  std::uint64_t sum = 0;
  for (auto _ : state) {
    TableIterator it(*t.table, kind);
    for (it.SeekToFirst(); it.Valid(); it.Next()) sum += it.user_key().size() + it.trailer();
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kEntries));
}
BENCHMARK_CAPTURE(BM_TableForward, decimal, KeyShape::kDecimal, ScanKind::kRead);
BENCHMARK_CAPTURE(BM_TableForward, hashed, KeyShape::kHashed, ScanKind::kRead);

void BM_TableBackward(benchmark::State& state, KeyShape shape) {
  OpenedTable& t = Cached(shape);
  std::uint64_t sum = 0;
  for (auto _ : state) {
    TableIterator it(*t.table, ScanKind::kRead);
    for (it.SeekToLast(); it.Valid(); it.Prev()) sum += it.user_key().size() + it.trailer();
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kEntries));
}
BENCHMARK_CAPTURE(BM_TableBackward, decimal, KeyShape::kDecimal);
BENCHMARK_CAPTURE(BM_TableBackward, hashed, KeyShape::kHashed);

// As a compaction reads: nothing cached, large pieces, every block verified.
void BM_TableCompactionScan(benchmark::State& state, Compression compression) {
  OpenedTable t(KeyShape::kDecimal, 1, compression);
  std::uint64_t sum = 0;
  for (auto _ : state) {
    TableIterator it(*t.table, ScanKind::kCompact);
    for (it.SeekToFirst(); it.Valid(); it.Next()) sum += it.trailer();
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kEntries));
}
BENCHMARK_CAPTURE(BM_TableCompactionScan, none, Compression::kNone);
BENCHMARK_CAPTURE(BM_TableCompactionScan, lz4, Compression::kLz4);
BENCHMARK_CAPTURE(BM_TableCompactionScan, zstd, Compression::kZstd);

}  // namespace
}  // namespace beachdb
