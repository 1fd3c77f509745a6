#include "format/file_header.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/coding.h"
#include "base/crc32c.h"
#include "base/strings.h"
#include "base/try.h"

namespace beachdb {

namespace {

// Where each field stands; the table is in the header.
constexpr std::size_t kMagicSize = 8;
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kIncompatibleAt = 12;
constexpr std::size_t kCompatibleAt = 16;
constexpr std::size_t kFirstZeroAt = 20;
constexpr std::size_t kDatabaseAt = 24;
constexpr std::size_t kNumberAt = 40;
constexpr std::size_t kCreatedAt = 48;
constexpr std::size_t kSecondZeroAt = 56;
constexpr std::size_t kChecksumAt = 60;

// Bits that this build understands.
constexpr std::uint32_t kKnownIncompatible = 0;

// The dashes of 8-4-4-4-12 stand before these bytes of the identity.
constexpr bool DashBefore(std::size_t byte) {
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string_view AsBytes(const DatabaseId& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

Error Corruption(std::string message) { return Error(Code::kCorruption, std::move(message)); }

}  // namespace

std::string FormatDatabaseId(const DatabaseId& id) {
  std::string text;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (DashBefore(i)) text += '-';
    text += HexEncode(AsBytes(id).substr(i, 1));
  }
  return text;
}

Result<DatabaseId> ParseDatabaseId(std::string_view text) {
  const auto bad = [&] {
    return Corruption(
        fmt::format("database identity: want 8-4-4-4-12 lower-case hex digits, "
                    "found \"{}\"",
                    EscapeBytes(text)));
  };
  DatabaseId id{};
  std::string_view rest = text;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (DashBefore(i)) {
      if (!rest.starts_with('-')) return bad();
      rest.remove_prefix(1);
    }
    if (rest.size() < 2) return bad();
    const int high = HexDigit(rest[0]);
    const int low = HexDigit(rest[1]);
    if (high < 0 || low < 0) return bad();
    id[i] = static_cast<unsigned char>(high << 4 | low);
    rest.remove_prefix(2);
  }
  if (!rest.empty()) return bad();
  return id;
}

std::uint32_t IdentityChecksum(const FileIdentity& file) {
  char number[8];
  StoreFixed64(number, file.number);
  return crc32c::Extend(crc32c::Value(AsBytes(file.database)), {number, sizeof number});
}

std::uint32_t BoundChecksum(std::uint32_t seed, std::uint64_t offset, std::string_view bytes) {
  char position[8];
  StoreFixed64(position, offset);
  const std::uint32_t crc =
      crc32c::Extend(crc32c::Extend(seed, {position, sizeof position}), bytes);
  return crc == 0 ? kZeroChecksumStandIn : crc;
}

std::string EncodeFileHeader(const FileHeader& header) {
  CHECK(header.magic.size() == kMagicSize);
  std::string out = header.magic;
  PutFixed32(out, header.version);
  PutFixed32(out, header.incompatible_features);
  PutFixed32(out, header.compatible_features);
  PutFixed32(out, 0);
  out += AsBytes(header.identity.database);
  PutFixed64(out, header.identity.number);
  PutFixed64(out, header.created_micros);
  PutFixed32(out, 0);
  PutFixed32(out, crc32c::Value(out));
  CHECK(out.size() == kFileHeaderSize);
  return out;
}

// The magic comes first, since "this is no table at all" is the better message for a stray file;
// nothing else is believed before the checksum is right.
Result<FileHeader> DecodeFileHeader(std::string_view bytes, std::string_view want_magic) {
  if (bytes.size() < kFileHeaderSize) {
    return Corruption(fmt::format("file header is cut short: want {} bytes, found {}",
                                  kFileHeaderSize, bytes.size()));
  }
  const char* p = bytes.data();
  FileHeader header;
  header.magic = bytes.substr(0, kMagicSize);
  if (header.magic != want_magic) {
    return Corruption(fmt::format("file header: bad magic at offset 0, want \"{}\", found \"{}\"",
                                  want_magic, EscapeBytes(header.magic)));
  }
  const std::uint32_t want_checksum = crc32c::Value(bytes.substr(0, kChecksumAt));
  const std::uint32_t found_checksum = LoadFixed32(p + kChecksumAt);
  if (found_checksum != want_checksum) {
    return Corruption(
        fmt::format("file header: checksum mismatch at offset {}, want {:08x}, "
                    "found {:08x}",
                    kChecksumAt, want_checksum, found_checksum));
  }
  header.version = LoadFixed32(p + kVersionAt);
  header.incompatible_features = LoadFixed32(p + kIncompatibleAt);
  header.compatible_features = LoadFixed32(p + kCompatibleAt);
  for (std::size_t i = 0; i < header.identity.database.size(); ++i) {
    header.identity.database[i] = static_cast<unsigned char>(p[kDatabaseAt + i]);
  }
  header.identity.number = LoadFixed64(p + kNumberAt);
  header.created_micros = LoadFixed64(p + kCreatedAt);
  if (header.version > kFormatVersion) {
    return Error(Code::kNotSupported,
                 fmt::format("file header: format version {}, this build reads up to {}: "
                             "use a newer build",
                             header.version, kFormatVersion));
  }
  if (header.version == 0) return Corruption("file header: format version 0, want 1 or more");
  const std::uint32_t unknown = header.incompatible_features & ~kKnownIncompatible;
  if (unknown != 0) {
    return Error(Code::kNotSupported, fmt::format("file header: unknown incompatible features "
                                                  "{:#010x}: use a newer build",
                                                  unknown));
  }
  if (LoadFixed32(p + kFirstZeroAt) != 0 || LoadFixed32(p + kSecondZeroAt) != 0) {
    return Corruption(
        fmt::format("file header: bytes {} and {} want to be zero, found {:08x} and "
                    "{:08x}",
                    kFirstZeroAt, kSecondZeroAt, LoadFixed32(p + kFirstZeroAt),
                    LoadFixed32(p + kSecondZeroAt)));
  }
  return header;
}

Result<FileHeader> CheckFileHeader(std::string_view bytes, std::string_view want_magic,
                                   const FileIdentity& want) {
  ASSIGN_OR_RETURN(FileHeader header, DecodeFileHeader(bytes, want_magic));
  if (header.identity.database != want.database) {
    return Corruption(fmt::format("file header: belongs to database {}, this one is {}",
                                  FormatDatabaseId(header.identity.database),
                                  FormatDatabaseId(want.database)));
  }
  if (header.identity.number != want.number) {
    return Corruption(fmt::format("file header: is file number {}, want {}", header.identity.number,
                                  want.number));
  }
  return header;
}

}  // namespace beachdb
