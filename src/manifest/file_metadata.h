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
  std::uint64_t distinct_keys = 0;  // user keys; at most entries
  std::string smallest;             // user keys, both inclusive
  std::string largest;
  Seqno smallest_seqno = 0;
  Seqno largest_seqno = 0;

  // Entries that are not the newest of their key here: kept for a snapshot when the table was made.
  std::uint64_t old_versions() const { return entries - distinct_keys; }

  friend bool operator==(const FileMetadata&, const FileMetadata&) = default;
};

using FileRef = std::shared_ptr<const FileMetadata>;

}  // namespace beachdb
