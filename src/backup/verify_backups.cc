// ListBackups and VerifyBackups: what a repository holds, and whether all of it is what was stored.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "backup/file_copy.h"
#include "backup/repository.h"
#include "base/try.h"
#include "format/file_names.h"
#include "manifest/manifest_reader.h"

namespace beachdb {
namespace {

struct Wanted {
  StoredFile file;
  FileIdentity identity;
  StoredKind kind;
};

// By name, so that what several backups need is read once.
using WantedFiles = std::map<std::string, Wanted>;

void AddFilesOf(const BackupRecord& record, WantedFiles& files) {
  const auto add = [&](const StoredFile& file, StoredKind kind) {
    files.insert(
        {StoredName(record.database, file, kind), {file, {record.database, file.number}, kind}});
  };
  add(record.manifest, StoredKind::kManifest);
  for (const StoredFile& table : record.tables) add(table, StoredKind::kTable);
}

// What is wrong with it; empty: nothing. An error: it cannot be read at all.
Result<std::string> FaultOf(FileSystem& fs, const std::string& path, const Wanted& wanted,
                            CopyMeter& meter) {
  ASSIGN_OR_RETURN(const bool exists, fs.Exists(path));
  if (!exists) return std::string("missing");
  ASSIGN_OR_RETURN(const std::unique_ptr<File> file, fs.Open(path, OpenMode::kRead));
  ASSIGN_OR_RETURN(const FileSum sum, SumFile(*file, meter));
  std::string wrong = Difference(sum, {wanted.file.size, wanted.file.checksum});
  if (!wrong.empty() || wanted.kind == StoredKind::kTable) return wrong;
  const auto loaded = LoadManifestFile(fs, path, wanted.identity);
  return loaded.ok() ? std::string() : loaded.error().message();
}

}  // namespace

Result<BackupList> ListBackups(const std::string& repository, const BackupOptions& options) {
  ASSIGN_OR_RETURN(const Repository opened, Repository::Open(WorldOf(options), repository));
  BackupList list;
  for (const BackupRecord& record : opened.records()) list.backups.push_back(record.ToInfo());
  list.problems = opened.problems();
  return list;
}

Result<BackupVerifyReport> VerifyBackups(const std::string& repository, std::uint64_t id,
                                         const BackupOptions& options) {
  ASSIGN_OR_RETURN(const Repository opened, Repository::Open(WorldOf(options), repository));
  BackupVerifyReport report;
  WantedFiles files;
  if (id == 0) {
    for (const BackupRecord& record : opened.records()) AddFilesOf(record, files);
    report.backups = opened.records().size();
    report.problems = opened.problems();
  } else {
    ASSIGN_OR_RETURN(const BackupRecord record, opened.Find(id));
    AddFilesOf(record, files);
    report.backups = 1;
  }
  std::uint64_t bytes = 0;
  for (const auto& [name, wanted] : files) bytes += wanted.file.size;
  CopyMeter meter(options.progress, files.size(), bytes);
  for (const auto& [name, wanted] : files) {
    const std::string path = JoinPath(opened.FilesDirectory(), name);
    ASSIGN_OR_RETURN(const std::string fault, FaultOf(opened.fs(), path, wanted, meter));
    ++report.files;
    report.bytes += wanted.file.size;
    meter.AddFile();
    if (fault.empty()) continue;
    report.problems.push_back(
        fmt::format("{}: {}; needed by {}", path, fault, opened.NeededBy(name)));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> unused, opened.ListUnused());
  report.unused_files = unused.size();
  return report;
}

}  // namespace beachdb
