#include "sstable/table_format.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/coding.h"
#include "base/strings.h"
#include "base/try.h"

namespace beachdb {
namespace {

constexpr std::size_t kFooterChecksumAt = kFooterSize - 4;
constexpr std::size_t kFileSizeAt = 80;

void PutHandle(std::string& out, const BlockHandle& handle) {
  PutFixed64(out, handle.offset);
  PutFixed32(out, handle.size);
  PutFixed32(out, 0);
}

BlockHandle LoadHandle(const char* p) { return {LoadFixed64(p), LoadFixed32(p + 8)}; }

bool AllZero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

// Filter, index, range tombstones and properties stand in this order, right before the footer.
Status CheckPlaces(const Footer& footer, std::uint64_t footer_offset) {
  const std::uint64_t meta = footer.filter.size != 0 ? footer.filter.offset : footer.index.offset;
  if (meta <= kFileHeaderSize || meta > footer_offset) {
    return Error(Code::kCorruption,
                 fmt::format("data blocks would end at {}, outside the file", meta));
  }
  const struct {
    const char* name;
    const BlockHandle& handle;
    std::uint64_t want_end;
    bool optional;
  } parts[] = {{"properties", footer.properties, footer_offset, false},
               {"range tombstones", footer.ranges, footer.properties.offset, true},
               {"index", footer.index,
                footer.ranges.size != 0 ? footer.ranges.offset : footer.properties.offset, false},
               {"filter", footer.filter, footer.index.offset, true}};
  for (const auto& part : parts) {
    if (part.optional && part.handle == BlockHandle{}) continue;
    if (part.handle.size <= kBlockTrailerSize || part.handle.offset > footer_offset ||
        part.handle.end() != part.want_end) {
      return Error(Code::kCorruption,
                   fmt::format("{} block at offset {} with {} bytes, but it must end at {}",
                               part.name, part.handle.offset, part.handle.size, part.want_end));
    }
  }
  return OkStatus();
}

// How many bytes one stored byte can stand for at most: LZ4 spends a byte on 255, Zstandard four on
// a block of 128 KiB. More is a lie, found before memory is spent on it.
std::uint64_t MaxRatio(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return 1;
    case Compression::kLz4:
      return 255;
    case Compression::kZstd:
      return 32768;
  }
  return 0;
}

Status CheckRawSize(const StoredBlock& block) {
  const bool possible =
      block.raw_size <= block.contents.size() * MaxRatio(block.compression) &&
      (block.compression != Compression::kNone || block.raw_size == block.contents.size());
  if (block.raw_size != 0 && block.raw_size <= kMaxBlockSize && possible) return OkStatus();
  return Error(
      Code::kCorruption,
      fmt::format("raw size {} is impossible for {} stored bytes, compression {} (limit {})",
                  block.raw_size, block.contents.size(), CompressionName(block.compression),
                  kMaxBlockSize));
}

}  // namespace

std::string_view BlockTypeName(BlockType type) {
  switch (type) {
    case BlockType::kData:
      return "data";
    case BlockType::kIndex:
      return "index";
    case BlockType::kFilter:
      return "filter";
    case BlockType::kProperties:
      return "properties";
    case BlockType::kRangeTombstones:
      return "range tombstones";
  }
  return "unknown";
}

std::string_view CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kLz4:
      return "lz4";
    case Compression::kZstd:
      return "zstd";
  }
  return "unknown";
}

void SealBlock(char* contents, std::size_t size, BlockType type, Compression compression,
               std::uint32_t raw_size, std::uint32_t seed, std::uint64_t offset) {
  char* trailer = contents + size;
  trailer[0] = static_cast<char>(type);
  trailer[1] = static_cast<char>(compression);
  StoreFixed16(trailer + 2, 0);
  StoreFixed32(trailer + 4, raw_size);
  StoreFixed32(trailer + 8, BoundChecksum(seed, offset, {contents, size + 8}));
}

Result<StoredBlock> OpenBlock(std::string_view stored, BlockType want, std::uint32_t seed,
                              std::uint64_t offset) {
  if (stored.size() <= kBlockTrailerSize) {
    return Error(Code::kCorruption, fmt::format("a block of {} bytes is too short", stored.size()));
  }
  const std::size_t size = stored.size() - kBlockTrailerSize;
  const char* trailer = stored.data() + size;
  const std::uint32_t expected = BoundChecksum(seed, offset, stored.substr(0, size + 8));
  const std::uint32_t found = LoadFixed32(trailer + 8);
  if (found != expected) {
    return Error(Code::kCorruption,
                 fmt::format("block checksum mismatch, expected {:08x}, found {:08x}: damaged, or "
                             "a block of another file or place",
                             expected, found));
  }
  const auto type = static_cast<BlockType>(trailer[0]);
  if (type != want) {
    return Error(Code::kCorruption,
                 fmt::format("block type {} ({}), want {}", static_cast<int>(type),
                             BlockTypeName(type), BlockTypeName(want)));
  }
  const StoredBlock block{stored.substr(0, size), static_cast<Compression>(trailer[1]),
                          LoadFixed32(trailer + 4)};
  if (static_cast<std::uint8_t>(trailer[1]) > static_cast<std::uint8_t>(Compression::kZstd) ||
      LoadFixed16(trailer + 2) != 0) {
    return Error(Code::kNotSupported,
                 fmt::format("block compression {} is unknown: open with a newer version",
                             LoadFixed16(trailer + 1)));
  }
  RETURN_IF_ERROR(CheckRawSize(block));
  return block;
}

std::string EncodeFooter(const Footer& footer, std::uint32_t seed) {
  std::string out(kTableMagic);
  PutFixed32(out, kFormatVersion);
  PutFixed32(out, 0);
  PutHandle(out, footer.index);
  PutHandle(out, footer.filter);
  PutHandle(out, footer.properties);
  PutHandle(out, footer.ranges);
  PutFixed64(out, footer.file_size);
  out.resize(kFooterChecksumAt, '\0');
  PutFixed32(out, BoundChecksum(seed, footer.file_size - kFooterSize, out));
  return out;
}

Result<Footer> DecodeFooter(std::string_view bytes, std::uint32_t seed, std::uint64_t file_size) {
  CHECK(bytes.size() == kFooterSize && file_size >= kFooterSize);
  if (bytes.substr(0, 8) != kTableMagic) {
    return Error(Code::kCorruption,
                 fmt::format("footer: bad magic, want {}, found {}: the file is cut short or was "
                             "never finished",
                             kTableMagic, EscapeBytes(bytes.substr(0, 8))));
  }
  const std::uint64_t offset = file_size - kFooterSize;
  const std::uint32_t expected = BoundChecksum(seed, offset, bytes.substr(0, kFooterChecksumAt));
  const std::uint32_t found = LoadFixed32(bytes.data() + kFooterChecksumAt);
  if (expected != found) {
    return Error(Code::kCorruption, fmt::format("footer: checksum mismatch, expected {:08x}, found "
                                                "{:08x}",
                                                expected, found));
  }
  if (const std::uint32_t version = LoadFixed32(bytes.data() + 8); version != kFormatVersion) {
    return Error(Code::kNotSupported, fmt::format("footer: format version {}, this build reads {}",
                                                  version, kFormatVersion));
  }
  // Version 1 leaves these out; a later one that needs them says so in its version.
  const bool clean = AllZero(bytes.substr(12, 4)) && AllZero(bytes.substr(28, 4)) &&
                     AllZero(bytes.substr(44, 4)) && AllZero(bytes.substr(60, 4)) &&
                     AllZero(bytes.substr(76, 4)) && AllZero(bytes.substr(88, 36));
  if (!clean) return Error(Code::kCorruption, "footer: reserved bytes are not zero");
  Footer footer;
  footer.index = LoadHandle(bytes.data() + 16);
  footer.filter = LoadHandle(bytes.data() + 32);
  footer.properties = LoadHandle(bytes.data() + 48);
  footer.ranges = LoadHandle(bytes.data() + 64);
  footer.file_size = LoadFixed64(bytes.data() + kFileSizeAt);
  if (footer.file_size != file_size) {
    return Error(Code::kCorruption, fmt::format("footer: file size {}, but the file has {} bytes",
                                                footer.file_size, file_size));
  }
  RETURN_IF_ERROR(CheckPlaces(footer, offset).WithContext("footer: "));
  return footer;
}

}  // namespace beachdb
