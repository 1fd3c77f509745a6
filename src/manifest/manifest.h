// The record of which tables are live: the MANIFEST file, CURRENT that names it, and the version
// that they add up to.
//
// A change is one VersionEdit, appended and synced before it takes effect. When the file has grown
// well beyond a snapshot of itself, a new MANIFEST is written (complete and synced) before CURRENT
// is switched to it by write, sync, rename, directory sync.
//
// Thread safety: none; the engine serialises calls to Apply. `current()` may be read by the thread
// that applies. Versions handed out are immutable and may be read by anyone.
// Errors: after a failed append or sync what is on disk is unknown: Apply fails, nothing takes
// effect in memory, and every later Apply fails too (kShutDown with the cause) -- except after
// kNoSpace, where the next Apply writes a fresh MANIFEST first and goes on with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/logger.h"
#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/clock.h"
#include "io/file_system.h"
#include "manifest/version.h"
#include "manifest/version_edit.h"

namespace beachdb {

struct ManifestState {
  VersionRef version;
  std::uint64_t log_number = 0;
  Seqno last_seqno = 0;
  std::uint64_t durable_index = 0;
};

class Manifest {
 public:
  // A fresh database: writes an empty MANIFEST-<number> and points CURRENT at it.
  static Result<std::unique_ptr<Manifest>> Create(FileSystem& fs, Clock& clock,
                                                  const std::string& directory,
                                                  const DatabaseId& database);
  // An existing one: CURRENT, then every edit of the MANIFEST it names. kCorruption with file and
  // offset for damage anywhere but a torn last record, which was never acknowledged and is cut off
  // by starting a new MANIFEST (and logged). A MANIFEST of another database is refused.
  static Result<std::unique_ptr<Manifest>> Recover(FileSystem& fs, Clock& clock,
                                                   const std::string& directory,
                                                   const DatabaseId& database, const Logger& logger);
  ~Manifest();

  // Makes the edit durable, then current. Fills in next_file_number.
  Status Apply(VersionEdit edit);

  const ManifestState& state() const;
  std::uint64_t file_number() const;  // of the live MANIFEST

  // Numbers for new files; never the same twice, also across crashes: recovery calls
  // SkipFileNumber for everything that it finds in the directory. Safe from any thread.
  std::uint64_t NewFileNumber();
  void SkipFileNumber(std::uint64_t used);
};

}  // namespace beachdb
