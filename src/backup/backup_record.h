// The record of a backup: which state of which database it is, and which files make it up.
// Specified in docs/formats/backup.md.
//
//   beachdb-backup 1
//   id 3
//   created_micros 1767225600000000
//   database 5c3e6f0a-1b2c-4d5e-8f90-a1b2c3d4e5f6
//   last_seqno 17
//   durable_index 0
//   new_files 2
//   new_bytes 1846
//   manifest 9 512 1a2b3c4d               number, bytes, CRC-32C of the whole file
//   table 7 1334 5e6f7a8b                 one line a table, numbers ascending
//   end 9c8d7e6f                          CRC-32C of everything above this line
//
// A file is stored under a name that is its contents: database, number, size and checksum. Two
// backups that need the same file name the same one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/backup.h"
#include "beachdb/result.h"
#include "format/file_header.h"

namespace beachdb {

struct StoredFile {
  std::uint64_t number = 0;
  std::uint64_t size = 0;      // bytes
  std::uint32_t checksum = 0;  // CRC-32C of the whole file

  friend bool operator==(const StoredFile&, const StoredFile&) = default;
};

struct BackupRecord {
  std::uint64_t id = 0;
  std::uint64_t created_micros = 0;
  DatabaseId database{};
  std::uint64_t last_seqno = 0;
  std::uint64_t durable_index = 0;
  std::uint64_t new_files = 0;
  std::uint64_t new_bytes = 0;
  StoredFile manifest;
  std::vector<StoredFile> tables;  // by number

  std::uint64_t bytes() const;
  BackupInfo ToInfo() const;

  friend bool operator==(const BackupRecord&, const BackupRecord&) = default;
};

std::string EncodeBackupRecord(const BackupRecord& record);
// kCorruption says which line, what was wanted and what was found; kNotSupported: a newer version.
Result<BackupRecord> DecodeBackupRecord(std::string_view text);

// "000003.backup"
std::string RecordName(std::uint64_t id);
std::optional<std::uint64_t> ParseRecordName(std::string_view name);

enum class StoredKind : std::uint8_t { kTable, kManifest };
// "5c3e6f0a-...-000007-1334-5e6f7a8b.sst", or ".manifest"
std::string StoredName(const DatabaseId& database, const StoredFile& file, StoredKind kind);
// Whether a name is of that form, or the temporary one of such a file.
bool IsStoredName(std::string_view name);

}  // namespace beachdb
