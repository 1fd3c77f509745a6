#include "sstable/table_labels.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/strings.h"
#include "base/try.h"
#include "format/byte_labels.h"
#include "kv/internal_key.h"
#include "sstable/block_compression.h"
#include "sstable/data_block.h"
#include "sstable/filter.h"
#include "sstable/table_properties.h"

namespace beachdb {
namespace {

std::string TrailerMeaning(std::uint64_t trailer) {
  return fmt::format("seqno {}, {}", TrailerSeqno(trailer), KindName(TrailerKind(trailer)));
}

void LabelEntry(ByteLabels& bytes, std::uint32_t i, const DataBlock::Entry& entry) {
  const std::string name = fmt::format("entry {}", i);
  bytes.TakeVarint(name + ": bytes of the key behind the prefix:");
  if (entry.tail_size() > 0) bytes.TakeText(entry.tail_size(), name + ": those behind the head");
  bytes.Take(8, fmt::format("{}: {}", name, TrailerMeaning(entry.trailer)));
  if (!entry.value.empty()) bytes.TakeText(entry.value.size(), name + ": value");
}

// A valid block; a bad one is shown in one piece.
void LabelDataBlock(ByteLabels& bytes) {
  const std::string_view raw = bytes.rest();
  if (const Status valid = DataBlock::Validate(raw); !valid.ok()) {
    return bytes.TakeRest("not readable: " + valid.error().message());
  }
  const DataBlock block(raw.data());
  bytes.TakeFixed32("entry count");
  bytes.TakeFixed32("prefix length");
  const auto width = bytes.TakeByte("offset width");
  bytes.TakeZeros(3);
  bytes.TakeText(block.prefix().size(), "prefix");
  for (std::uint32_t i = 0; i < block.size(); ++i) {
    char head[4];
    StoreFixed32(head, __builtin_bswap32(block.Head(i)));
    const std::size_t size = std::min<std::size_t>(block.At(i).remainder_size, sizeof head);
    bytes.Take(sizeof head,
               fmt::format("head {} \"{}\", first byte highest", i, EscapeBytes({head, size})));
  }
  for (std::uint32_t i = 0; i <= block.size(); ++i) {
    const char* at = bytes.rest().data();
    bytes.Take(*width, fmt::format("{} {}",
                                   i < block.size() ? fmt::format("offset of entry {}:", i)
                                                    : "end of the entries:",
                                   *width == 2 ? LoadFixed16(at) : LoadFixed32(at)));
  }
  for (std::uint32_t i = 0; i < block.size(); ++i) LabelEntry(bytes, i, block.At(i));
}

void LabelIndexBlock(ByteLabels& bytes) {
  const auto count = bytes.TakeFixed32("block count");
  bytes.TakeZeros(4);
  for (std::uint32_t i = 0; count.has_value() && i < *count && !bytes.rest().empty(); ++i) {
    const std::string name = fmt::format("block {}", i);
    bytes.TakeFixed32(name + ": stored size");
    const auto packed = bytes.TakeVarint(name + ": separator size << 1 | continues:");
    if (!packed.has_value() || *packed >> 1 > bytes.rest().size()) break;
    bytes.TakeText(*packed >> 1, name + ": separator");
    if ((*packed & 1) != 0 && bytes.rest().size() >= 8) {
      const std::uint64_t trailer = LoadFixed64(bytes.rest().data());
      bytes.Take(8, fmt::format("{}: separator at seqno {}, kind {}", name, TrailerSeqno(trailer),
                                trailer & 0xff));
    }
  }
  bytes.TakeRest("not readable");
}

void LabelFilterBlock(ByteLabels& bytes) {
  bytes.TakeFixed32("filter kind");
  bytes.TakeFixed32("probes");
  bytes.TakeFixed32("line count");
  bytes.TakeZeros(4);
  for (std::uint32_t i = 0; bytes.rest().size() >= kFilterLineSize; ++i) {
    bytes.Take(kFilterLineSize, fmt::format("line {}", i));
  }
  bytes.TakeRest("not a whole line");
}

void LabelPropertyValue(ByteLabels& bytes, std::string_view name, std::size_t size) {
  if (name == "smallest key" || name == "largest key") {
    bytes.TakeText(size, name);
  } else if (name == "job inputs") {
    const std::size_t left = bytes.rest().size() - size;
    while (bytes.rest().size() > left && bytes.TakeVarint("job input").has_value()) continue;
  } else if (name == "unknown") {
    bytes.Take(size, name);
  } else {
    bytes.TakeVarint(name);
  }
}

void LabelPropertiesBlock(ByteLabels& bytes) {
  while (!bytes.rest().empty()) {
    std::string_view in = bytes.rest();
    std::uint32_t tag = 0;
    std::string_view value;
    if (!GetVarint32(in, tag) || !GetLengthPrefixed(in, value)) break;
    const std::string_view name = TablePropertyName(tag);
    bytes.Take(static_cast<std::size_t>(VarintLength(tag)), fmt::format("tag {}: {}", tag, name));
    bytes.TakeVarint("size");
    // A value that does not fill its size ends before it.
    const std::size_t behind = in.size();
    LabelPropertyValue(bytes, name, value.size());
    if (bytes.rest().size() < behind) break;
    if (bytes.rest().size() > behind) bytes.Take(bytes.rest().size() - behind, "left over");
  }
  bytes.TakeRest("not readable");
}

void LabelRangesBlock(ByteLabels& bytes) {
  const auto count = bytes.TakeFixed32("range tombstone count");
  for (std::uint32_t i = 0; count.has_value() && i < *count && !bytes.rest().empty(); ++i) {
    for (const char* part : {"begin", "end"}) {
      const std::string name = fmt::format("range {}: {}", i, part);
      const auto size = bytes.TakeVarint(name + " size");
      if (!size.has_value() || *size > bytes.rest().size()) return bytes.TakeRest("not readable");
      bytes.TakeText(*size, name);
    }
    bytes.TakeFixed64(fmt::format("range {}: seqno", i));
  }
  bytes.TakeRest("not readable");
}

void LabelContents(ByteLabels& bytes, BlockType type) {
  switch (type) {
    case BlockType::kData:
      return LabelDataBlock(bytes);
    case BlockType::kIndex:
      return LabelIndexBlock(bytes);
    case BlockType::kFilter:
      return LabelFilterBlock(bytes);
    case BlockType::kProperties:
      return LabelPropertiesBlock(bytes);
    case BlockType::kRangeTombstones:
      return LabelRangesBlock(bytes);
  }
}

// A checksum that is bound to the place: right, or what it should be.
void LabelChecksum(ByteLabels& bytes, std::string_view covered, std::uint64_t offset,
                   std::uint32_t seed) {
  const std::uint32_t found = LoadFixed32(bytes.rest().data());
  const std::uint32_t expected = BoundChecksum(seed, offset, covered);
  bytes.Take(4, found == expected
                    ? fmt::format("checksum {:08x}", found)
                    : fmt::format("checksum {:08x}, expected {:08x}", found, expected));
}

void LabelHandle(ByteLabels& bytes, std::string_view name) {
  bytes.TakeFixed64(fmt::format("{}: offset", name));
  bytes.TakeFixed32(fmt::format("{}: stored size", name));
  bytes.TakeZeros(4);
}

Result<std::string> ExpandedContents(std::string_view stored, BlockType type, std::uint32_t seed,
                                     std::uint64_t offset) {
  ASSIGN_OR_RETURN(const StoredBlock block, OpenBlock(stored, type, seed, offset));
  std::string raw(block.raw_size, '\0');
  RETURN_IF_ERROR(UncompressBlock(block, raw.data()));
  return raw;
}

}  // namespace

void LabelStoredBlock(const DumpSink& out, std::uint64_t offset, std::string_view stored,
                      BlockType type, std::uint32_t seed) {
  if (stored.size() <= kBlockTrailerSize) {
    return ByteLabels(out, offset, stored).TakeRest("too short for a block");
  }
  const std::size_t size = stored.size() - kBlockTrailerSize;
  const auto stored_type = static_cast<BlockType>(stored[size]);
  const auto compression = static_cast<Compression>(stored[size + 1]);
  ByteLabels contents(out, offset, stored.substr(0, size));
  if (compression == Compression::kNone) {
    LabelContents(contents, type);
  } else {
    contents.TakeRest(fmt::format("contents, compressed: {}", CompressionName(compression)));
  }

  ByteLabels trailer(out, offset + size, stored.substr(size));
  trailer.Take(1, fmt::format("block type {}: {}", static_cast<unsigned>(stored_type),
                              BlockTypeName(stored_type)));
  trailer.Take(1, fmt::format("compression {}: {}", static_cast<unsigned>(compression),
                              CompressionName(compression)));
  trailer.TakeZeros(2);
  trailer.TakeFixed32("raw size");
  LabelChecksum(trailer, stored.substr(0, size + 8), offset, seed);
  if (compression == Compression::kNone) return;

  const auto raw = ExpandedContents(stored, type, seed, offset);
  if (!raw.ok()) return;  // the block's own line says why
  out(DumpLine("contents")
          .Text("compression", CompressionName(compression))
          .Number("raw_bytes", raw->size()));
  ByteLabels expanded(out, 0, *raw);
  LabelContents(expanded, type);
}

void LabelFooter(const DumpSink& out, std::uint64_t offset, std::string_view footer,
                 std::uint32_t seed) {
  ByteLabels bytes(out, offset, footer);
  if (footer.size() != kFooterSize) return bytes.TakeRest("too short for a footer");
  bytes.TakeText(8, "magic");
  bytes.TakeFixed32("format version");
  bytes.TakeZeros(4);
  LabelHandle(bytes, "index");
  LabelHandle(bytes, "filter");
  LabelHandle(bytes, "properties");
  LabelHandle(bytes, "range tombstones");
  bytes.TakeFixed64("file size");
  bytes.TakeZeros(36);
  LabelChecksum(bytes, footer.substr(0, kFooterSize - 4), offset, seed);
}

}  // namespace beachdb
