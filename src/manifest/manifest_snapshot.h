// The whole state as records: how every MANIFEST begins.
//
// The first record (type kManifestSnapshot) says in which order keys stand, how many levels there
// are and how many records the snapshot takes; then it goes on like an edit that adds everything.
// Tables that do not fit into it follow in edits. Specified in docs/formats/manifest.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "manifest/manifest_state.h"
#include "manifest/version.h"
#include "manifest/version_edit.h"

namespace beachdb {

// The one order of keys: by unsigned byte.
inline constexpr std::string_view kComparatorName = "bytewise";
// A record of a snapshot is closed when it is this long. One more table adds 128 KiB at most.
inline constexpr std::size_t kSnapshotRecordBytes = 1u << 20;

struct ManifestSnapshot {
  std::string comparator{kComparatorName};
  std::uint64_t levels = kLevels;
  std::uint64_t records = 1;  // of the snapshot, this one included
  VersionEdit edit;           // its part of the tables
};

// Payloads in order: the snapshot record, then edits. `record_bytes` is for tests.
std::vector<std::string> EncodeSnapshot(const ManifestState& state, std::uint64_t next_file_number,
                                        std::size_t record_bytes = kSnapshotRecordBytes);
// kCorruption names field and offset.
Result<ManifestSnapshot> DecodeSnapshot(std::string_view bytes);
// kNotSupported: keys in another order, or more levels than this build has.
Status CheckSnapshot(const ManifestSnapshot& snapshot);

}  // namespace beachdb
