// CreateBackup: the files of one state of an open database, as far as the repository lacks them,
// then the record that names them (repository.h has the order and why).
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "backup/file_copy.h"
#include "backup/repository.h"
#include "base/crc32c.h"
#include "base/failpoint.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/pinned_tables.h"
#include "format/file_names.h"
#include "manifest/manifest.h"

namespace beachdb {
namespace {

class Creation {
 public:
  Creation(Repository& repository, const PinnedTables& source)
      : repository_(repository), source_(source), fs_(repository.fs()) {}

  Result<BackupRecord> Run(const BackupOptions& options);

 private:
  struct Missing {
    StoredFile file;
    std::string path;
  };

  void Describe();
  Status MakeRoom();
  Result<std::vector<Missing>> FindMissing();
  Status CheckSpace(const std::vector<Missing>& missing) const;
  Status CopyTable(const Missing& table, CopyMeter& meter);
  // `fill` writes the whole file.
  template <typename Fill>
  Status Store(const std::string& path, Fill fill);
  Status Publish();

  Repository& repository_;
  const PinnedTables& source_;
  FileSystem& fs_;
  BackupRecord record_;
  std::string manifest_;
};

void Creation::Describe() {
  const ManifestState& state = source_.state();
  const FileIdentity identity{source_.database(), source_.file_number()};
  manifest_ = Manifest::Encode(source_.clock(), identity, state, source_.file_number() + 1);
  record_ = {.id = repository_.next_id(),
             .created_micros = repository_.clock().WallMicros(),
             .database = source_.database(),
             .last_seqno = state.last_seqno,
             .durable_index = state.durable_index,
             .manifest = {.number = identity.number,
                          .size = manifest_.size(),
                          .checksum = crc32c::Value(manifest_)},
             .tables = {}};
  for (const auto& level : state.version->levels) {
    for (const FileRef& file : level) {
      record_.tables.push_back({file->number, file->size, file->checksum});
    }
  }
  std::sort(record_.tables.begin(), record_.tables.end(),
            [](const StoredFile& a, const StoredFile& b) { return a.number < b.number; });
}

// What an interrupted one has left goes; what of it is wanted stays.
Status Creation::MakeRoom() {
  // What an unreadable record needs is not known, so everything stays.
  if (!repository_.problems().empty()) return OkStatus();
  std::set<std::string> wanted;
  for (const StoredFile& table : record_.tables) {
    wanted.insert(StoredName(record_.database, table, StoredKind::kTable));
  }
  RETURN_IF_ERROR(repository_.RemoveUnused(wanted));
  return OkStatus();
}

// A file that has its name is whole, because it got it when it was; one of another size has been
// damaged since, and is replaced.
Result<std::vector<Creation::Missing>> Creation::FindMissing() {
  std::vector<Missing> missing;
  for (const StoredFile& table : record_.tables) {
    std::string path = repository_.PathOf(record_, table, StoredKind::kTable);
    ASSIGN_OR_RETURN(const bool exists, fs_.Exists(path));
    if (exists) {
      ASSIGN_OR_RETURN(const std::uint64_t size, fs_.FileSize(path));
      if (size == table.size) continue;
    }
    ++record_.new_files;
    record_.new_bytes += table.size;
    missing.push_back({table, std::move(path)});
  }
  ++record_.new_files;
  record_.new_bytes += manifest_.size();
  return missing;
}

Status Creation::CheckSpace(const std::vector<Missing>& missing) const {
  ASSIGN_OR_RETURN(const std::uint64_t free, fs_.FreeSpace(repository_.directory()));
  if (free >= record_.new_bytes) return OkStatus();
  return Error(Code::kNoSpace,
               fmt::format("{}: {} new files of {} do not fit: {} are free; prune old backups, or "
                           "free space",
                           repository_.directory(), missing.size() + 1,
                           FormatBytes(record_.new_bytes), FormatBytes(free)));
}

template <typename Fill>
Status Creation::Store(const std::string& path, Fill fill) {
  const std::string temporary = path + ".tmp";
  const auto write = [&]() -> Status {
    // FAILPOINT: backup_copy
    auto file = Step("backup_copy", [&] { return fs_.Open(temporary, OpenMode::kReplace); });
    if (!file.ok()) return file.error();
    RETURN_IF_ERROR(fill(**file));
    // FAILPOINT: backup_copy_sync
    return SyncStep("backup_copy_sync", [&] { return (*file)->Sync(); });
  };
  Status stored = write();
  // FAILPOINT: backup_copy_rename
  if (stored.ok()) stored = Step("backup_copy_rename", [&] { return fs_.Rename(temporary, path); });
  if (stored.ok()) return stored;
  // Half a file only takes space that may be what is missing. If it stays, the next one removes it.
  // FAILPOINT: backup_copy_discard
  static_cast<void>(Step("backup_copy_discard", [&] { return fs_.RemoveFile(temporary); }));
  return stored;
}

Status Creation::CopyTable(const Missing& table, CopyMeter& meter) {
  const std::string source = JoinPath(source_.directory(), TableName(table.file.number));
  ASSIGN_OR_RETURN(const std::unique_ptr<File> from, source_.fs().Open(source, OpenMode::kRead));
  return Store(table.path, [&](File& to) -> Status {
    ASSIGN_OR_RETURN(const FileSum sum, CopyFile(*from, to, meter));
    const std::string wrong = Difference(sum, {table.file.size, table.file.checksum});
    if (wrong.empty()) return OkStatus();
    return Error(Code::kCorruption,
                 fmt::format("{}: {} by its manifest: the database itself is damaged, so there is "
                             "no new backup of it; the older ones are untouched",
                             source, wrong));
  });
}

Status Creation::Publish() {
  // FAILPOINT: backup_files_directory_sync
  RETURN_IF_ERROR(SyncStep("backup_files_directory_sync",
                           [&] { return fs_.SyncDirectory(repository_.FilesDirectory()); }));
  const std::string path = repository_.RecordPath(record_.id);
  const std::string temporary = path + ".tmp";
  // FAILPOINT: backup_record_sync
  RETURN_IF_ERROR(
      fs_.WriteFileSynced(temporary, EncodeBackupRecord(record_), "backup_record_sync"));
  // FAILPOINT: backup_record_rename
  RETURN_IF_ERROR(Step("backup_record_rename", [&] { return fs_.Rename(temporary, path); }));
  // FAILPOINT: backup_record_directory_sync
  return SyncStep("backup_record_directory_sync",
                  [&] { return fs_.SyncDirectory(repository_.RecordsDirectory()); });
}

Result<BackupRecord> Creation::Run(const BackupOptions& options) {
  Describe();
  RETURN_IF_ERROR(MakeRoom());
  ASSIGN_OR_RETURN(const std::vector<Missing> missing, FindMissing());
  RETURN_IF_ERROR(CheckSpace(missing));
  CopyMeter meter(options.progress, record_.new_files, record_.new_bytes);
  for (const Missing& table : missing) {
    RETURN_IF_ERROR(CopyTable(table, meter));
    meter.AddFile();
  }
  const std::string path = repository_.PathOf(record_, record_.manifest, StoredKind::kManifest);
  RETURN_IF_ERROR(Store(path, [&](File& to) { return to.WriteAt(0, manifest_); }));
  meter.AddBytes(manifest_.size());
  meter.AddFile();
  RETURN_IF_ERROR(Publish());
  return record_;
}

}  // namespace

Result<BackupInfo> CreateBackup(Db& db, const std::string& repository,
                                const BackupOptions& options) {
  constexpr std::string_view kContext = "creating a backup: ";
  auto opened = Repository::OpenToCreate(WorldOf(options), repository);
  if (!opened.ok()) return opened.error().WithContext(kContext);
  const auto source = PinnedTables::Of(db);
  if (!source.ok()) return source.error().WithContext(kContext);
  const auto made = Creation(*opened, *source).Run(options);
  if (!made.ok()) return made.error().WithContext(kContext);
  return made->ToInfo();
}

}  // namespace beachdb
