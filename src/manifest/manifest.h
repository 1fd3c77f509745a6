// The record of which tables are live: the MANIFEST file, CURRENT that names it, and the version
// that they add up to.
//
// A change is one VersionEdit, appended and synced before it takes effect. When the file has grown
// well beyond a snapshot of itself, a new MANIFEST is written (complete and synced) before CURRENT
// is switched to it by write, sync, rename, directory sync.
//
// Thread safety: none; the engine serialises calls to Apply. `state()` may be read by the thread
// that applies. Versions handed out are immutable and may be read by anyone.
// Lifetime: file system and clock must outlive it.
// Errors of Apply; nothing takes effect in memory under any of them:
//   - kNoSpace: nothing of the edit is on disk, its new tables may be removed. The next Apply
//     writes a fresh MANIFEST first and goes on with it.
//   - kInvalidArgument, kCorruption: the edit breaks a limit or contradicts the state, a bug of the
//     caller. Nothing was written; go on with a better one.
//   - kIoError: a write or a sync failed, so whether the edit is on disk is unknown. Keep the
//     tables that it adds and those that it removes. Every later Apply fails.
//   - kShutDown: an earlier Apply failed so; the message says why. Reopen: recovery reads what is
//     on disk.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/logger.h"
#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/clock.h"
#include "io/file_system.h"
#include "manifest/manifest_state.h"
#include "manifest/version_edit.h"

namespace beachdb {

// A MANIFEST is replaced when it is longer than this many bytes and than this many times the
// snapshot that it began with.
inline constexpr std::uint64_t kManifestRotateBytes = 1u << 20;
inline constexpr std::uint64_t kManifestRotateSnapshots = 4;

class Manifest {
 public:
  // A fresh database: writes an empty MANIFEST-<number> and points CURRENT at it. kCorruption when
  // the directory holds CURRENT, tables or logs: there already is a database, or was. What a crash
  // in the middle of Create leaves behind does not hinder the next one.
  static Result<std::unique_ptr<Manifest>> Create(FileSystem& fs, Clock& clock,
                                                  const std::string& directory,
                                                  const DatabaseId& database);
  // The same, but holding `state` from the start, in a directory that holds its tables already: a
  // checkpoint. With the MANIFEST's name those of the tables become durable, before CURRENT is
  // made. Numbers up to `next_file_number` are taken.
  static Status CreateWith(FileSystem& fs, Clock& clock, const std::string& directory,
                           const DatabaseId& database, const ManifestState& state,
                           std::uint64_t next_file_number);
  // A whole MANIFEST-<number> that holds `state`, as bytes: what a backup keeps.
  static std::string Encode(Clock& clock, const FileIdentity& identity, const ManifestState& state,
                            std::uint64_t next_file_number);
  // An existing one: CURRENT, then every edit of the MANIFEST it names. kCorruption with file and
  // offset for damage anywhere but a torn last record, which was never acknowledged and is ignored
  // (and logged). A MANIFEST of another database is refused. Does not look for the tables, and
  // changes nothing on disk.
  static Result<std::unique_ptr<Manifest>> Recover(FileSystem& fs, Clock& clock,
                                                   const std::string& directory,
                                                   const DatabaseId& database,
                                                   const Logger& logger);
  ~Manifest();

  // After Recover, once the rest of the directory fits the state: goes on in a new MANIFEST, so
  // that nothing is appended behind a torn record, and no byte is believed that a failed sync of
  // the former process may have left in the page cache only. REQUIRED before anything is deleted
  // because of the state; an Apply does it too. If the disk is too full for that, it is no error,
  // and the next Apply makes up for it.
  Status GoOn(const Logger& logger);
  // What Recover ignored behind the last good record; empty: nothing.
  const std::string& torn() const { return torn_; }

  // Makes the edit durable, then current. Fills in next_file_number.
  Status Apply(VersionEdit edit);

  const ManifestState& state() const { return state_; }
  std::uint64_t file_number() const { return number_; }  // of the live MANIFEST

  // Numbers for new files; never the same twice, also across crashes: recovery skips every number
  // that it finds in the directory. Safe from any thread.
  std::uint64_t NewFileNumber() { return next_file_number_.fetch_add(1); }
  // Numbers up to `used` are taken.
  void SkipFileNumber(std::uint64_t used);

 private:
  Manifest(FileSystem& fs, Clock& clock, std::string directory, const DatabaseId& database);

  // Goes on in a new MANIFEST. On an error the one before is alive and untouched, unless broken_ is
  // set.
  Status Rotate();
  Status MakeReady(File& file, std::string_view bytes, std::uint64_t number);
  Status Append(std::string_view payload);
  // After this nothing is accepted any more. Returns what the failing call says.
  Error Break(const Error& cause);

  FileSystem& fs_;
  Clock& clock_;
  const std::string directory_;
  const DatabaseId database_;

  ManifestState state_;
  std::atomic<std::uint64_t> next_file_number_{1};

  std::uint64_t number_ = 0;     // of the live MANIFEST; 0 in Create before there is one
  std::unique_ptr<File> file_;   // it, open for appending; nullptr: rotate before the next append
  std::uint64_t end_ = 0;        // bytes in it
  std::uint64_t rotate_at_ = 0;  // bytes
  std::string torn_;
  Status broken_;  // why nothing is accepted any more
};

}  // namespace beachdb
