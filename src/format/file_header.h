// The first 64 bytes of every file: what it is, whose it is, which it is.
// Specified in docs/formats/file_header.md.
//
//   offset  size  field
//        0     8  magic                 BEACHWAL, BEACHMAN, BEACHSST: legible in a hex dump
//        8     4  format version        1
//       12     4  incompatible features unknown bit: refuse to read
//       16     4  compatible features   unknown bit: read on
//       20     4  zero
//       24    16  database identity     of the database that wrote it
//       40     8  file number           the one in its name
//       48     8  creation time         microseconds since 1970, UTC; for people only
//       56     4  zero
//       60     4  checksum              CRC-32C of the 60 bytes before
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb {

using DatabaseId = std::array<unsigned char, 16>;

// "b3f0c2d1-...": 8-4-4-4-12 hex digits.
std::string FormatDatabaseId(const DatabaseId& id);
Result<DatabaseId> ParseDatabaseId(std::string_view text);

// Which file: of which database, under which number. Every checksum inside a file is bound to it
// and to the offset of what it covers, so that a block or record that stands where another
// belongs, in another file or in another database, never passes for it.
struct FileIdentity {
  DatabaseId database{};
  std::uint64_t number = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// The checksum of `bytes` at `offset` of that file: CRC-32C of identity, number (8 bytes), offset
// (8 bytes), bytes. `seed` is IdentityChecksum of the file, computed once. A sum of 0 is stored as
// kZeroChecksumStandIn, so that a checksum field of zeros is never right: zeroed blocks are damage.
inline constexpr std::uint32_t kZeroChecksumStandIn = 0xffffffff;
std::uint32_t IdentityChecksum(const FileIdentity& file);
std::uint32_t BoundChecksum(std::uint32_t seed, std::uint64_t offset, std::string_view bytes);

inline constexpr std::size_t kFileHeaderSize = 64;
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::string_view kWalMagic = "BEACHWAL";
inline constexpr std::string_view kManifestMagic = "BEACHMAN";
inline constexpr std::string_view kTableMagic = "BEACHSST";

struct FileHeader {
  std::string magic;  // 8 bytes
  std::uint32_t version = kFormatVersion;
  std::uint32_t incompatible_features = 0;
  std::uint32_t compatible_features = 0;
  FileIdentity identity;
  std::uint64_t created_micros = 0;
};

std::string EncodeFileHeader(const FileHeader& header);
// kCorruption: short, bad checksum, wrong magic. kNotSupported: newer version, unknown incompatible
// feature. Each message says what was wanted and what was found.
Result<FileHeader> DecodeFileHeader(std::string_view bytes, std::string_view want_magic);
// The same, and checks that the header names `want`: kCorruption says whose file it is instead.
Result<FileHeader> CheckFileHeader(std::string_view bytes, std::string_view want_magic,
                                   const FileIdentity& want);

}  // namespace beachdb
