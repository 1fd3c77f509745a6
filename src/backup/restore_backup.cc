// RestoreBackup: a database out of a repository, without the one that it was made of.
//
//   1. RESTORING.tmp, durable: from here on an open refuses the directory
//   2. tables and IDENTITY, each checked while it is copied, and synced
//   3. a MANIFEST of the same state; with its name those of the others become durable
//   4. CURRENT: from here on it is a database
//   5. RESTORING.tmp goes; if it stays, the first open removes it
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "backup/file_copy.h"
#include "backup/repository.h"
#include "base/failpoint.h"
#include "base/logger.h"
#include "base/try.h"
#include "engine/recovery.h"
#include "format/file_names.h"
#include "format/identity.h"
#include "manifest/manifest.h"
#include "manifest/manifest_reader.h"

namespace beachdb {
namespace {

class Restore {
 public:
  Restore(const Repository& repository, BackupRecord record, std::string directory)
      : repository_(repository),
        record_(std::move(record)),
        directory_(std::move(directory)),
        fs_(repository.fs()) {}
  ~Restore() {
    for (const std::string& path : made_) {
      // FAILPOINT: restore_discard
      static_cast<void>(Step("restore_discard", [&] { return fs_.RemoveFile(path); }));
    }
  }
  Restore(const Restore&) = delete;
  Restore& operator=(const Restore&) = delete;

  Status Run(const BackupOptions& options);

 private:
  Status RefuseUsed();
  Result<LoadedManifest> ReadManifest(CopyMeter& meter) const;
  Status Begin();
  Status CopyTable(const StoredFile& table, CopyMeter& meter);
  Status WriteIdentity();
  std::string TargetOf(std::string_view name) const { return JoinPath(directory_, name); }
  Error Damaged(const StoredFile& file, StoredKind kind, const std::string& wrong) const;

  const Repository& repository_;
  const BackupRecord record_;
  const std::string directory_;
  FileSystem& fs_;
  std::vector<std::string> made_;  // taken away again, unless it ends well; the marker last
};

Status Restore::RefuseUsed() {
  ASSIGN_OR_RETURN(const bool exists, fs_.Exists(directory_));
  if (!exists) return OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, fs_.List(directory_));
  if (names.empty()) return OkStatus();
  const auto has = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (has(kRestoringName) && !has(kCurrentName)) {
    return Error(Code::kInvalidArgument,
                 directory_ + " holds the beginning of a restore that did not end (" +
                     std::string(kRestoringName) +
                     "): remove the directory, or name one that does not exist yet");
  }
  return Error(Code::kInvalidArgument, directory_ + " is not empty (" + names.front() +
                                           "): name a directory that does not exist yet");
}

Error Restore::Damaged(const StoredFile& file, StoredKind kind, const std::string& wrong) const {
  return {Code::kCorruption,
          fmt::format("{}: {}: damaged, and needed by {}: restore a backup that does not need it; "
                      "verify tells of all damage",
                      repository_.PathOf(record_, file, kind), wrong,
                      repository_.NeededBy(StoredName(record_.database, file, kind)))};
}

Result<LoadedManifest> Restore::ReadManifest(CopyMeter& meter) const {
  const StoredFile& stored = record_.manifest;
  const std::string path = repository_.PathOf(record_, stored, StoredKind::kManifest);
  ASSIGN_OR_RETURN(const std::unique_ptr<File> file, fs_.Open(path, OpenMode::kRead));
  ASSIGN_OR_RETURN(const FileSum sum, SumFile(*file, meter));
  const std::string wrong = Difference(sum, {stored.size, stored.checksum});
  if (!wrong.empty()) return Damaged(stored, StoredKind::kManifest, wrong);
  ASSIGN_OR_RETURN(LoadedManifest loaded,
                   LoadManifestFile(fs_, path, {record_.database, stored.number}));
  std::vector<StoredFile> tables;
  for (const auto& level : loaded.state.version->levels) {
    for (const FileRef& table : level) {
      tables.push_back({table->number, table->size, table->checksum});
    }
  }
  std::sort(tables.begin(), tables.end(),
            [](const StoredFile& a, const StoredFile& b) { return a.number < b.number; });
  if (tables != record_.tables) {
    return Damaged(stored, StoredKind::kManifest,
                   fmt::format("it names {} tables, and not those that {} names", tables.size(),
                               repository_.RecordPath(record_.id)));
  }
  meter.AddFile();
  return loaded;
}

Status Restore::Begin() {
  const Logger silent([](LogLevel, std::string_view) {});
  RETURN_IF_ERROR(MakeDirectory(fs_, silent, directory_));
  const std::string marker = TargetOf(kRestoringName);
  // FAILPOINT: restore_begin
  const auto made = Step("restore_begin", [&] { return fs_.Open(marker, OpenMode::kCreate); });
  if (!made.ok()) return made.error();
  made_.push_back(marker);
  // FAILPOINT: restore_begin_directory_sync
  return SyncStep("restore_begin_directory_sync", [&] { return fs_.SyncDirectory(directory_); });
}

Status Restore::CopyTable(const StoredFile& table, CopyMeter& meter) {
  const std::string stored = repository_.PathOf(record_, table, StoredKind::kTable);
  ASSIGN_OR_RETURN(const bool exists, fs_.Exists(stored));
  if (!exists) return Damaged(table, StoredKind::kTable, "missing");
  ASSIGN_OR_RETURN(const std::unique_ptr<File> from, fs_.Open(stored, OpenMode::kRead));
  const std::string target = TargetOf(TableName(table.number));
  // FAILPOINT: restore_copy
  const auto to = Step("restore_copy", [&] { return fs_.Open(target, OpenMode::kCreate); });
  if (!to.ok()) return to.error();
  made_.insert(made_.begin(), target);
  ASSIGN_OR_RETURN(const FileSum sum, CopyFile(*from, **to, meter));
  const std::string wrong = Difference(sum, {table.size, table.checksum});
  if (!wrong.empty()) return Damaged(table, StoredKind::kTable, wrong);
  // FAILPOINT: restore_copy_sync
  RETURN_IF_ERROR(SyncStep("restore_copy_sync", [&] { return (*to)->Sync(); }));
  meter.AddFile();
  return OkStatus();
}

Status Restore::WriteIdentity() {
  const std::string path = TargetOf(kIdentityName);
  made_.insert(made_.begin(), path);
  // FAILPOINT: restore_identity_sync
  return fs_.WriteFileSynced(path, EncodeIdentity(record_.database), "restore_identity_sync");
}

Status Restore::Run(const BackupOptions& options) {
  RETURN_IF_ERROR(RefuseUsed());
  CopyMeter meter(options.progress, record_.tables.size() + 1, record_.bytes());
  ASSIGN_OR_RETURN(const LoadedManifest manifest, ReadManifest(meter));
  RETURN_IF_ERROR(Begin());
  for (const StoredFile& table : record_.tables) RETURN_IF_ERROR(CopyTable(table, meter));
  RETURN_IF_ERROR(WriteIdentity());
  // After this CURRENT is there, or whether it is is unknown: nothing may be taken away.
  made_.clear();
  RETURN_IF_ERROR(Manifest::CreateWith(fs_, repository_.clock(), directory_, record_.database,
                                       manifest.state, manifest.next_file_number));
  // FAILPOINT: restore_end
  return Step("restore_end", [&] { return fs_.RemoveFile(TargetOf(kRestoringName)); });
}

}  // namespace

Status RestoreBackup(const std::string& repository, std::uint64_t id, const std::string& directory,
                     const BackupOptions& options) {
  const auto restore = [&]() -> Status {
    ASSIGN_OR_RETURN(const Repository opened, Repository::Open(WorldOf(options), repository));
    ASSIGN_OR_RETURN(BackupRecord record, opened.Find(id));
    const std::string record_path = opened.RecordPath(record.id);
    const Status restored = Restore(opened, std::move(record), directory).Run(options);
    if (restored.ok()) return restored;
    const auto there = opened.fs().Exists(record_path);
    if (!there.ok() || *there) return restored;
    return Error(Code::kInvalidArgument,
                 record_path + ": pruned while it was being restored: restore another backup");
  };
  return restore().WithContext("restoring a backup: ");
}

}  // namespace beachdb
