#include "tools/crash/backups.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "base/try.h"
#include "beachdb/backup.h"
#include "format/file_names.h"

namespace beachdb::tools::crash {
namespace {

namespace fs = std::filesystem;

std::string RepositoryOf(const std::string& directory) { return directory + "-backups"; }
std::string RestoredPrefix(const std::string& directory) { return directory + "-restored-"; }

Status CheckDatabase(const std::string& directory, const Options& options) {
  ASSIGN_OR_RETURN(Db db, Db::Open(directory, options));
  ASSIGN_OR_RETURN(const VerifyReport report, db.Verify({.depth = VerifyDepth::kTree}));
  if (report.problems.empty()) return db.Close();
  return Error(Code::kCorruption, report.problems.front());
}

// Empty: it is what it should be.
std::string FaultOfRestored(const std::string& directory, const Options& options) {
  if (fs::is_empty(directory)) return {};
  const bool whole = fs::exists(JoinPath(directory, kCurrentName));
  const Status checked = CheckDatabase(directory, options);
  if (whole) return checked.ok() ? "" : checked.ToString();
  return checked.ok() ? directory + ": half a restore can be opened" : "";
}

Status CheckRepository(const std::string& directory, const Options& options) {
  const std::string repository = RepositoryOf(directory);
  if (!fs::exists(JoinPath(repository, "REPOSITORY"))) return OkStatus();
  ASSIGN_OR_RETURN(const BackupVerifyReport report, VerifyBackups(repository));
  if (!report.problems.empty()) return Error(Code::kCorruption, report.problems.front());
  if (report.backups == 0) return OkStatus();
  const std::string target = RestoredPrefix(directory) + "check";
  RETURN_IF_ERROR(RestoreBackup(repository, 0, target));
  return CheckDatabase(target, options);
}

}  // namespace

Status BackUp(Db& db, const std::string& directory, std::uint64_t op) {
  const std::string repository = RepositoryOf(directory);
  ASSIGN_OR_RETURN(const BackupInfo made, CreateBackup(db, repository));
  RETURN_IF_ERROR(PruneBackups(repository, 1));
  return RestoreBackup(repository, made.id, RestoredPrefix(directory) + std::to_string(op));
}

std::vector<std::string> FaultsOfBackups(const std::string& directory, const Options& options) {
  std::vector<std::string> faults;
  if (const Status checked = CheckRepository(directory, options); !checked.ok()) {
    faults.push_back("backups: " + checked.ToString());
  }
  const std::string prefix = RestoredPrefix(directory);
  std::error_code ignored;
  std::vector<std::string> restored;
  for (const auto& entry : fs::directory_iterator(fs::path(directory).parent_path(), ignored)) {
    if (entry.path().string().starts_with(prefix)) restored.push_back(entry.path());
  }
  for (const std::string& path : restored) {
    std::string fault = FaultOfRestored(path, options);
    if (!fault.empty()) faults.push_back("restored backup: " + std::move(fault));
    fs::remove_all(path, ignored);
  }
  return faults;
}

}  // namespace beachdb::tools::crash
