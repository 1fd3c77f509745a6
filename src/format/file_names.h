// The names in a database directory. The table of who creates and deletes each, and which sync
// makes it durable, is in docs/formats/README.md. Numbers are never reused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace beachdb {

enum class FileType : std::uint8_t {
  kTable,      // 000007.sst
  kLog,        // 000008.wal
  kManifest,   // MANIFEST-000009
  kCurrent,    // CURRENT: the name of the live manifest
  kIdentity,   // IDENTITY: the database's UUID
  kLock,       // LOCK
  kEvents,     // EVENTS.log: what the database did, for people
  kTemporary,  // *.tmp: half-made; removed at open
};

struct ParsedName {
  FileType type;
  std::uint64_t number = 0;  // kTable, kLog, kManifest
};

inline constexpr std::string_view kCurrentName = "CURRENT";
inline constexpr std::string_view kIdentityName = "IDENTITY";
inline constexpr std::string_view kLockName = "LOCK";
inline constexpr std::string_view kEventsName = "EVENTS.log";
// Says that a backup is being restored here: no database until it is gone, or CURRENT is there.
inline constexpr std::string_view kRestoringName = "RESTORING.tmp";

std::string TableName(std::uint64_t number);
std::string LogName(std::uint64_t number);
std::string ManifestName(std::uint64_t number);
std::string JoinPath(std::string_view directory, std::string_view name);

// nullopt: not a name of ours, so never touched.
std::optional<ParsedName> ParseFileName(std::string_view name);

}  // namespace beachdb
