// Backups: the calls of beachdb/backup.h, their reports told in JSON.
#include "beachdb/backup.h"

#include <string>

#include "base/try.h"
#include "c/guard.h"
#include "c/handles.h"

using beachdb::BackupOptions;
using beachdb::CopyText;
using beachdb::Guarded;
using beachdb::NewHandle;
using beachdb::OkStatus;
using beachdb::Status;

struct beachdb_backup_options_t {
  beachdb_backup_progress_function progress = nullptr;
  void* context = nullptr;
};

namespace {

BackupOptions ToBackupOptions(const beachdb_backup_options_t* handle) {
  BackupOptions options;
  if (handle == nullptr || handle->progress == nullptr) return options;
  options.progress = [tell = handle->progress,
                      context = handle->context](const beachdb::BackupProgress& done) {
    tell(context, done.files, done.files_all, done.bytes, done.bytes_all);
  };
  return options;
}

// What `call` reports, as the caller's JSON.
template <typename Call>
beachdb_error_t* Report(char** json, Call call) {
  if (json != nullptr) *json = nullptr;
  return Guarded([&]() -> Status {
    ASSIGN_OR_RETURN(const auto report, call());
    if (json != nullptr) *json = CopyText(report.ToJson());
    return OkStatus();
  });
}

}  // namespace

beachdb_backup_options_t* beachdb_backup_options_create() {
  return NewHandle<beachdb_backup_options_t>();
}
void beachdb_backup_options_free(beachdb_backup_options_t* options) { delete options; }
void beachdb_backup_options_set_progress(beachdb_backup_options_t* options,
                                         beachdb_backup_progress_function function, void* context) {
  options->progress = function;
  options->context = context;
}

beachdb_error_t* beachdb_create_backup(beachdb_t* db, const char* repository,
                                       const beachdb_backup_options_t* options, char** json) {
  return Report(
      json, [&] { return beachdb::CreateBackup(db->db, repository, ToBackupOptions(options)); });
}

beachdb_error_t* beachdb_list_backups(const char* repository,
                                      const beachdb_backup_options_t* options, char** json) {
  return Report(json, [&] { return beachdb::ListBackups(repository, ToBackupOptions(options)); });
}

beachdb_error_t* beachdb_verify_backups(const char* repository, uint64_t id,
                                        const beachdb_backup_options_t* options, char** json) {
  return Report(json,
                [&] { return beachdb::VerifyBackups(repository, id, ToBackupOptions(options)); });
}

beachdb_error_t* beachdb_restore_backup(const char* repository, uint64_t id, const char* directory,
                                        const beachdb_backup_options_t* options) {
  return Guarded(
      [&] { return beachdb::RestoreBackup(repository, id, directory, ToBackupOptions(options)); });
}

beachdb_error_t* beachdb_prune_backups(const char* repository, uint64_t keep,
                                       const beachdb_backup_options_t* options, char** json) {
  return Report(json,
                [&] { return beachdb::PruneBackups(repository, keep, ToBackupOptions(options)); });
}
