// What the tests of this layer share: files in memory, and tables made from lists of entries.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "sstable/table.h"
#include "sstable/table_builder.h"

namespace beachdb::test {

// A file that is a string, shared with the test, which may damage it.
class MemoryFile : public File {
 public:
  explicit MemoryFile(std::shared_ptr<std::string> bytes, std::size_t alignment = 1,
                      std::string path = "000007.sst")
      : File(std::move(path)), bytes_(std::move(bytes)), alignment_(alignment) {}

  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    ++reads;
    if (!Aligned(offset, out.size(), out.data())) return NotAligned();
    if (offset >= bytes_->size()) return std::size_t{0};
    const std::size_t size = std::min(out.size(), bytes_->size() - offset);
    std::memcpy(out.data(), bytes_->data() + offset, size);
    return size;
  }
  Status WriteAt(std::uint64_t offset, std::string_view data) override {
    if (!Aligned(offset, data.size(), data.data())) return NotAligned();
    if (bytes_->size() < offset + data.size()) bytes_->resize(offset + data.size());
    std::memcpy(bytes_->data() + offset, data.data(), data.size());
    return OkStatus();
  }
  Status Sync() override { return OkStatus(); }
  Status Allocate(std::uint64_t) override { return OkStatus(); }
  Status Truncate(std::uint64_t size) override {
    bytes_->resize(size);
    return OkStatus();
  }
  Result<std::uint64_t> Size() override { return std::uint64_t{bytes_->size()}; }
  Result<std::span<char>> Map(std::uint64_t) override {
    return Error(Code::kNotSupported, "no mapping");
  }
  void Prefetch(std::uint64_t, std::uint64_t) override {}
  std::size_t alignment() const override { return alignment_; }

  std::atomic<std::uint64_t> reads = 0;

 private:
  bool Aligned(std::uint64_t offset, std::size_t size, const void* data) const {
    return (offset | size | reinterpret_cast<std::uintptr_t>(data)) % alignment_ == 0;
  }
  static Error NotAligned() { return Error(Code::kIoError, "not aligned"); }

  std::shared_ptr<std::string> bytes_;
  std::size_t alignment_;
};

struct TestEntry {
  std::string key;
  std::uint64_t trailer = 0;
  std::string value;
  friend bool operator==(const TestEntry&, const TestEntry&) = default;
};

inline bool Before(const TestEntry& a, const TestEntry& b) {
  return CompareInternal(a.key, a.trailer, b.key, b.trailer) < 0;
}

inline FileIdentity TestIdentity() {
  FileIdentity identity;
  for (std::size_t i = 0; i < identity.database.size(); ++i) {
    identity.database[i] = static_cast<unsigned char>(0xa0 + i);
  }
  identity.number = 7;
  return identity;
}

// The seed of a randomised test: BEACHDB_SEED replays one.
inline std::uint64_t TestSeed(std::uint64_t fallback) {
  const char* text = std::getenv("BEACHDB_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : fallback;
}

struct BuiltTable {
  std::shared_ptr<std::string> bytes = std::make_shared<std::string>();
  TableSummary summary;
};

// REQUIRES: entries in internal key order. Throws nothing; a failure shows in the result.
inline Result<BuiltTable> BuildTable(const std::vector<TestEntry>& entries,
                                     const TableOptions& options = {},
                                     const FileIdentity& identity = TestIdentity(),
                                     std::size_t alignment = 1) {
  BuiltTable built;
  TableJob job;
  job.origin = TableOrigin::kCompaction;
  job.id = 3;
  job.output_level = 2;
  job.inputs = {4, 5};
  TableBuilder builder(std::make_unique<MemoryFile>(built.bytes, alignment), identity, options, job,
                       1234567);
  for (const TestEntry& e : entries) {
    const Status added = builder.Add(e.key, e.trailer, e.value);
    if (!added.ok()) return added.error();
  }
  auto summary = builder.Finish();
  if (!summary.ok()) return summary.error();
  built.summary = *std::move(summary);
  return built;
}

inline Result<std::unique_ptr<Table>> OpenTable(const std::shared_ptr<std::string>& bytes,
                                                BlockCache& cache,
                                                const FileIdentity& identity = TestIdentity(),
                                                std::size_t alignment = 1) {
  return Table::Open(std::make_unique<MemoryFile>(bytes, alignment), identity, 0, cache, nullptr);
}

}  // namespace beachdb::test
