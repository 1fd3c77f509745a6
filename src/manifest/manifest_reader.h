// Reads a MANIFEST from its first byte to its last good record. Changes nothing on disk.
#pragma once

#include <cstdint>
#include <string>

#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/file_system.h"
#include "manifest/manifest_state.h"

namespace beachdb {

struct LoadedManifest {
  ManifestState state;
  std::uint64_t next_file_number = 1;
  std::uint64_t records = 0;
  std::uint64_t end = 0;  // offset behind the last good record
  std::string torn;       // what is wrong with the bytes behind it; empty: there are none
};

// kCorruption names file and offset. Bytes behind the last good record are a torn edit, which was
// never acknowledged, if no good record follows them and the snapshot before is complete; anything
// else is damage.
Result<LoadedManifest> LoadManifest(FileSystem& fs, const std::string& directory,
                                    std::uint64_t number, const DatabaseId& database);
// The same of a file of any name.
Result<LoadedManifest> LoadManifestFile(FileSystem& fs, const std::string& path,
                                        const FileIdentity& identity);

}  // namespace beachdb
