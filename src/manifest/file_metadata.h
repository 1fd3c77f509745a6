// What the manifest knows of one live table. Plain data: the manifest cannot read a table.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "kv/internal_key.h"

namespace beachdb {

struct FileMetadata {
  std::uint64_t number = 0;
  std::uint64_t size = 0;      // bytes; checked on open
  std::uint32_t checksum = 0;  // CRC-32C of the whole file
  std::uint64_t entries = 0;
  std::uint64_t tombstones = 0;
  std::string smallest;  // user keys, both inclusive
  std::string largest;
  Seqno smallest_seqno = 0;
  Seqno largest_seqno = 0;

  friend bool operator==(const FileMetadata&, const FileMetadata&) = default;
};

using FileRef = std::shared_ptr<const FileMetadata>;

}  // namespace beachdb
