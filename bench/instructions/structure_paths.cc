// The structures, each alone.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/epoch.h"
#include "base/hash.h"
#include "beachdb/write_batch.h"
#include "bench/instructions/path.h"
#include "bench/key_iterator.h"
#include "cache/block_cache.h"
#include "compaction/file_run.h"
#include "format/file_names.h"
#include "io/file_system.h"
#include "kv/merging_iterator.h"
#include "memtable/memtable.h"
#include "sstable/data_block.h"
#include "sstable/data_block_builder.h"
#include "sstable/filter.h"
#include "sstable/table_test_util.h"
#include "wal/log_writer.h"

namespace beachdb::instructions {
namespace {

const std::string kValue(kValueBytes, 'v');

// ---- memtable -----------------------------------------------------------------------------------

constexpr std::uint64_t kMemTableKeys = 40'000;  // and as many absent ones

struct MemTableState {
  explicit MemTableState(MemTableKind kind) : table(kind) {}
  void Add(const fixed::Key& key) {
    table.Add(key.view(), PackTrailer(++seqno, Kind::kPut), kValue);
  }

  MemTable table;
  Seqno seqno = 0;
  std::vector<fixed::Key> targets;
};

// Not in the order of the keys.
std::shared_ptr<MemTableState> FilledMemTable(MemTableKind kind) {
  auto state = std::make_shared<MemTableState>(kind);
  for (const fixed::Key& key : Draw(Keys(kMemTableKeys), kMemTableKeys)) state->Add(key);
  return state;
}

template <MemTableKind kKind>
Loop MemTablePut(const Job& job) {
  auto state = FilledMemTable(kKind);
  const fixed::KeySpace keys = Keys(job.operations + kMemTableKeys);
  for (std::uint64_t i = 0; i < job.operations; ++i) {
    state->targets.push_back(keys.Absent((i * 7919) % keys.count()));
  }
  return Owning(state, [](MemTableState& s) {
    const std::uint64_t before = s.table.entries();
    for (const fixed::Key& key : s.targets) s.Add(key);
    return s.table.entries() - before;
  });
}

template <MemTableKind kKind>
Loop MemTableGet(const Job& job) {
  auto state = FilledMemTable(kKind);
  state->targets = Draw(Keys(kMemTableKeys), kMemTableKeys);  // the very ones that were added
  state->targets.resize(job.operations, state->targets.front());
  return Owning(state, [](MemTableState& s) {
    std::uint64_t right = 0;
    MemHit hit;
    for (const fixed::Key& key : s.targets) {
      right += s.table.Get(key.view(), kMaxSeqno, &hit) && hit.value == kValue ? 1 : 0;
    }
    return right;
  });
}

// ---- tables -------------------------------------------------------------------------------------

constexpr std::uint64_t kTableKeys = 20'000;

std::vector<test::TestEntry> TableEntries() {
  const fixed::KeySpace keys = Keys(kTableKeys);
  std::vector<test::TestEntry> entries;
  for (std::uint64_t i = 0; i < keys.count(); ++i) {
    entries.push_back({std::string(keys.At(i).view()), PackTrailer(i + 1, Kind::kPut), kValue});
  }
  return entries;
}

struct TableState {
  TableState() {
    auto built = test::BuildTable(TableEntries());
    CHECK(built.ok());
    bytes = built->bytes;
    auto opened = test::OpenTable(bytes, cache);
    CHECK(opened.ok());
    table = *std::move(opened);
    TableIterator it(*table, ScanKind::kRead);
    for (it.SeekToFirst(); it.Valid(); it.Next()) {
    }
    CHECK(it.status().ok());
  }

  BlockCache cache{64u << 20};
  std::shared_ptr<std::string> bytes;
  std::shared_ptr<Table> table;
  std::vector<fixed::Key> targets;
  std::uint64_t operations = 0;
};

Loop TableGet(const Job& job) {
  auto state = std::make_shared<TableState>();
  state->targets = Draw(Keys(kTableKeys), job.operations);
  return Owning(state, [](TableState& s) {
    std::uint64_t right = 0;
    for (const fixed::Key& key : s.targets) {
      const EpochGuard guard;
      TableHit hit;
      const auto found = s.table->Get(key.view(), kMaxSeqno, true, &hit);
      right += found.ok() && *found && hit.value == kValue ? 1 : 0;
    }
    return right;
  });
}

Loop LevelNext(const Job& job) {
  auto state = std::make_shared<TableState>();
  CHECK(job.operations < kTableKeys);
  state->operations = job.operations;
  return Owning(state, [](TableState& s) {
    const auto open = [&s](const FileRef&) -> Result<std::shared_ptr<Table>> { return s.table; };
    FileRunIterator it(FileRun({std::make_shared<const FileMetadata>()}, open), ScanKind::kRead);
    it.SeekToFirst();
    std::uint64_t right = 0;
    for (std::uint64_t i = 0; i < s.operations; ++i, it.Next()) {
      right += it.Valid() && it.value().size() == kValueBytes ? 1 : 0;
    }
    return right;
  });
}

struct BlockState {
  std::string bytes;
  std::vector<fixed::Key> targets;
  std::vector<std::uint32_t> positions;  // of the targets
};

Loop BlockSearch(const Job& job) {
  auto state = std::make_shared<BlockState>();
  const fixed::KeySpace keys = Keys(kTableKeys);
  DataBlockBuilder builder;
  std::uint32_t entries = 0;
  while (builder.Add({keys.At(entries).view(), PackTrailer(1, Kind::kPut), kValue}, 4096)) {
    ++entries;
  }
  const std::size_t size = DataBlockSize(builder.Entries());
  state->bytes.resize(size + kBlockSlack);
  EncodeDataBlock(builder.Entries(), size, state->bytes.data());
  Random random(1);
  for (std::uint64_t i = 0; i < job.operations; ++i) {
    state->positions.push_back(static_cast<std::uint32_t>(random.Uniform(entries)));
    state->targets.push_back(keys.At(state->positions.back()));
  }
  return Owning(state, [](BlockState& s) {
    std::uint64_t right = 0;
    for (std::size_t i = 0; i < s.targets.size(); ++i) {
      const DataBlock block(s.bytes.data());
      right += block.LowerBound(s.targets[i].view(), ~std::uint64_t{0}) == s.positions[i] ? 1 : 0;
    }
    return right;
  });
}

struct FilterState {
  std::optional<Filter> filter;
  std::vector<fixed::Key> targets;
};

// Half of the keys are there. The hash is part of the probe: nobody has it otherwise.
Loop FilterProbe(const Job& job) {
  auto state = std::make_shared<FilterState>();
  const fixed::KeySpace keys = Keys(kTableKeys);
  FilterBuilder builder(10);
  for (std::uint64_t i = 0; i < keys.count(); ++i) builder.AddHash(Hash64(keys.At(i).view()));
  auto filter = Filter::Decode(builder.Finish());
  CHECK(filter.ok());
  state->filter = *std::move(filter);
  Random random(1);
  for (std::uint64_t i = 0; i < job.operations; ++i) {
    const std::uint64_t index = random.Uniform(keys.count());
    state->targets.push_back(i % 2 == 0 ? keys.At(index) : keys.Absent(index));
  }
  return Owning(state, [](FilterState& s) {
    std::uint64_t passed = 0;
    for (const fixed::Key& key : s.targets) {
      passed += s.filter->MayContain(Hash64(key.view())) ? 1 : 0;
    }
    // About one of a hundred absent keys passes too.
    const std::uint64_t half = (s.targets.size() + 1) / 2;
    return passed >= half && passed < half + half / 20 + 5 ? s.targets.size() : passed;
  });
}

// ---- merge --------------------------------------------------------------------------------------

using MergeKey = std::array<char, fixed::kKeyBytes>;
using MergeSource = bench::KeyIterator<MergeKey>;

struct MergeState {
  std::vector<std::vector<MergeKey>> sources;
  std::uint64_t operations = 0;
};

// Eight sources, each step likely to come from another one.
Loop MergeStep(const Job& job) {
  constexpr std::uint64_t kSources = 8;
  auto state = std::make_shared<MergeState>();
  state->operations = job.operations;
  state->sources.resize(kSources);
  const fixed::KeySpace keys = Keys(job.operations + 1);
  Random random(1);
  for (std::uint64_t i = 0; i < keys.count(); ++i) {
    MergeKey key;
    keys.At(i).view().copy(key.data(), key.size());
    state->sources[random.Uniform(kSources)].push_back(key);
  }
  return Owning(state, [](MergeState& s) {
    std::vector<MergeSource> sources;
    for (const auto& list : s.sources) sources.emplace_back(list);
    MergingIterator<MergeSource> merge(std::move(sources));
    merge.SeekToFirst();
    std::uint64_t right = 0;
    for (std::uint64_t i = 0; i < s.operations; ++i) {
      const auto before = static_cast<unsigned char>(merge.user_key().front());
      merge.Next();
      right += merge.Valid() && before <= static_cast<unsigned char>(merge.user_key().front());
    }
    return right;
  });
}

// ---- checksum and log ---------------------------------------------------------------------------

struct CrcState {
  std::string page;
  std::uint64_t operations = 0;
};

Loop Crc4k(const Job& job) {
  auto state = std::make_shared<CrcState>();
  state->page.assign(4096, 'p');
  state->operations = job.operations;
  return Owning(state, [](CrcState& s) {
    const std::uint32_t want = crc32c::Value(s.page);
    std::uint64_t right = 0;
    for (std::uint64_t i = 0; i < s.operations; ++i) {
      right += crc32c::Extend(0, s.page) == want ? 1 : 0;
    }
    return right;
  });
}

struct LogState {
  std::unique_ptr<LogWriter> log;
  std::string batch;
  std::uint64_t operations = 0;
};

// Of 100 bytes of value, as a single buffered put (mapped) or a synced one (written) has it.
template <LogPath kHow>
Loop WalAppend(const Job& job) {
  auto state = std::make_shared<LogState>();
  WriteBatch batch;
  CHECK(batch.Put(Keys(2).At(1).view(), kValue).ok());
  state->batch = batch.bytes();
  state->operations = job.operations;
  auto log =
      LogWriter::Create(PosixFileSystem(), JoinPath(job.directory, LogName(1)), {DatabaseId{1}, 1},
                        (job.operations + 1) * (state->batch.size() + 64), 1);
  CHECK(log.ok());
  state->log = *std::move(log);
  const LogEntry first{1, 0, state->batch};  // maps the file
  CHECK(state->log->Append(std::span(&first, 1), 0, kHow).ok());
  return Owning(state, [](LogState& s) {
    std::uint64_t right = 0;
    for (std::uint64_t i = 0; i < s.operations; ++i) {
      const LogEntry entry{i + 2, 0, s.batch};
      right += s.log->Append(std::span(&entry, 1), 0, kHow).ok() ? 1 : 0;
    }
    return right;
  });
}

constexpr Path kPaths[] = {
    {"memtable-put-radix", "one new key into a radix tree of 40,000 or more", 20'000,
     MemTablePut<MemTableKind::kRadixTree>},
    {"memtable-put-skiplist", "the same into a skip list", 20'000,
     MemTablePut<MemTableKind::kSkipList>},
    {"memtable-get-radix", "one key that is there", 20'000, MemTableGet<MemTableKind::kRadixTree>},
    {"memtable-get-skiplist", "one key that is there", 20'000,
     MemTableGet<MemTableKind::kSkipList>},
    {"table-get", "one key out of an open table, cached", 20'000, TableGet},
    {"level-next", "one step of a level's iterator", 19'000, LevelNext},
    {"block-search", "one key in a data block of 4 KiB", 50'000, BlockSearch},
    {"filter-probe", "hash and filter, every second key absent", 50'000, FilterProbe},
    {"merge-step", "one step of a merge of 8 sources, never two in a row", 50'000, MergeStep},
    {"crc-4k", "CRC-32C of 4 KiB", 10'000, Crc4k},
    {"wal-append-mapped", "one batch of one put, through the mapping", 20'000,
     WalAppend<LogPath::kMapped>},
    {"wal-append-written", "the same by pwrite; the kernel is not counted", 5'000,
     WalAppend<LogPath::kWritten>},
};

}  // namespace

std::span<const Path> StructurePaths() { return kPaths; }

}  // namespace beachdb::instructions
