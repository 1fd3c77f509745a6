// Backups: a repository is a directory, on any file system, that holds states of a database over
// time. What did not change between two of them is stored once, so a backup costs what has changed.
//
//   auto made = CreateBackup(db, "/mnt/backups/shells");          // while writers go on
//   if (!made.ok()) return made.error();
//   RETURN(PruneBackups("/mnt/backups/shells", 7));               // the newest seven stay
//   RETURN(RestoreBackup("/mnt/backups/shells", made->id, "/data/shells-restored"));
//
// A backup is there, whole and durable, when CreateBackup has returned ok; whatever interrupts it
// leaves the backups before it as they were. A repository needs nothing from the database that it
// was made of. docs/formats/backup.md says what lies in it.
//
// Thread safety: all calls. One process and one call at a time may create or prune in a repository
// (kBusy, which names the holder); who lists, verifies and restores writes nothing there and takes
// no lock. Do not prune away what is being restored: the restore then fails, and says so.
// Errors: kInvalidArgument: no repository, no such backup, a target that is in use; kCorruption: a
// file of the database or of the repository is damaged (the message names it, and the backups that
// need it); kNoSpace: nothing of the backup is kept but files that the next try goes on from.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "beachdb/db.h"
#include "beachdb/result.h"

namespace beachdb {

struct BackupInfo {
  std::uint64_t id = 0;              // 1 and up, in the order of creation; never given out again
  std::uint64_t created_micros = 0;  // since 1970, UTC
  std::string database;              // its identity, as in the file IDENTITY
  std::uint64_t last_seqno = 0;      // of the state
  std::uint64_t durable_index = 0;   // Db::DurableIndex of the state
  std::uint64_t files = 0;           // tables, and a manifest
  std::uint64_t bytes = 0;           // of them: what a restore writes
  std::uint64_t new_files = 0;       // those that no backup before it had
  std::uint64_t new_bytes = 0;

  std::string ToJson() const;
};

struct BackupList {
  std::vector<BackupInfo> backups;    // the newest last
  std::vector<std::string> problems;  // records of backups that cannot be read

  std::string ToJson() const;
};

struct BackupVerifyReport {
  std::uint64_t backups = 0;
  std::uint64_t files = 0;  // read as a whole
  std::uint64_t bytes = 0;
  std::uint64_t unused_files = 0;  // that no backup needs; the next create or prune removes them
  std::vector<std::string>
      problems;  // file, expected, found, backups that need it; empty: all well

  std::string ToJson() const;
};

struct PruneReport {
  std::vector<std::uint64_t> removed;  // ids
  std::uint64_t kept = 0;              // backups
  std::uint64_t files = 0;             // removed
  std::uint64_t bytes = 0;             // removed

  std::string ToJson() const;
};

struct BackupProgress {
  std::uint64_t files = 0;  // done
  std::uint64_t files_all = 0;
  std::uint64_t bytes = 0;  // done
  std::uint64_t bytes_all = 0;
};

struct BackupOptions {
  // Called about once a MiB, from the calling thread.
  std::function<void(const BackupProgress&)> progress;
  // The world that the repository is in; not owned. nullptr: the real one.
  Environment* environment = nullptr;
};

// Adds a backup of at least everything that was acknowledged before the call. Makes the repository
// if `repository` does not exist, or is an empty directory.
Result<BackupInfo> CreateBackup(Db& db, const std::string& repository,
                                const BackupOptions& options = {});
Result<BackupList> ListBackups(const std::string& repository, const BackupOptions& options = {});
// Reads every byte that the backup `id` needs; 0: every backup. Problems are in the report; an
// error means that the check itself could not run.
Result<BackupVerifyReport> VerifyBackups(const std::string& repository, std::uint64_t id = 0,
                                         const BackupOptions& options = {});
// Writes the backup `id` (0: the newest) into `directory`, which does not exist yet or is empty.
// Every byte is checked on the way. It opens like any database, and has the identity of the one
// that it comes from. Before the restore has ended no database can be opened there.
Status RestoreBackup(const std::string& repository, std::uint64_t id, const std::string& directory,
                     const BackupOptions& options = {});
// Removes all backups but the newest `keep`, and every file that none of these needs.
Result<PruneReport> PruneBackups(const std::string& repository, std::uint64_t keep,
                                 const BackupOptions& options = {});

}  // namespace beachdb
