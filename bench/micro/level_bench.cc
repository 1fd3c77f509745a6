// A level of cached tables, walked as one. 16-byte hashed keys, 100-byte values, 20,000 entries a
// table. Numbers are per step or per seek.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/random.h"
#include "bench/fixed_keys.h"
#include "compaction/file_run.h"
#include "sstable/table_test_util.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kTables = 8;
constexpr std::uint64_t kEntriesPerTable = 20'000;
constexpr std::uint64_t kEntries = kTables * kEntriesPerTable;

// In memory, so that the disk has no say; read once, so that all of it is cached.
class Level {
 public:
  Level() {
    const std::string value(100, 'v');
    for (std::uint64_t t = 0; t < kTables; ++t) {
      std::vector<test::TestEntry> entries;
      for (std::uint64_t i = 0; i < kEntriesPerTable; ++i) {
        const fixed::Key key = keys_.At(t * kEntriesPerTable + i);
        entries.push_back({std::string(key.view()), PackTrailer(1, Kind::kPut), value});
      }
      auto built = test::BuildTable(entries);
      CHECK(built.ok());
      auto opened = test::OpenTable(built->bytes, cache_);
      CHECK(opened.ok());
      tables_.emplace_back(*std::move(opened));
      auto file = std::make_shared<FileMetadata>();
      file->number = t;
      file->smallest = entries.front().key;
      file->largest = entries.back().key;
      files_.push_back(std::move(file));
    }
    FileRunIterator it = Walk();
    std::uint64_t count = 0;
    for (it.SeekToFirst(); it.Valid(); it.Next()) CHECK(it.user_key() == keys_.At(count++).view());
    CHECK(count == kEntries && it.status().ok());
    for (it.SeekToLast(); it.Valid(); it.Prev()) CHECK(it.user_key() == keys_.At(--count).view());
    CHECK(count == 0 && it.status().ok());
  }

  const fixed::KeySpace& keys() const { return keys_; }
  FileRunIterator Walk() const {
    const auto open = [this](const FileRef& file) -> Result<std::shared_ptr<Table>> {
      return tables_[file->number];
    };
    return {FileRun(files_, open), ScanKind::kRead};
  }

 private:
  fixed::KeySpace keys_{fixed::KeyShape::kHashed, kEntries};
  BlockCache cache_{256u << 20};
  std::vector<std::shared_ptr<Table>> tables_;
  std::vector<FileRef> files_;
};

const Level& Cached() {
  static const Level level;
  return level;
}

void BM_LevelForward(benchmark::State& state) {
  FileRunIterator it = Cached().Walk();
  for (auto _ : state) {
    for (it.SeekToFirst(); it.Valid(); it.Next()) benchmark::DoNotOptimize(it.value().data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kEntries) * state.iterations());
}
BENCHMARK(BM_LevelForward);

void BM_LevelBackward(benchmark::State& state) {
  FileRunIterator it = Cached().Walk();
  for (auto _ : state) {
    for (it.SeekToLast(); it.Valid(); it.Prev()) benchmark::DoNotOptimize(it.value().data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kEntries) * state.iterations());
}
BENCHMARK(BM_LevelBackward);

// The same iterator again and again, or a new one for each seek, as a short scan has it.
enum class Made : std::uint8_t { kOnce, kEachTime };

void BM_LevelSeek(benchmark::State& state, Made made) {
  const Level& level = Cached();
  std::vector<fixed::Key> targets;
  Random random(1);
  for (int i = 0; i < 1 << 16; ++i) targets.push_back(level.keys().At(random.Uniform(kEntries)));
  FileRunIterator once = level.Walk();
  for (const fixed::Key& target : targets) {
    once.Seek(target.view(), ~std::uint64_t{0});
    CHECK(once.Valid() && once.user_key() == target.view());
  }
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string_view target = targets[i++ % targets.size()].view();
    if (made == Made::kOnce) {
      once.Seek(target, ~std::uint64_t{0});
      benchmark::DoNotOptimize(once.user_key().data());
    } else {
      FileRunIterator it = level.Walk();
      it.Seek(target, ~std::uint64_t{0});
      benchmark::DoNotOptimize(it.user_key().data());
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(BM_LevelSeek, one_iterator, Made::kOnce);
BENCHMARK_CAPTURE(BM_LevelSeek, new_iterators, Made::kEachTime);

}  // namespace
}  // namespace beachdb
