// One change of the live tables: what a flush, a compaction or a recovery installs, whole or not at
// all. One record of the MANIFEST; specified in docs/formats/manifest.md.
//
// Plain data; it may be copied and read from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "beachdb/result.h"
#include "manifest/file_metadata.h"

namespace beachdb {

// Numbers of files are smaller than this, so that no counter of them overflows.
inline constexpr std::uint64_t kMaxFileNumber = std::uint64_t{1} << 62;

struct VersionEdit {
  struct Added {
    int level = 0;
    FileMetadata file;
    friend bool operator==(const Added&, const Added&) = default;
  };
  struct Removed {
    int level = 0;
    std::uint64_t number = 0;
    friend bool operator==(const Removed&, const Removed&) = default;
  };

  // Logs with a smaller number are wholly in tables.
  std::optional<std::uint64_t> log_number;
  // Every number handed out so far is smaller.
  std::optional<std::uint64_t> next_file_number;
  // Every seqno in tables is at most this; a log's first record follows it without a gap.
  std::optional<Seqno> last_seqno;
  // The caller's log index up to which everything is in tables (WriteOptions::applied_index).
  std::optional<std::uint64_t> durable_index;
  std::vector<Added> added;
  std::vector<Removed> removed;  // takes effect before `added`

  friend bool operator==(const VersionEdit&, const VersionEdit&) = default;
};

// Brings the added tables into the order in which they are encoded: those that need the longer
// field come last.
void SortAdded(VersionEdit& edit);
// The same edit always gives the same bytes; what is not set takes none. REQUIRES: SortAdded.
std::string EncodeVersionEdit(const VersionEdit& edit);
// kCorruption names field and offset; kNotSupported a field that this build must not ignore. Every
// limit of docs/formats/manifest.md is checked, so that whatever passes can be encoded again;
// memory stays within a small multiple of the bytes given.
Result<VersionEdit> DecodeVersionEdit(std::string_view bytes);

}  // namespace beachdb
