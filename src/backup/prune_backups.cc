// PruneBackups: the oldest records go, durably, then the files that no record names any more.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "backup/repository.h"
#include "base/failpoint.h"
#include "base/try.h"

namespace beachdb {
namespace {

Status RemoveRecord(Repository& repository, std::uint64_t id) {
  const std::string path = repository.RecordPath(id);
  // FAILPOINT: backup_prune
  RETURN_IF_ERROR(Step("backup_prune", [&] { return repository.fs().RemoveFile(path); }));
  repository.ForgetRecord(id);
  return OkStatus();
}

}  // namespace

Result<PruneReport> PruneBackups(const std::string& repository, std::uint64_t keep,
                                 const BackupOptions& options) {
  if (keep == 0) {
    return Error(Code::kInvalidArgument,
                 "pruning backups: keep at least 1; to be rid of all, remove " + repository);
  }
  ASSIGN_OR_RETURN(Repository opened, Repository::OpenToPrune(WorldOf(options), repository));
  if (!opened.problems().empty()) {
    return Error(Code::kCorruption,
                 fmt::format("pruning backups: {}; which files that backup needs is not known, so "
                             "nothing is removed: restore the record, or remove it to give that "
                             "backup up",
                             opened.problems().front()));
  }
  PruneReport report;
  while (opened.records().size() > keep) {
    const std::uint64_t id = opened.records().front().id;
    RETURN_IF_ERROR(RemoveRecord(opened, id).WithContext("pruning backups: "));
    report.removed.push_back(id);
  }
  report.kept = opened.records().size();
  // Without it a record might come back after a power cut, and its files would not.
  // FAILPOINT: backup_prune_directory_sync
  RETURN_IF_ERROR(SyncStep("backup_prune_directory_sync",
                           [&] { return opened.fs().SyncDirectory(opened.RecordsDirectory()); }));
  ASSIGN_OR_RETURN(const UnusedFiles removed, opened.RemoveUnused({}));
  report.files = removed.files;
  report.bytes = removed.bytes;
  return report;
}

}  // namespace beachdb
