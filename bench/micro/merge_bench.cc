// Merging: the bare cost of a step by sources, run length and key shape, and whole compactions of
// real files. docs/decisions/0009-compaction.md keeps the numbers; compare within one run.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/random.h"
#include "bench/key_iterator.h"
#include "compaction/compaction_job.h"
#include "compaction/flush_job.h"
#include "format/file_names.h"
#include "kv/iterator.h"
#include "kv/merging_iterator.h"

namespace beachdb {
namespace {

using Key = std::array<char, 16>;

enum KeyShape : std::int64_t { kDecimal, kHashed };

Key MakeKey(std::int64_t shape, std::uint64_t rank, std::uint64_t of) {
  Key key;
  if (shape == kDecimal) {
    for (std::size_t at = key.size(); at-- > 0; rank /= 10) {
      key[at] = static_cast<char>('0' + rank % 10);
    }
    return key;
  }
  const std::uint64_t words[2] = {__builtin_bswap64(rank * (UINT64_MAX / of)),
                                  rank * 0x9e3779b97f4a7c15};
  std::memcpy(key.data(), words, sizeof words);
  return key;
}

// ---- the merge alone ----------------------------------------------------------------------------

using Source = bench::KeyIterator<Key>;
static_assert(EntryIterator<Source>);

// Arguments: sources; how many entries in a row come from one of them, on average; key shape.
void BM_MergeStep(benchmark::State& state) {
  constexpr std::uint64_t kEntries = 100'000;
  const auto count = static_cast<std::uint64_t>(state.range(0));
  const auto run = static_cast<std::uint64_t>(state.range(1));
  std::vector<std::vector<Key>> keys(count);
  Random random(1);
  std::uint64_t source = 0;
  for (std::uint64_t i = 0; i < kEntries; ++i) {
    if (random.OneIn(run)) source = random.Uniform(count);
    keys[source].push_back(MakeKey(state.range(2), i, kEntries));
  }
  std::vector<Source> sources;
  for (const auto& list : keys) sources.emplace_back(list);
  MergingIterator<Source> merge(std::move(sources));
  std::uint64_t next = 0;
  for (merge.SeekToFirst(); merge.Valid(); merge.Next(), ++next) {
    const Key want = MakeKey(state.range(2), next, kEntries);
    CHECK(merge.user_key() == std::string_view(want.data(), want.size()));
  }
  CHECK(next == kEntries);
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (merge.SeekToFirst(); merge.Valid(); merge.Next()) {
      sum += static_cast<unsigned char>(merge.user_key()[15]);
    }
  }
  benchmark::DoNotOptimize(sum);
  state.counters["per_entry"] = benchmark::Counter(
      static_cast<double>(kEntries),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_MergeStep)
    ->ArgNames({"sources", "run", "hashed"})
    ->ArgsProduct({{1, 2, 4, 8, 16}, {1, 100}, {kDecimal, kHashed}});

// ---- whole compactions --------------------------------------------------------------------------

// A directory of its own, gone at the end.
class Workshop {
 public:
  Workshop() {
    directory_ = (std::filesystem::temp_directory_path() / "beachdb-merge-bench").string();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  ~Workshop() { std::filesystem::remove_all(directory_); }

  OutputContext Output() {
    return {.fs = PosixFileSystem(),
            .clock = SystemClock(),
            .directory = directory_,
            .database = {},
            .io = IoMode::kDirect,
            .new_file_number = [this] { return next_++; },
            .stop = stop_};
  }
  TableOpener Opener() {
    return [this](const FileRef& file) -> Result<std::shared_ptr<Table>> {
      auto opened = PosixFileSystem().Open(PathOf(file->number), OpenMode::kRead);
      if (!opened.ok()) return opened.error();
      auto table = Table::Open(*std::move(opened), {{}, file->number}, file->size, cache_, nullptr);
      if (!table.ok()) return table.error();
      return std::shared_ptr<Table>(*std::move(table));
    };
  }
  void Remove(const std::vector<FileMetadata>& files) {
    for (const FileMetadata& file : files) std::filesystem::remove(PathOf(file.number));
  }

 private:
  std::string PathOf(std::uint64_t number) const { return JoinPath(directory_, TableName(number)); }

  std::string directory_;
  std::uint64_t next_ = 1;
  std::atomic<bool> stop_{false};
  BlockCache cache_{16u << 20};
};

// Four runs of 32 MiB of random keys and the 128 MiB below them; keys of 16, values of 100 bytes.
void BM_Compaction(benchmark::State& state) {
  constexpr std::uint64_t kKeys = 1'150'000;
  Workshop shop;
  OutputContext output = shop.Output();
  const CompactionLimits limits;
  const std::string value = std::string(50, 'v') + std::string(50, 'w');
  Random random(1);
  Seqno seqno = 0;
  CompactionPlan plan;
  plan.output_level = kBottomLevel;
  const auto write = [&](std::vector<std::uint64_t> ranks, std::vector<FileRef>& files,
                         std::uint64_t size) {
    std::sort(ranks.begin(), ranks.end());
    ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
    TableWriter writer(output, {}, {}, {.table_size = size, .grandparents = {}});
    for (const std::uint64_t rank : ranks) {
      const Key key = MakeKey(state.range(0), rank, kKeys);
      const Status added =
          writer.Add({key.data(), key.size()}, PackTrailer(++seqno, Kind::kPut), value);
      if (!added.ok()) return state.SkipWithError(added.ToString().c_str());
    }
    auto finished = writer.Finish();
    if (!finished.ok()) return state.SkipWithError(finished.error().ToString().c_str());
    for (const FileMetadata& file : *finished) {
      files.push_back(std::make_shared<const FileMetadata>(file));
    }
  };
  std::vector<std::uint64_t> all(kKeys);
  for (std::uint64_t rank = 0; rank < kKeys; ++rank) all[rank] = rank;
  write(all, plan.overlapping, limits.table_size);
  for (int run = 0; run < 4; ++run) {
    std::vector<std::uint64_t> ranks(kKeys / 4);
    for (std::uint64_t& rank : ranks) rank = random.Uniform(kKeys);
    std::vector<FileRef> files;
    write(ranks, files, UINT64_MAX);
    plan.inputs.insert(plan.inputs.begin(), files.begin(), files.end());
  }

  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  for (auto _ : state) {
    const TableOptions options{.compression = static_cast<Compression>(state.range(1))};
    auto merged = RunCompaction(output, options, plan, Version{}, shop.Opener(), {}, limits, 1);
    if (!merged.ok()) return state.SkipWithError(merged.error().ToString().c_str());
    bytes += merged->job.bytes_read;
    entries += merged->job.entries_in;
    state.PauseTiming();
    shop.Remove(merged->job.outputs);
    state.ResumeTiming();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));  // read
  state.SetItemsProcessed(static_cast<std::int64_t>(entries));
}
BENCHMARK(BM_Compaction)
    ->ArgNames({"hashed", "compression"})
    ->ArgsProduct({{kDecimal, kHashed}, {0, 1, 2}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace beachdb
