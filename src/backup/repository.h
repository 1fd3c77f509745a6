// The directory of backups. Specified in docs/formats/backup.md.
//
//   REPOSITORY              one line that says what this is
//   LOCK                    held by who creates or prunes
//   files/                  tables and manifests, each under a name that is its contents
//   backups/000003.backup   a record: which files make up backup 3
//
// Order of every change, so that a record never names what is not there, whatever is interrupted:
//   create   files: written as *.tmp, synced, renamed; files/ synced;
//            then the record: written as *.tmp, synced, renamed; backups/ synced
//   prune    records removed, backups/ synced; then the files that no record names
// What an interrupted one leaves (*.tmp, files without a record) the next create or prune removes.
//
// Thread safety: none. Lifetime: the environment outlives it.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backup/backup_record.h"
#include "beachdb/backup.h"
#include "beachdb/result.h"
#include "io/environment.h"

namespace beachdb {

Environment& WorldOf(const BackupOptions& options);

struct UnusedFiles {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

class Repository {
 public:
  // To look into. kInvalidArgument: there is none.
  static Result<Repository> Open(Environment& world, const std::string& directory);
  // To change: takes the lock.
  static Result<Repository> OpenToPrune(Environment& world, const std::string& directory);
  // The same, and makes it if the directory does not exist or is empty.
  static Result<Repository> OpenToCreate(Environment& world, const std::string& directory);

  FileSystem& fs() const { return *fs_; }
  Clock& clock() const { return *clock_; }
  const std::string& directory() const { return directory_; }
  std::string FilesDirectory() const;
  std::string RecordsDirectory() const;
  std::string PathOf(const BackupRecord& record, const StoredFile& file, StoredKind kind) const;
  std::string RecordPath(std::uint64_t id) const;

  // All that can be read, the newest last.
  const std::vector<BackupRecord>& records() const { return records_; }
  // What is wrong with the others: file, expected, found.
  const std::vector<std::string>& problems() const { return problems_; }
  // Above that of every record there is, readable or not.
  std::uint64_t next_id() const { return next_id_; }
  // 0: the newest. kInvalidArgument: there is none of this id, and these there are.
  Result<BackupRecord> Find(std::uint64_t id) const;
  // "backups 1, 3": those that need a stored file.
  std::string NeededBy(std::string_view stored_name) const;

  // Names in files/ that no record names.
  Result<std::vector<std::string>> ListUnused() const;
  // Removes those, but for `wanted`, and half-written records.
  // REQUIRES: it was opened to change, and every record could be read.
  Result<UnusedFiles> RemoveUnused(const std::set<std::string>& wanted);
  void ForgetRecord(std::uint64_t id);

 private:
  Repository(Environment& world, std::string directory);

  Status CheckIsOne() const;
  Status Lock();
  Status Make();
  Status ReadRecords();
  std::set<std::string> NeededNames() const;

  FileSystem* fs_;
  Clock* clock_;
  std::string directory_;
  std::unique_ptr<FileLock> lock_;
  std::vector<BackupRecord> records_;
  std::vector<std::string> problems_;
  std::uint64_t next_id_ = 1;
};

}  // namespace beachdb
