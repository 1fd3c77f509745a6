// The frame of a table file: where each part lies, and how every block is closed.
// Specified in docs/formats/sstable.md; its tables are checked by table_doc_test.cc.
//
//   file    header (format/file_header.h, magic BEACHSST), data blocks, filter block, index block,
//           range tombstones block (if there are any), properties block, footer: back to back,
//           no byte between them, none behind them.
//
// A stored block:
//   offset  size  field
//        0     n  contents            as the compression left them
//        n     1  type                BlockType
//      n+1     1  compression         0 none, 1 lz4, 2 zstd
//      n+2     2  zero
//      n+4     4  raw size            bytes of the contents before compression
//      n+8     4  checksum            BoundChecksum at the block's offset of the n+8 bytes before
//
// A handle:
//   offset  size  field
//        0     8  offset              in the file
//        8     4  size                stored bytes, trailer included
//       12     4  zero
//
// The footer, the last 128 bytes:
//   offset  size  field
//        0     8  magic               BEACHSST
//        8     4  format version      1
//       12     4  zero
//       16    16  index               handle
//       32    16  filter              handle; all zero: there is none
//       48    16  properties          handle
//       64    16  range tombstones    handle; all zero: there are none
//       80     8  file size           bytes, footer included
//       88    36  zero
//      124     4  checksum            BoundChecksum at the footer's offset of the 124 bytes before
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/options.h"
#include "beachdb/result.h"
#include "format/file_header.h"

namespace beachdb {

enum class BlockType : std::uint8_t {
  kData = 1,
  kIndex = 2,
  kFilter = 3,
  kProperties = 4,
  kRangeTombstones = 5,
};

// "data", "index"...
std::string_view BlockTypeName(BlockType type);
// "none", "lz4", "zstd".
std::string_view CompressionName(Compression compression);

inline constexpr std::size_t kBlockTrailerSize = 12;  // bytes
inline constexpr std::size_t kHandleSize = 16;
inline constexpr std::size_t kFooterSize = 128;
// Raw bytes of one block: room for the largest entry. Checked before anything is allocated.
inline constexpr std::size_t kMaxBlockSize = kMaxValueSize + (1u << 20);

struct BlockHandle {
  std::uint64_t offset = 0;
  std::uint32_t size = 0;  // stored, trailer included

  std::uint64_t end() const { return offset + size; }
  friend bool operator==(const BlockHandle&, const BlockHandle&) = default;
};

// A stored block whose checksum held.
struct StoredBlock {
  std::string_view contents;
  Compression compression = Compression::kNone;
  std::uint32_t raw_size = 0;
};

// Writes the trailer behind contents[0, size), which stand at `offset` of the file. `contents` must
// have room for kBlockTrailerSize more bytes.
void SealBlock(char* contents, std::size_t size, BlockType type, Compression compression,
               std::uint32_t raw_size, std::uint32_t seed, std::uint64_t offset);

// Takes a stored block apart. kCorruption: too short, checksum mismatch (damaged, or a block of
// another file or place), wrong type, impossible sizes. kNotSupported: unknown compression.
Result<StoredBlock> OpenBlock(std::string_view stored, BlockType want, std::uint32_t seed,
                              std::uint64_t offset);

struct Footer {
  BlockHandle index;
  BlockHandle filter;  // size 0: none
  BlockHandle properties;
  BlockHandle ranges;  // size 0: none
  std::uint64_t file_size = 0;

  friend bool operator==(const Footer&, const Footer&) = default;
};

// `seed` is the file's IdentityChecksum; the footer's offset follows from file_size.
std::string EncodeFooter(const Footer& footer, std::uint32_t seed);

// `bytes` are the last kFooterSize of a file of `file_size` bytes. Checks that the parts follow one
// another without gap or overlap. kCorruption says what was wanted and found; kNotSupported: a
// newer version.
Result<Footer> DecodeFooter(std::string_view bytes, std::uint32_t seed, std::uint64_t file_size);

}  // namespace beachdb
