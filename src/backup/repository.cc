#include "backup/repository.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/failpoint.h"
#include "base/logger.h"
#include "base/try.h"
#include "engine/recovery.h"
#include "format/file_names.h"
#include "format/text_line.h"

namespace beachdb {
namespace {

constexpr std::string_view kRepositoryName = "REPOSITORY";
constexpr std::string_view kRepositoryTemporary = "REPOSITORY.tmp";
constexpr std::string_view kRepositoryWords = "beachdb-backups 1";
constexpr std::string_view kFilesName = "files";
constexpr std::string_view kRecordsName = "backups";
constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::uint64_t kRecordBytesMax = 256u << 20;

std::vector<std::string> NamesOf(const BackupRecord& record) {
  std::vector<std::string> names = {
      StoredName(record.database, record.manifest, StoredKind::kManifest)};
  for (const StoredFile& table : record.tables) {
    names.push_back(StoredName(record.database, table, StoredKind::kTable));
  }
  return names;
}

Error NoRepository(const std::string& directory) {
  return {Code::kInvalidArgument,
          fmt::format("{} is no repository of backups (no file {}): the first backup that is "
                      "created there makes it one",
                      directory, kRepositoryName)};
}

}  // namespace

Environment& WorldOf(const BackupOptions& options) {
  return options.environment != nullptr ? *options.environment : SystemEnvironment();
}

Repository::Repository(Environment& world, std::string directory)
    : fs_(&world.file_system()), clock_(&world.clock()), directory_(std::move(directory)) {}

Result<Repository> Repository::Open(Environment& world, const std::string& directory) {
  Repository repository(world, directory);
  RETURN_IF_ERROR(repository.CheckIsOne());
  RETURN_IF_ERROR(repository.ReadRecords());
  return repository;
}

Result<Repository> Repository::OpenToPrune(Environment& world, const std::string& directory) {
  Repository repository(world, directory);
  RETURN_IF_ERROR(repository.CheckIsOne());
  RETURN_IF_ERROR(repository.Lock());
  RETURN_IF_ERROR(repository.ReadRecords());
  return repository;
}

Result<Repository> Repository::OpenToCreate(Environment& world, const std::string& directory) {
  Repository repository(world, directory);
  RETURN_IF_ERROR(repository.Make());
  RETURN_IF_ERROR(repository.ReadRecords());
  return repository;
}

std::string Repository::FilesDirectory() const { return JoinPath(directory_, kFilesName); }
std::string Repository::RecordsDirectory() const { return JoinPath(directory_, kRecordsName); }

std::string Repository::PathOf(const BackupRecord& record, const StoredFile& file,
                               StoredKind kind) const {
  return JoinPath(FilesDirectory(), StoredName(record.database, file, kind));
}

std::string Repository::RecordPath(std::uint64_t id) const {
  return JoinPath(RecordsDirectory(), RecordName(id));
}

Status Repository::CheckIsOne() const {
  const std::string path = JoinPath(directory_, kRepositoryName);
  ASSIGN_OR_RETURN(const bool exists, fs_->Exists(path));
  if (!exists) return NoRepository(directory_);
  ASSIGN_OR_RETURN(const std::string line, fs_->ReadFile(path, kTextLineSizeMax));
  ASSIGN_OR_RETURN(const std::string words, DecodeTextLine(line, path));
  if (words == kRepositoryWords) return OkStatus();
  return Error(Code::kNotSupported, fmt::format("{} says \"{}\"; this build reads \"{}\"", path,
                                                words, kRepositoryWords));
}

Status Repository::Lock() {
  auto lock = fs_->Lock(JoinPath(directory_, kLockName));
  if (!lock.ok() && lock.error().code() == Code::kBusy) {
    return Error(Code::kBusy, fmt::format("{}: somebody else is creating or pruning backups here: "
                                          "try again when that has ended ({})",
                                          directory_, lock.error().message()));
  }
  if (!lock.ok()) return lock.error();
  lock_ = std::move(*lock);
  return OkStatus();
}

// What is in the directory is looked at only where there is no REPOSITORY yet: so its name is
// durable before there is anything else.
Status Repository::Make() {
  const Logger silent([](LogLevel, std::string_view) {});
  ASSIGN_OR_RETURN(const bool exists, fs_->Exists(JoinPath(directory_, kRepositoryName)));
  if (!exists) {
    RETURN_IF_ERROR(MakeDirectory(*fs_, silent, directory_));
    ASSIGN_OR_RETURN(const std::vector<std::string> names, fs_->List(directory_));
    for (const std::string& name : names) {
      // What an earlier try may have left.
      if (name == kLockName || name == kRepositoryTemporary) continue;
      return Error(Code::kInvalidArgument,
                   fmt::format("{} is neither empty ({}) nor a repository of backups (no file {}): "
                               "name a directory that does not exist yet",
                               directory_, name, kRepositoryName));
    }
  }
  RETURN_IF_ERROR(Lock());
  if (!exists) {
    const std::string temporary = JoinPath(directory_, kRepositoryTemporary);
    // FAILPOINT: backup_repository_sync
    RETURN_IF_ERROR(fs_->WriteFileSynced(temporary, EncodeTextLine(kRepositoryWords),
                                         "backup_repository_sync"));
    // FAILPOINT: backup_repository_rename
    RETURN_IF_ERROR(Step("backup_repository_rename", [&] {
      return fs_->Rename(temporary, JoinPath(directory_, kRepositoryName));
    }));
  }
  // FAILPOINT: backup_repository_directory_sync
  RETURN_IF_ERROR(
      SyncStep("backup_repository_directory_sync", [&] { return fs_->SyncDirectory(directory_); }));
  RETURN_IF_ERROR(CheckIsOne());
  RETURN_IF_ERROR(MakeDirectory(*fs_, silent, FilesDirectory()));
  return MakeDirectory(*fs_, silent, RecordsDirectory());
}

Status Repository::ReadRecords() {
  ASSIGN_OR_RETURN(const bool exists, fs_->Exists(RecordsDirectory()));
  if (!exists) return OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, fs_->List(RecordsDirectory()));
  for (const std::string& name : names) {
    const auto id = ParseRecordName(name);
    if (!id) continue;
    next_id_ = std::max(next_id_, *id + 1);
    const std::string path = RecordPath(*id);
    ASSIGN_OR_RETURN(const std::string text, fs_->ReadFile(path, kRecordBytesMax));
    auto record = DecodeBackupRecord(text);
    if (record.ok() && record->id != *id) {
      problems_.push_back(fmt::format("{}: it is the record of backup {}: name it {} again", path,
                                      record->id, RecordName(record->id)));
    } else if (record.ok()) {
      records_.push_back(std::move(*record));
    } else {
      problems_.push_back(fmt::format("{}: {}", path, record.error().message()));
    }
  }
  std::sort(records_.begin(), records_.end(),
            [](const BackupRecord& a, const BackupRecord& b) { return a.id < b.id; });
  return OkStatus();
}

Result<BackupRecord> Repository::Find(std::uint64_t id) const {
  std::string ids;
  for (const BackupRecord& record : records_) {
    if (record.id == id) return record;
    ids += (ids.empty() ? "" : ", ") + std::to_string(record.id);
  }
  for (const std::string& problem : problems_) {
    if (id != 0 && problem.starts_with(RecordPath(id))) return Error(Code::kCorruption, problem);
  }
  if (records_.empty()) {
    return Error(problems_.empty() ? Code::kInvalidArgument : Code::kCorruption,
                 problems_.empty() ? directory_ + " holds no backup" : problems_.back());
  }
  if (id == 0) return records_.back();
  return Error(Code::kInvalidArgument,
               fmt::format("{} holds no backup {}: there are {}", directory_, id, ids));
}

std::set<std::string> Repository::NeededNames() const {
  std::set<std::string> needed;
  for (const BackupRecord& record : records_) {
    for (std::string& name : NamesOf(record)) needed.insert(std::move(name));
  }
  return needed;
}

std::string Repository::NeededBy(std::string_view stored_name) const {
  std::string ids;
  std::size_t count = 0;
  for (const BackupRecord& record : records_) {
    const std::vector<std::string> names = NamesOf(record);
    if (std::find(names.begin(), names.end(), stored_name) == names.end()) continue;
    ids += (ids.empty() ? "" : ", ") + std::to_string(record.id);
    ++count;
  }
  return (count == 1 ? "backup " : "backups ") + ids;
}

Result<std::vector<std::string>> Repository::ListUnused() const {
  std::vector<std::string> unused;
  ASSIGN_OR_RETURN(const bool exists, fs_->Exists(FilesDirectory()));
  if (!exists) return unused;
  ASSIGN_OR_RETURN(const std::vector<std::string> names, fs_->List(FilesDirectory()));
  const std::set<std::string> needed = NeededNames();
  for (const std::string& name : names) {
    if (IsStoredName(name) && !needed.contains(name)) unused.push_back(name);
  }
  return unused;
}

Result<UnusedFiles> Repository::RemoveUnused(const std::set<std::string>& wanted) {
  std::vector<std::string> paths;
  ASSIGN_OR_RETURN(const std::vector<std::string> unused, ListUnused());
  for (const std::string& name : unused) {
    if (!wanted.contains(name)) paths.push_back(JoinPath(FilesDirectory(), name));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> records, fs_->List(RecordsDirectory()));
  for (const std::string& name : records) {
    if (!name.ends_with(kTemporarySuffix)) continue;
    const std::string_view whole(name.data(), name.size() - kTemporarySuffix.size());
    if (ParseRecordName(whole)) paths.push_back(JoinPath(RecordsDirectory(), name));
  }
  UnusedFiles removed;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const std::uint64_t size, fs_->FileSize(path));
    // FAILPOINT: backup_remove_file
    RETURN_IF_ERROR(Step("backup_remove_file", [&] { return fs_->RemoveFile(path); }));
    ++removed.files;
    removed.bytes += size;
  }
  return removed;
}

void Repository::ForgetRecord(std::uint64_t id) {
  std::erase_if(records_, [id](const BackupRecord& record) { return record.id == id; });
}

}  // namespace beachdb
