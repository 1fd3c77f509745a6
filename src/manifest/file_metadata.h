// What the manifest knows of one live table. Plain data: the manifest cannot read a table.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "format/file_header.h"
#include "kv/internal_key.h"

namespace beachdb {

// Of a table that was made outside of the database and taken in as it was (Db::Ingest).
struct FileOrigin {
  FileIdentity identity;  // what its header and its checksums go by
  Seqno base_seqno = 0;   // its place in the order of writes: added to every seqno in it

  friend bool operator==(const FileOrigin&, const FileOrigin&) = default;
};

struct FileMetadata {
  std::uint64_t number = 0;
  std::uint64_t size = 0;      // bytes; checked on open
  std::uint32_t checksum = 0;  // CRC-32C of the whole file
  std::uint64_t entries = 0;
  std::uint64_t tombstones = 0;
  std::uint64_t distinct_keys = 0;     // user keys; at most entries
  std::uint64_t range_tombstones = 0;  // beside the entries
  // User keys, both inclusive: entries and range tombstones lie between them. The largest may be
  // the end of a range, and not in the table.
  std::string smallest;
  std::string largest;
  Seqno smallest_seqno = 0;  // the base included, both
  Seqno largest_seqno = 0;
  std::optional<FileOrigin> origin;

  // Entries that are not the newest of their key here: kept for a snapshot when the table was made.
  std::uint64_t old_versions() const { return entries - distinct_keys; }

  // What the file says it is, in a database of this identity.
  FileIdentity IdentityIn(const DatabaseId& database) const {
    return origin.has_value() ? origin->identity : FileIdentity{database, number};
  }
  Seqno base_seqno() const { return origin.has_value() ? origin->base_seqno : 0; }

  friend bool operator==(const FileMetadata&, const FileMetadata&) = default;
};

using FileRef = std::shared_ptr<const FileMetadata>;

}  // namespace beachdb
