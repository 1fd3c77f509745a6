// One change of the live tables: what a flush, a compaction or a recovery installs, whole or not at
// all. One record of the MANIFEST; specified in docs/formats/manifest.md.
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

struct VersionEdit {
  struct Added {
    int level = 0;
    FileMetadata file;
  };
  struct Removed {
    int level = 0;
    std::uint64_t number = 0;
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
  std::vector<Removed> removed;
};

std::string EncodeVersionEdit(const VersionEdit& edit);
// kCorruption names field and offset. Limits are checked before anything is allocated.
Result<VersionEdit> DecodeVersionEdit(std::string_view bytes);

}  // namespace beachdb
