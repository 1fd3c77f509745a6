#include "sstable/table_dump.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/strings.h"
#include "base/try.h"
#include "format/byte_labels.h"
#include "kv/expiry.h"
#include "kv/range_tombstones.h"
#include "sstable/block_compression.h"
#include "sstable/block_search.h"
#include "sstable/data_block.h"
#include "sstable/filter.h"
#include "sstable/index_block.h"
#include "sstable/table.h"
#include "sstable/table_format.h"
#include "sstable/table_labels.h"
#include "sstable/table_properties.h"

namespace beachdb {
namespace {

using Part = TablePart::Kind;

constexpr struct {
  std::string_view name;
  Part kind;
} kParts[] = {{"header", Part::kHeader},         {"filter", Part::kFilter},
              {"index", Part::kIndex},           {"ranges", Part::kRanges},
              {"properties", Part::kProperties}, {"footer", Part::kFooter}};

std::string PartName(const TablePart& part) {
  for (const auto& known : kParts) {
    if (part.kind == known.kind) return std::string(known.name);
  }
  return fmt::format("block {}", part.block);
}

BlockType TypeOf(Part kind) {
  switch (kind) {
    case Part::kFilter:
      return BlockType::kFilter;
    case Part::kIndex:
      return BlockType::kIndex;
    case Part::kRanges:
      return BlockType::kRangeTombstones;
    case Part::kProperties:
      return BlockType::kProperties;
    default:
      return BlockType::kData;
  }
}

class TableDumper {
 public:
  TableDumper(File& file, const TableDumpOptions& options, const DumpSink& out)
      : file_(file), options_(options), out_(out, file.path()) {}

  Result<std::uint64_t> Run() {
    ASSIGN_OR_RETURN(file_size_, file_.Size());
    out_.TellFile(file_size_);
    DumpAll();
    out_.Tell(DumpLine("total")
                  .Number("blocks", blocks_)
                  .Number("entries", entries_)
                  .Number("problems", out_.problems()));
    RETURN_IF_ERROR(io_error_);
    if (options_.hex.has_value() && !hex_shown_ && out_.problems() == 0) return NoSuchPart();
    return out_.problems();
  }

 private:
  Error NoSuchPart() const {
    return {Code::kInvalidArgument,
            fmt::format("{}: --hex: there is no {}: the table has {} data blocks, counted from 0",
                        file_.path(), PartName(*options_.hex), blocks_)};
  }

  // Damage; a failing disk is told once more, as the error of the dump.
  void Problem(std::string_view where, std::uint64_t offset, const Error& error) {
    out_.Problem(where, offset, error.message());
    if (error.code() == Code::kIoError) io_error_ = error;
  }

  void DumpAll() {
    const std::uint64_t least = kFileHeaderSize + kFooterSize;
    if (file_size_ >= kFileHeaderSize) DumpHeader();
    if (file_size_ < least) {
      return Problem("file", file_size_,
                     {Code::kCorruption,
                      fmt::format("file size: expected header and footer, at least {} bytes, "
                                  "found {}",
                                  least, file_size_)});
    }
    auto footer = ReadFooter();
    if (!footer.ok()) {
      Problem("footer", file_size_ - kFooterSize, footer.error());
      return SearchBlocks();
    }
    DumpFooter(*footer);
    DumpProperties(footer->properties);
    if (footer->filter.size != 0) DumpFilter(footer->filter);
    DumpIndexed(*footer);
    if (footer->ranges.size != 0) DumpRanges(footer->ranges);
  }

  // The identity comes from the caller; else from the header, even from a damaged one: if it is
  // wrong, no checksum of the file will hold, and that will show.
  void DumpHeader() {
    char bytes[kFileHeaderSize];
    if (const Status read = ReadExactly(file_, 0, bytes); !read.ok()) {
      return Problem("header", 0, read.error());
    }
    const std::string_view view(bytes, sizeof bytes);
    FileIdentity identity;
    std::copy_n(bytes + 24, identity.database.size(), identity.database.begin());
    identity.number = LoadFixed64(bytes + 40);
    const auto header = DecodeFileHeader(view, kTableMagic);
    if (!header.ok()) {
      Problem("header", 0, header.error());
    } else {
      out_.Tell(DumpLine("header")
                    .Number("offset", 0)
                    .Number("version", header->version)
                    .Text("database", FormatDatabaseId(identity.database))
                    .Number("number", identity.number)
                    .Number("created_micros", header->created_micros));
    }
    if (options_.identity.has_value() && identity != *options_.identity) {
      const auto owned = CheckFileHeader(view, kTableMagic, *options_.identity);
      if (header.ok() && !owned.ok()) Problem("header", 0, owned.error());
    }
    seed_ = IdentityChecksum(identity);
    if (!WantsHex({Part::kHeader})) return;
    ByteLabels labels(out_.sink(), 0, view);
    LabelFileHeader(labels);
  }

  Result<Footer> ReadFooter() {
    char bytes[kFooterSize];
    const std::uint64_t offset = file_size_ - kFooterSize;
    RETURN_IF_ERROR(ReadExactly(file_, offset, bytes));
    if (WantsHex({Part::kFooter})) {
      LabelFooter(out_.sink(), offset, {bytes, sizeof bytes}, seed_);
    }
    return DecodeFooter({bytes, sizeof bytes}, seed_, file_size_);
  }

  void DumpFooter(const Footer& footer) {
    DumpLine line("footer");
    line.Number("offset", file_size_ - kFooterSize)
        .Number("filter_offset", footer.filter.offset)
        .Number("filter_bytes", footer.filter.size)
        .Number("index_offset", footer.index.offset)
        .Number("index_bytes", footer.index.size)
        .Number("properties_offset", footer.properties.offset)
        .Number("properties_bytes", footer.properties.size);
    if (footer.ranges.size != 0) {
      line.Number("ranges_offset", footer.ranges.offset).Number("ranges_bytes", footer.ranges.size);
    }
    out_.Tell(line);
  }

  // The stored block at `handle`, in buffer_.
  Status ReadStored(const BlockHandle& handle) {
    buffer_.clear();
    if (handle.size > kMaxBlockSize + kBlockTrailerSize || handle.end() > file_size_) {
      return Error(Code::kCorruption, fmt::format("{} bytes at {} of a file of {}", handle.size,
                                                  handle.offset, file_size_));
    }
    buffer_.resize(handle.size);
    return ReadExactly(file_, handle.offset, buffer_);
  }

  // The same, checked; views into buffer_, good until the next call.
  Result<StoredBlock> ReadBlock(const BlockHandle& handle, const TablePart& part) {
    RETURN_IF_ERROR(ReadStored(handle));
    return OpenBlock(buffer_, TypeOf(part.kind), seed_, handle.offset);
  }

  Result<std::string_view> Expand(const StoredBlock& block) {
    raw_.resize(block.raw_size + kBlockSlack);
    RETURN_IF_ERROR(UncompressBlock(block, raw_.data()));
    return std::string_view(raw_.data(), block.raw_size);
  }

  Result<std::string_view> ReadMeta(const BlockHandle& handle, Part kind) {
    ASSIGN_OR_RETURN(const StoredBlock block, ReadBlock(handle, {kind}));
    return Expand(block);
  }

  bool WantsHex(const TablePart& part) {
    if (options_.hex != part) return false;
    hex_shown_ = true;
    return true;
  }
  // Behind the part's own lines. Whatever stands there is shown.
  void DumpHex(const BlockHandle& handle, const TablePart& part) {
    if (!WantsHex(part) || !ReadStored(handle).ok()) return;
    LabelStoredBlock(out_.sink(), handle.offset, buffer_, TypeOf(part.kind), seed_);
  }

  void DumpFilter(const BlockHandle& handle) {
    TellFilter(handle);
    DumpHex(handle, {Part::kFilter});
  }
  void TellFilter(const BlockHandle& handle) {
    const auto contents = ReadMeta(handle, Part::kFilter);
    if (!contents.ok()) return Problem("filter block", handle.offset, contents.error());
    if (const auto filter = Filter::Decode(*contents); !filter.ok()) {
      return Problem("filter block", handle.offset, filter.error());
    }
    TellFilterBits(*contents);
  }

  // REQUIRES: contents that Filter::Decode has accepted.
  void TellFilterBits(std::string_view contents) {
    const std::uint32_t lines = LoadFixed32(contents.data() + 8);
    const auto bits_of = [&](std::uint32_t line) {
      const char* p = contents.data() + kFilterHeaderSize + std::size_t{line} * kFilterLineSize;
      std::uint64_t bits = 0;
      for (std::size_t i = 0; i < kFilterLineSize; i += 8) {
        bits += static_cast<std::uint64_t>(std::popcount(LoadFixed64(p + i)));
      }
      return bits;
    };
    std::uint64_t bits_set = 0;
    for (std::uint32_t i = 0; i < lines; ++i) bits_set += bits_of(i);
    if (options_.filter || options_.filter_lines) {
      out_.Tell(DumpLine("filter")
                    .Text("kind", "blocked Bloom")
                    .Number("probes", LoadFixed32(contents.data() + 4))
                    .Number("lines", lines)
                    .Number("bits", std::uint64_t{lines} * kFilterLineSize * 8)
                    .Number("bits_set", bits_set));
    }
    for (std::uint32_t i = 0; options_.filter_lines && i < lines; ++i) {
      out_.Tell(DumpLine::PartOf("bits").Number("filter_line", i).Number("bits_set", bits_of(i)));
    }
  }

  void DumpProperties(const BlockHandle& handle) {
    TellProperties(handle);
    DumpHex(handle, {Part::kProperties});
  }
  void TellProperties(const BlockHandle& handle) {
    const auto contents = ReadMeta(handle, Part::kProperties);
    if (!contents.ok()) return Problem("properties block", handle.offset, contents.error());
    const auto decoded = DecodeTableProperties(*contents);
    if (!decoded.ok()) return Problem("properties block", handle.offset, decoded.error());
    if (!options_.properties) return;
    const TableProperties& p = *decoded;
    const auto tell = [&](std::string_view name, std::uint64_t number) {
      out_.Tell(DumpLine("property").Number(name, number));
    };
    tell("entries", p.entries);
    tell("tombstones", p.tombstones);
    tell("range_tombstones", p.range_tombstones);
    tell("distinct_keys", p.distinct_keys);
    tell("raw_key_bytes", p.raw_key_bytes);
    tell("raw_value_bytes", p.raw_value_bytes);
    tell("data_blocks", p.data_blocks);
    tell("data_bytes", p.data_bytes);
    tell("index_bytes", p.index_bytes);
    tell("filter_bytes", p.filter_bytes);
    out_.Tell(DumpLine("property").Bytes("smallest_key", p.smallest_key));
    out_.Tell(DumpLine("property").Bytes("largest_key", p.largest_key));
    tell("smallest_seqno", p.smallest_seqno);
    tell("largest_seqno", p.largest_seqno);
    tell("filter_bits_per_key", static_cast<std::uint64_t>(p.filter_bits_per_key));
    out_.Tell(DumpLine("property").Text("compression", CompressionName(p.compression)));
    tell("block_size", p.block_size);
    out_.Tell(DumpLine("property").Text("job_origin", TableOriginName(p.job.origin)));
    tell("job_id", p.job.id);
    tell("job_output_level", static_cast<std::uint64_t>(p.job.output_level));
    for (const std::uint64_t input : p.job.inputs) tell("job_input", input);
  }

  void DumpRanges(const BlockHandle& handle) {
    TellRanges(handle);
    DumpHex(handle, {Part::kRanges});
  }
  void TellRanges(const BlockHandle& handle) {
    const auto contents = ReadMeta(handle, Part::kRanges);
    if (!contents.ok()) return Problem("range tombstones block", handle.offset, contents.error());
    const auto ranges = DecodeRangeTombstones(*contents);
    if (!ranges.ok()) return Problem("range tombstones block", handle.offset, ranges.error());
    if (!options_.entries) return;
    for (const RangeTombstone& range : *ranges) {
      out_.Tell(DumpLine::PartOf(KindName(Kind::kDeleteRange))
                    .Number("seqno", range.seqno)
                    .Bytes("begin", range.begin)
                    .Bytes("end", range.end));
    }
  }

  // Every data block, by the index.
  void DumpIndexed(const Footer& footer) {
    const auto contents = ReadMeta(footer.index, Part::kIndex);
    if (!contents.ok()) {
      Problem("index block", footer.index.offset, contents.error());
      DumpHex(footer.index, {Part::kIndex});
      return SearchBlocks();
    }
    const std::string kept(*contents);  // the data blocks need the buffer
    DumpHex(footer.index, {Part::kIndex});
    IndexBlockReader reader(kept);
    const auto count = reader.ReadCount();
    if (!count.ok()) {
      Problem("index block", footer.index.offset, count.error());
      return SearchBlocks();
    }
    BlockHandle handle{kFileHeaderSize, 0};
    for (std::uint32_t i = 0; i < *count; ++i) {
      const auto entry = reader.Next();
      if (!entry.ok()) return Problem("index block", footer.index.offset, entry.error());
      handle = {handle.end(), entry->stored_size};
      if (options_.index) TellSeparator(i, handle, *entry);
      DumpDataBlock(i, handle);
    }
    if (const Status end = reader.Finish(); !end.ok()) {
      Problem("index block", footer.index.offset, end.error());
    }
  }

  void TellSeparator(std::uint32_t i, const BlockHandle& handle, const IndexEntry& entry) {
    DumpLine line("separator");
    line.Number("block", i)
        .Number("offset", handle.offset)
        .Number("stored_bytes", handle.size)
        .Bytes("key", entry.separator);
    if (entry.continues) line.Number("seqno", TrailerSeqno(entry.trailer));
    out_.Tell(line);
  }

  void DumpDataBlock(std::uint32_t i, const BlockHandle& handle) {
    const auto problems = out_.problems();
    TellDataBlock(i, handle);
    if (out_.problems() == problems) ++blocks_;
    DumpHex(handle, {Part::kData, i});
  }
  void TellDataBlock(std::uint32_t i, const BlockHandle& handle) {
    const TablePart part{Part::kData, i};
    const std::string where = PartName(part);
    const auto stored = ReadBlock(handle, part);
    if (!stored.ok()) return Problem(where, handle.offset, stored.error());
    const auto raw = Expand(*stored);
    if (!raw.ok()) return Problem(where, handle.offset, raw.error());
    const Status valid = DataBlock::Validate(*raw);
    if (!valid.ok()) return Problem(where, handle.offset, valid.error());
    const DataBlock block(raw->data());
    entries_ += block.size();
    if (options_.blocks) {
      out_.Tell(DumpLine("block")
                    .Number("index", i)
                    .Number("offset", handle.offset)
                    .Number("stored_bytes", handle.size)
                    .Number("raw_bytes", stored->raw_size)
                    .Text("compression", CompressionName(stored->compression))
                    .Checksum("checksum", LoadFixed32(buffer_.data() + buffer_.size() - 4))
                    .Number("entries", block.size())
                    .Bytes("prefix", block.prefix()));
    }
    if (options_.entries) TellEntries(i, block);
  }

  void TellEntries(std::uint32_t i, const DataBlock& block) {
    std::string key;
    for (std::uint32_t j = 0; j < block.size(); ++j) {
      const DataBlock::Entry entry = block.At(j);
      block.CopyKey(j, &key);
      const Kind kind = TrailerKind(entry.trailer);
      DumpLine line = DumpLine::PartOf(KindName(kind));
      line.Number("block", i).Number("seqno", TrailerSeqno(entry.trailer)).Bytes("key", key);
      if (kind == Kind::kPut) line.Bytes("value", entry.value);
      if (kind == Kind::kPutExpiring) {
        line.Number("expires_at", ExpiresAt(entry.value))
            .Bytes("value", ValueBehindExpiry(entry.value));
      }
      out_.Tell(line);
    }
  }

  // Without an index.
  void SearchBlocks() {
    out_.Tell(
        DumpLine("search").Number("offset", kFileHeaderSize).Words("what", "for data blocks"));
    std::uint64_t offset = kFileHeaderSize;
    for (std::uint32_t i = 0;; ++i) {
      const auto found = SearchBlock(file_, file_size_, seed_, offset, buffer_);
      if (!found.ok()) return Problem(fmt::format("block {}", i), offset, found.error());
      if (found->handle.size == 0 || found->type != BlockType::kData) {
        out_.Tell(DumpLine("search")
                      .Number("offset", offset)
                      .Words("what", found->handle.size == 0 ? "no block is recognised from here on"
                                                             : "the data blocks end here"));
        return;
      }
      DumpDataBlock(i, found->handle);
      offset = found->handle.end();
    }
  }

  File& file_;
  const TableDumpOptions& options_;
  DumpReport out_;
  std::uint64_t file_size_ = 0;
  std::uint32_t seed_ = 0;
  std::uint64_t blocks_ = 0;  // that are readable
  std::uint64_t entries_ = 0;
  bool hex_shown_ = false;
  Status io_error_;
  std::string buffer_;
  std::string raw_;
};

}  // namespace

Result<TablePart> ParseTablePart(std::string_view text) {
  for (const auto& known : kParts) {
    if (text == known.name) return TablePart{known.kind};
  }
  std::uint32_t block = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), block);
  if (error == std::errc() && end == text.data() + text.size())
    return TablePart{Part::kData, block};
  return Error(Code::kInvalidArgument,
               fmt::format("part of a table: expected the number of a data block, header, filter, "
                           "index, properties or footer, found {}",
                           EscapeBytes(text)));
}

Result<std::uint64_t> DumpTable(File& file, const TableDumpOptions& options, const DumpSink& out) {
  return TableDumper(file, options, out).Run();
}

}  // namespace beachdb
