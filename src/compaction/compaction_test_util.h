// What the tests of this layer share: seeds, and tables on a disk in memory.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "cache/block_cache.h"
#include "compaction/file_run.h"
#include "compaction/table_writer.h"
#include "format/file_names.h"
#include "io/fault_file_system.h"
#include "kv/vector_iterator.h"
#include "tests/support/memory_file_system.h"

namespace beachdb::test {

// Runs `body` with a Random for each of `count` seeds, or for the one in BEACHDB_SEED.
template <typename Body>
void ForEachSeed(int count, Body body) {
  const char* replay = std::getenv("BEACHDB_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const std::uint64_t rounds = replay != nullptr ? 1 : static_cast<std::uint64_t>(count);
  for (std::uint64_t seed = first; seed < first + rounds; ++seed) {
    SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed));
    Random random(seed);
    body(random);
    if (testing::Test::HasFatalFailure()) return;
  }
}

template <typename Iterator>
std::vector<Entry> ReadAll(Iterator& it) {
  std::vector<Entry> entries;
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    entries.push_back({std::string(it.user_key()), it.trailer(), std::string(it.value())});
  }
  EXPECT_TRUE(it.status().ok()) << it.status().ToString();
  return entries;
}

// A directory in memory with tables in it.
class TableRig {
 public:
  static constexpr const char* kDirectory = "db";

  OutputContext& output() { return output_; }
  FaultFileSystem& faults() { return fs_; }
  MemoryFileSystem& disk() { return disk_; }
  std::atomic<bool>& stop() { return stop_; }
  int opened() const { return opened_; }  // tables, by Opener

  // Tables of the files that TableWriter cuts. REQUIRES: entries in order, at least one.
  std::vector<FileRef> Write(const std::vector<Entry>& entries, TableCuts cuts = {}) {
    TableWriter writer(output_, {}, {}, std::move(cuts));
    for (const Entry& entry : entries) {
      const Status added = writer.Add(entry.key, entry.trailer, entry.value);
      EXPECT_TRUE(added.ok()) << added.ToString();
    }
    auto files = writer.Finish();
    EXPECT_TRUE(files.ok());
    return files.ok() ? Refs(*files) : std::vector<FileRef>{};
  }

  static std::vector<FileRef> Refs(const std::vector<FileMetadata>& files) {
    std::vector<FileRef> refs;
    for (const FileMetadata& file : files) {
      refs.push_back(std::make_shared<const FileMetadata>(file));
    }
    return refs;
  }

  TableOpener Opener() {
    return [this](const FileRef& file) -> Result<std::shared_ptr<Table>> {
      ++opened_;
      auto opened = fs_.Open(PathOf(file->number), OpenMode::kRead, IoMode::kBuffered);
      if (!opened.ok()) return opened.error();
      auto table = Table::Open(*std::move(opened), {output_.database, file->number}, file->size,
                               cache_, nullptr);
      if (!table.ok()) return table.error();
      return std::shared_ptr<Table>(*std::move(table));
    };
  }

  std::vector<Entry> Read(const std::vector<FileRef>& files) {
    FileRunIterator it(FileRun(files, Opener()), ScanKind::kRead);
    return ReadAll(it);
  }

  // The numbers of the table files that are there.
  std::set<std::uint64_t> OnDisk() {
    std::set<std::uint64_t> numbers;
    const auto names = disk_.List(kDirectory);
    EXPECT_TRUE(names.ok());
    for (const std::string& name : *names) {
      const auto parsed = ParseFileName(name);
      EXPECT_TRUE(parsed.has_value()) << name;
      numbers.insert(parsed->number);
    }
    return numbers;
  }

  std::string PathOf(std::uint64_t number) const { return JoinPath(kDirectory, TableName(number)); }

 private:
  MemoryFileSystem disk_;
  FaultFileSystem fs_{disk_};
  BlockCache cache_{64u << 20};
  std::atomic<bool> stop_{false};
  std::uint64_t next_number_ = 1;
  int opened_ = 0;
  OutputContext output_{.fs = fs_,
                        .clock = SystemClock(),
                        .directory = kDirectory,
                        .database = {1, 2, 3},
                        .io = IoMode::kBuffered,
                        .new_file_number = [this] { return next_number_++; },
                        .stop = stop_};
};

inline std::set<std::uint64_t> NumbersOf(const std::vector<FileRef>& files) {
  std::set<std::uint64_t> numbers;
  for (const FileRef& file : files) numbers.insert(file->number);
  return numbers;
}

// "key-000042"
inline std::string TestKey(std::uint64_t i) {
  const std::string digits = std::to_string(i);
  return "key-" + std::string(6 - digits.size(), '0') + digits;
}

// `count` versions of random keys, the i-th with seqno first_seqno + i; values of up to
// `value_size_max` bytes.
inline std::vector<Entry> RandomEntries(Random& random, std::uint64_t count, std::uint64_t keys,
                                        Seqno first_seqno, std::uint64_t value_size_max) {
  std::vector<Entry> entries;
  for (std::uint64_t i = 0; i < count; ++i) {
    const bool put = !random.OneIn(4);
    std::string value;
    if (put) value.assign(random.Uniform(value_size_max + 1), static_cast<char>('a' + i % 26));
    entries.push_back({TestKey(random.Uniform(keys)),
                       PackTrailer(first_seqno + i, put ? Kind::kPut : Kind::kDelete), value});
  }
  std::sort(entries.begin(), entries.end(), EntryBefore);
  return entries;
}

}  // namespace beachdb::test
