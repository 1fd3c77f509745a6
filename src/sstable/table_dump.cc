#include "sstable/table_dump.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/strings.h"
#include "base/try.h"
#include "sstable/block_compression.h"
#include "sstable/data_block.h"
#include "sstable/filter.h"
#include "sstable/index_block.h"
#include "sstable/table.h"
#include "sstable/table_format.h"
#include "sstable/table_properties.h"

namespace beachdb {
namespace {

// How far the end of a block without a handle is looked for.
constexpr std::uint64_t kFirstWindow = 16u << 10;
constexpr std::uint64_t kLastWindow = 8u << 20;

std::string_view KindName(Kind kind) { return kind == Kind::kPut ? "put" : "delete"; }

class TableDumper {
 public:
  TableDumper(File& file, const TableDumpOptions& options, const DumpSink& out)
      : file_(file), options_(options), out_(out) {}

  std::uint64_t Run() {
    const Status status = DumpAll();
    if (!status.ok()) Problem("file", status.error());
    return problems_;
  }

 private:
  template <typename... Args>
  void Line(fmt::format_string<Args...> format, Args&&... args) {
    out_(fmt::format(format, std::forward<Args>(args)...));
  }
  void Problem(std::string_view where, const Error& error) {
    ++problems_;
    Line("PROBLEM {}: {}", where, error.message());
  }

  Status DumpAll() {
    ASSIGN_OR_RETURN(file_size_, file_.Size());
    Line("table {}, {} bytes", file_.path(), file_size_);
    if (file_size_ < kFileHeaderSize) {
      return Error(Code::kCorruption, fmt::format("{} bytes are too few for a header", file_size_));
    }
    RETURN_IF_ERROR(DumpHeader());
    if (file_size_ < kFileHeaderSize + kFooterSize) {
      return Error(Code::kCorruption, fmt::format("{} bytes are too few for a footer", file_size_));
    }
    auto footer = ReadFooter();
    if (!footer.ok()) {
      Problem("footer", footer.error());
      return SearchBlocks();
    }
    DumpFooter(*footer);
    DumpProperties(footer->properties);
    if (footer->filter.size != 0) DumpFilter(footer->filter);
    return DumpIndexed(*footer);
  }

  // The identity comes from the caller; else from the header, even from a damaged one: if it is
  // wrong, no checksum of the file will hold, and that will show.
  Status DumpHeader() {
    char bytes[kFileHeaderSize];
    RETURN_IF_ERROR(ReadExactly(file_, 0, bytes));
    FileIdentity identity;
    std::copy_n(bytes + 24, identity.database.size(), identity.database.begin());
    identity.number = LoadFixed64(bytes + 40);
    const auto header = DecodeFileHeader({bytes, sizeof bytes}, kTableMagic);
    if (!header.ok()) {
      Problem("header", header.error());
    } else {
      Line("header: version {}, database {}, number {}, created {} us", header->version,
           FormatDatabaseId(identity.database), identity.number, header->created_micros);
    }
    if (options_.identity.has_value() && identity != *options_.identity) {
      const auto owned = CheckFileHeader({bytes, sizeof bytes}, kTableMagic, *options_.identity);
      if (header.ok() && !owned.ok()) Problem("header", owned.error());
    }
    seed_ = IdentityChecksum(identity);
    return OkStatus();
  }

  Result<Footer> ReadFooter() {
    char bytes[kFooterSize];
    RETURN_IF_ERROR(ReadExactly(file_, file_size_ - kFooterSize, bytes));
    return DecodeFooter({bytes, sizeof bytes}, seed_, file_size_);
  }

  void DumpFooter(const Footer& footer) {
    Line("footer: at {}, filter {}+{}, index {}+{}, properties {}+{}", file_size_ - kFooterSize,
         footer.filter.offset, footer.filter.size, footer.index.offset, footer.index.size,
         footer.properties.offset, footer.properties.size);
  }

  // The block at `handle`; views into buffer_ and raw_, good until the next call.
  Result<StoredBlock> ReadBlock(const BlockHandle& handle, BlockType type) {
    if (handle.size > kMaxBlockSize + kBlockTrailerSize || handle.end() > file_size_) {
      return Error(Code::kCorruption, fmt::format("{} bytes at {} of a file of {}", handle.size,
                                                  handle.offset, file_size_));
    }
    buffer_.resize(handle.size);
    RETURN_IF_ERROR(ReadExactly(file_, handle.offset, buffer_));
    return OpenBlock(buffer_, type, seed_, handle.offset);
  }

  Result<std::string_view> Expand(const StoredBlock& block) {
    raw_.resize(block.raw_size + kBlockSlack);
    RETURN_IF_ERROR(UncompressBlock(block, raw_.data()));
    return std::string_view(raw_.data(), block.raw_size);
  }

  Result<std::string_view> ReadMeta(const BlockHandle& handle, BlockType type) {
    ASSIGN_OR_RETURN(const StoredBlock block, ReadBlock(handle, type));
    return Expand(block);
  }

  void DumpFilter(const BlockHandle& handle) {
    const auto contents = ReadMeta(handle, BlockType::kFilter);
    if (!contents.ok()) return Problem("filter block", contents.error());
    const auto filter = Filter::Decode(*contents);
    if (!filter.ok()) return Problem("filter block", filter.error());
    Line("filter: blocked Bloom, {} lines, {} probes", filter->lines(), filter->probes());
  }

  void DumpProperties(const BlockHandle& handle) {
    const auto contents = ReadMeta(handle, BlockType::kProperties);
    if (!contents.ok()) return Problem("properties block", contents.error());
    const auto decoded = DecodeTableProperties(*contents);
    if (!decoded.ok()) return Problem("properties block", decoded.error());
    if (!options_.properties) return;
    const TableProperties& p = *decoded;
    Line("entries: {}, tombstones {}, distinct keys {}", p.entries, p.tombstones, p.distinct_keys);
    Line("raw bytes: keys {}, values {}", p.raw_key_bytes, p.raw_value_bytes);
    Line("stored bytes: data {} in {} blocks, index {}, filter {}", p.data_bytes, p.data_blocks,
         p.index_bytes, p.filter_bytes);
    Line("keys: {} to {}", EscapeBytes(p.smallest_key, options_.key_limit),
         EscapeBytes(p.largest_key, options_.key_limit));
    Line("seqnos: {} to {}", p.smallest_seqno, p.largest_seqno);
    Line("written with: compression {}, block size {}, filter bits per key {}",
         CompressionName(p.compression), p.block_size, p.filter_bits_per_key);
    std::string inputs;
    for (const std::uint64_t input : p.job.inputs) inputs += fmt::format(" {}", input);
    Line("job: {} {} into level {}, inputs:{}", TableOriginName(p.job.origin), p.job.id,
         p.job.output_level, inputs);
  }

  // Every data block, by the index.
  Status DumpIndexed(const Footer& footer) {
    const auto contents = ReadMeta(footer.index, BlockType::kIndex);
    if (!contents.ok()) {
      Problem("index block", contents.error());
      return SearchBlocks();
    }
    const std::string kept(*contents);  // the data blocks need the buffer
    IndexBlockReader reader(kept);
    const auto count = reader.ReadCount();
    if (!count.ok()) {
      Problem("index block", count.error());
      return SearchBlocks();
    }
    BlockHandle handle{kFileHeaderSize, 0};
    for (std::uint32_t i = 0; i < *count; ++i) {
      const auto entry = reader.Next();
      if (!entry.ok()) {
        Problem("index block", entry.error());
        return OkStatus();
      }
      if (options_.index) DumpSeparator(i, *entry);
      handle = {handle.end(), entry->stored_size};
      DumpDataBlock(i, handle);
    }
    if (const Status end = reader.Finish(); !end.ok()) Problem("index block", end.error());
    return OkStatus();
  }

  void DumpSeparator(std::uint32_t i, const IndexEntry& entry) {
    const std::string key = EscapeBytes(entry.separator, options_.key_limit);
    if (entry.continues) {
      Line("separator {}: {} @ {}", i, key, TrailerSeqno(entry.trailer));
    } else {
      Line("separator {}: {}", i, key);
    }
  }

  void DumpDataBlock(std::uint32_t i, const BlockHandle& handle) {
    const std::string where = fmt::format("block {} at offset {}", i, handle.offset);
    const auto stored = ReadBlock(handle, BlockType::kData);
    if (!stored.ok()) return Problem(where, stored.error());
    const auto raw = Expand(*stored);
    if (!raw.ok()) return Problem(where, raw.error());
    const Status valid = DataBlock::Validate(*raw);
    if (!valid.ok()) return Problem(where, valid.error());
    const DataBlock block(raw->data());
    if (options_.blocks) {
      Line(
          "block {}: offset {}, stored {}, raw {}, compression {}, checksum {:08x} ok, entries {}, "
          "prefix {}",
          i, handle.offset, handle.size, stored->raw_size, CompressionName(stored->compression),
          LoadFixed32(buffer_.data() + buffer_.size() - 4), block.size(),
          EscapeBytes(block.prefix(), options_.key_limit));
    }
    if (options_.entries) DumpEntries(block);
  }

  void DumpEntries(const DataBlock& block) {
    std::string key;
    for (std::uint32_t j = 0; j < block.size(); ++j) {
      const DataBlock::Entry entry = block.At(j);
      block.CopyKey(j, &key);
      const Kind kind = TrailerKind(entry.trailer);
      Line("  {} @ {} {}{}{}", EscapeBytes(key, options_.key_limit), TrailerSeqno(entry.trailer),
           KindName(kind), kind == Kind::kPut ? " " : "",
           EscapeBytes(entry.value, options_.value_limit));
    }
  }

  // Without an index: blocks stand back to back, and a block ends where its checksum holds.
  Status SearchBlocks() {
    Line("looking for data blocks without an index");
    std::uint64_t offset = kFileHeaderSize;
    for (std::uint32_t i = 0;; ++i) {
      ASSIGN_OR_RETURN(const BlockHandle found, SearchBlock(offset));
      if (found.size == 0) {
        Line("no block is recognised from offset {} on; {} blocks were", offset, i);
        return OkStatus();
      }
      if (static_cast<BlockType>(buffer_[found.size - kBlockTrailerSize]) != BlockType::kData) {
        Line("data blocks end at offset {}; {} were found", offset, i);
        return OkStatus();
      }
      DumpDataBlock(i, found);
      offset = found.end();
    }
  }

  // The block that begins at `offset`, its bytes at the front of buffer_; size 0: none ends within
  // the largest window.
  Result<BlockHandle> SearchBlock(std::uint64_t offset) {
    const std::uint64_t left = file_size_ - offset;
    for (std::uint64_t window = kFirstWindow;; window *= 8) {
      buffer_.resize(std::min(window, left));
      RETURN_IF_ERROR(ReadExactly(file_, offset, buffer_));
      const std::size_t size = FindBlockEnd(offset);
      if (size != 0 || window >= std::min(left, kLastWindow)) {
        return BlockHandle{offset, static_cast<std::uint32_t>(size)};
      }
    }
  }

  // The stored size of the block that begins buffer_; 0: it does not end there.
  std::size_t FindBlockEnd(std::uint64_t offset) const {
    char position[8];
    StoreFixed64(position, offset);
    std::uint32_t crc = crc32c::Extend(seed_, {position, sizeof position});
    std::size_t summed = 0;
    const std::string_view bytes(buffer_);
    for (std::size_t at = 1; at + kBlockTrailerSize <= bytes.size(); ++at) {
      // What no trailer can be costs no checksum.
      const std::uint32_t fields = LoadFixed32(bytes.data() + at);
      if ((fields & 0xff) - 1 > 3 || (fields >> 8 & 0xff) > 2 || fields >> 16 != 0) continue;
      const std::size_t covered = at + 8;
      crc = crc32c::Extend(crc, bytes.substr(summed, covered - summed));
      summed = covered;
      if (crc == LoadFixed32(bytes.data() + covered)) return at + kBlockTrailerSize;
    }
    return 0;
  }

  File& file_;
  const TableDumpOptions& options_;
  const DumpSink& out_;
  std::uint64_t file_size_ = 0;
  std::uint32_t seed_ = 0;
  std::uint64_t problems_ = 0;
  std::string buffer_;
  std::string raw_;
};

}  // namespace

std::uint64_t DumpTable(File& file, const TableDumpOptions& options, const DumpSink& out) {
  return TableDumper(file, options, out).Run();
}

}  // namespace beachdb
