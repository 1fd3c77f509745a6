// How far a load has come: `LOAD.position` in the directory of the database, for `load --resume`.
// Specified in docs/formats/load_position.md.
//
//   beachdb-load 1 <offset> <lines> <records> <CRC-32C of the input before offset> <CRC-32C>\n
//
// offset, lines and records are 20 digits, the checksums 8 hex digits; the last one covers the line
// before it. So the line has one length and is replaced by one write in place.
//
// It is written after a batch is durable, never before, so it may lag behind the data and never
// runs ahead of it. What is loaded twice after a crash is put twice, in the same order, which
// changes nothing unless somebody else wrote those keys in between.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb::tools {

inline constexpr std::string_view kLoadPositionName = "LOAD.position";

struct LoadPosition {
  std::uint64_t offset = 0;    // bytes of the input that are stored
  std::uint64_t lines = 0;     // of text, in them
  std::uint64_t records = 0;   // the same
  std::uint32_t checksum = 0;  // CRC-32C of those bytes: whether the input is still the same

  friend bool operator==(const LoadPosition&, const LoadPosition&) = default;
};

std::string EncodeLoadPosition(const LoadPosition& position);
// nullopt: damaged (a crash may have torn it).
std::optional<LoadPosition> DecodeLoadPosition(std::string_view line);

class LoadPositionFile {
 public:
  explicit LoadPositionFile(const std::string& directory);
  ~LoadPositionFile();
  LoadPositionFile(const LoadPositionFile&) = delete;
  LoadPositionFile& operator=(const LoadPositionFile&) = delete;

  // What is stored; nullopt: nothing, or nothing that can be read.
  Result<std::optional<LoadPosition>> Read();
  Status Write(const LoadPosition& position);
  // The load is complete.
  Status Remove();

  const std::string& path() const { return path_; }

 private:
  Error Failed(const char* doing) const;

  std::string path_;
  int fd_ = -1;
};

}  // namespace beachdb::tools
