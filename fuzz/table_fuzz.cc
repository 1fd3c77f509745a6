// Hostile tables. The first byte of the input chooses what the rest is:
//   even: the contents of a data block, validated and then searched in every way;
//   odd:  a whole file; its checksums are made right first, or no input would pass the first of
//   them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/coding.h"
#include "base/epoch.h"
#include "sstable/data_block.h"
#include "sstable/table.h"
#include "sstable/table_dump.h"
#include "sstable/table_iterator.h"

namespace {

using namespace beachdb;

class InputFile final : public File {
 public:
  explicit InputFile(std::string bytes) : File("input.sst"), bytes_(std::move(bytes)) {}
  Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const std::size_t size = std::min<std::size_t>(out.size(), bytes_.size() - offset);
    std::memcpy(out.data(), bytes_.data() + offset, size);
    return size;
  }
  Status WriteAt(std::uint64_t, std::string_view) override { return ReadOnly(); }
  Status Sync() override { return ReadOnly(); }
  Status Allocate(std::uint64_t) override { return ReadOnly(); }
  Status Truncate(std::uint64_t) override { return ReadOnly(); }
  Result<std::uint64_t> Size() override { return std::uint64_t{bytes_.size()}; }
  Result<std::span<char>> Map(std::uint64_t) override { return ReadOnly(); }
  void Prefetch(std::uint64_t, std::uint64_t) override {}
  std::size_t alignment() const override { return 1; }

 private:
  static Error ReadOnly() { return {Code::kIoError, "read only"}; }
  std::string bytes_;
};

void Require(bool condition) {
  if (!condition) std::abort();
}

void FuzzBlock(std::string_view input) {
  if (!DataBlock::Validate(input).ok()) return;
  // Sized exactly: a read beyond the slack is seen.
  std::vector<char> bytes(input.begin(), input.end());
  bytes.resize(input.size() + kBlockSlack);
  const DataBlock block(bytes.data());
  std::string key;
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < block.size(); ++i) {
    block.CopyKey(i, &key);
    Require(block.KeyEquals(i, key));
    const DataBlock::Entry entry = block.At(i);
    for (const char c : entry.value) sum += static_cast<unsigned char>(c);
    Require(block.LowerBound(key, entry.trailer) <= block.size());
    key += static_cast<char>(sum);
    Require(block.LowerBound(key, entry.trailer) <= block.size());
  }
}

// Makes the checksum at the end of [offset, end) right, if there is room for one.
void Reseal(std::string& file, std::uint32_t seed, std::uint64_t offset, std::uint64_t end) {
  if (end > file.size() || offset > end || end - offset < 5) return;
  const std::string_view covered(file.data() + offset, end - offset - 4);
  StoreFixed32(file.data() + end - 4, BoundChecksum(seed, offset, covered));
}

void ResealAll(std::string& file, const FileIdentity& identity) {
  FileHeader header;
  header.magic = kTableMagic;
  header.identity = identity;
  file.replace(0, kFileHeaderSize, EncodeFileHeader(header));
  const std::uint32_t seed = IdentityChecksum(identity);
  const std::uint64_t footer = file.size() - kFooterSize;
  std::memcpy(file.data() + footer, kTableMagic.data(), kTableMagic.size());
  StoreFixed32(file.data() + footer + 8, kFormatVersion);
  StoreFixed64(file.data() + footer + 80, file.size());
  Reseal(file, seed, footer, file.size());
  for (const std::size_t at : {16u, 32u, 48u}) {
    const std::uint64_t offset = LoadFixed64(file.data() + footer + at);
    Reseal(file, seed, offset, offset + LoadFixed32(file.data() + footer + at + 8));
  }
  // The data blocks, as far as an index can be read.
  const std::uint64_t index = LoadFixed64(file.data() + footer + 16);
  const std::uint64_t size = LoadFixed32(file.data() + footer + 24);
  if (index > footer || size > footer - index || size < kBlockTrailerSize) return;
  const std::string contents = file.substr(index, size - kBlockTrailerSize);
  IndexBlockReader reader(contents);
  const auto count = reader.ReadCount();
  std::uint64_t offset = kFileHeaderSize;
  for (std::uint32_t i = 0; count.ok() && i < *count; ++i) {
    const auto entry = reader.Next();
    if (!entry.ok()) return;
    // Not over the blocks behind the data, which are sealed already.
    if (offset + entry->stored_size > footer) return;
    Reseal(file, seed, offset, offset + entry->stored_size);
    offset += entry->stored_size;
  }
}

void Walk(Table& table, ScanKind kind) {
  // A hostile order of keys may make seeks miss, never a walk endless.
  const std::uint64_t limit = 1u << 20;
  std::uint64_t steps = 0;
  TableIterator it(table, kind);
  std::string key;
  for (it.SeekToFirst(); it.Valid() && steps < limit; it.Next(), ++steps) key = it.user_key();
  for (it.SeekToLast(); it.Valid() && steps < limit; it.Prev(), ++steps) key = it.user_key();
  it.Seek(key, 0);
  if (it.Valid()) it.Prev();
  it.SeekForPrev(key, UINT64_MAX);
  if (it.Valid()) it.Next();
  const EpochGuard guard;
  TableHit hit;
  if (!key.empty()) (void)table.Get(key, kMaxSeqno, kind == ScanKind::kRead, &hit);
}

void FuzzFile(std::string file) {
  const FileIdentity identity{{1, 2, 3}, 7};
  if (file.size() >= kFileHeaderSize + kFooterSize) ResealAll(file, identity);
  {
    InputFile dumped(file);
    TableDumpOptions options;
    options.index = options.entries = options.filter_lines = true;
    // One part's bytes, by the file's first byte behind its header.
    constexpr std::uint32_t kKinds = 6;
    const auto choice = static_cast<std::uint8_t>(file.size() > 64 ? file[64] : 0);
    options.hex = TablePart{static_cast<TablePart::Kind>(choice % kKinds), choice / kKinds};
    (void)DumpTable(dumped, options, [](const DumpLine& line) { (void)line.ToText(64); });
  }
  BlockCache cache(1u << 20);
  auto table = Table::Open(std::make_unique<InputFile>(file), identity, 0, cache, nullptr);
  if (!table.ok()) return;
  (void)(*table)->Verify();
  for (const ScanKind kind : {ScanKind::kNoFill, ScanKind::kCompact, ScanKind::kRead}) {
    Walk(**table, kind);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    FuzzBlock(rest);
  } else {
    FuzzFile(rest);
  }
  return 0;
}
