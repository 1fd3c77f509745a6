#include "tools/salvage/source.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/try.h"
#include "format/current.h"
#include "format/file_names.h"
#include "format/identity.h"
#include "manifest/manifest_reader.h"

namespace beachdb::tools {
namespace {

constexpr std::uint64_t kLineMax = 4096;  // bytes of CURRENT and IDENTITY

// Whether a process holds the lock, without touching it: taking it would write our name there.
Status CheckNotLocked(const std::string& directory) {
  const std::string path = JoinPath(directory, kLockName);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return OkStatus();  // never opened, or lost
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  const bool held = ::fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
  ::close(fd);
  if (!held) return OkStatus();
  return Error(Code::kBusy, path + ": another process has the database open: close it there first");
}

class Looker {
 public:
  Looker(FileSystem& fs, SalvageSource& source, SalvageReport& report)
      : fs_(fs), source_(source), report_(report) {}

  Status Look() {
    auto names = fs_.List(source_.directory);
    if (!names.ok()) return Error(Code::kInvalidArgument, names.error().message());
    for (const std::string& name : *names) {
      const auto file = ParseFileName(name);
      if (!file) continue;
      if (file->type == FileType::kTable) tables_.insert(file->number);
      if (file->type == FileType::kLog) logs_.insert(file->number);
      if (file->type == FileType::kManifest) manifests_.insert(file->number);
    }
    if (tables_.empty() && logs_.empty() && manifests_.empty()) {
      return Error(Code::kInvalidArgument,
                   source_.directory + " holds no file of a database (*.sst, *.wal, MANIFEST-*)");
    }
    RETURN_IF_ERROR(FindIdentity());
    if (FollowManifest()) return OkStatus();
    TakeEverything();
    return OkStatus();
  }

 private:
  void Note(std::string text) { report_.notes.push_back(std::move(text)); }
  std::string PathOf(std::string_view name) const { return JoinPath(source_.directory, name); }

  // IDENTITY, or what most files say.
  Status FindIdentity() {
    const auto line = fs_.ReadFile(PathOf(kIdentityName), kLineMax);
    const auto id = line.ok() ? DecodeIdentity(*line) : Result<DatabaseId>(line.error());
    if (id.ok()) {
      source_.identity = *id;
      return OkStatus();
    }
    std::map<DatabaseId, std::size_t> votes;
    const auto vote = [&](const std::set<std::uint64_t>& numbers,
                          std::string (*name)(std::uint64_t), std::string_view magic) {
      for (const std::uint64_t number : numbers) {
        const auto file = fs_.Open(PathOf(name(number)), OpenMode::kRead);
        if (!file.ok()) continue;
        std::string bytes(kFileHeaderSize, '\0');
        const auto read = (*file)->ReadAt(0, bytes);
        if (!read.ok() || *read != bytes.size()) continue;
        const auto header = DecodeFileHeader(bytes, magic);
        if (header.ok()) ++votes[header->identity.database];
      }
    };
    vote(tables_, TableName, kTableMagic);
    vote(logs_, LogName, kWalMagic);
    vote(manifests_, ManifestName, kManifestMagic);
    if (votes.empty()) {
      return Error(
          Code::kCorruption,
          fmt::format("{}; and no other file tells whose database this is, without which no "
                      "checksum can be checked",
                      id.error().message()));
    }
    const auto most =
        std::max_element(votes.begin(), votes.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    source_.identity = most->first;
    Note(fmt::format("IDENTITY cannot be read ({}): the headers of {} of the files name {}",
                     id.error().message(), most->second, FormatDatabaseId(most->first)));
    return OkStatus();
  }

  // The MANIFEST to follow; nothing: none.
  std::optional<std::uint64_t> FindManifest() {
    const auto line = fs_.ReadFile(PathOf(kCurrentName), kLineMax);
    const auto number = line.ok() ? DecodeCurrent(*line) : Result<std::uint64_t>(line.error());
    if (number.ok()) return *number;
    Note(fmt::format("CURRENT cannot be read: {}", number.error().message()));
    if (manifests_.empty()) return std::nullopt;
    Note(fmt::format("{} is taken: the newest there is", ManifestName(*manifests_.rbegin())));
    return *manifests_.rbegin();
  }

  bool FollowManifest() {
    const auto number = FindManifest();
    if (!number) {
      LoseManifest("MANIFEST", "there is none");
      return false;
    }
    const auto loaded = LoadManifest(fs_, source_.directory, *number, source_.identity);
    if (!loaded.ok()) {
      LoseManifest(ManifestName(*number), loaded.error().message());
      return false;
    }
    source_.has_manifest = true;
    source_.last_seqno = loaded->state.last_seqno;
    std::map<std::uint64_t, FileRef> live;
    for (const auto& level : loaded->state.version->levels) {
      for (const FileRef& file : level) live.emplace(file->number, file);
    }
    if (!loaded->torn.empty()) AddUnnamed(*number, *loaded, live);
    for (const auto& [table, recorded] : live) {
      if (tables_.contains(table)) {
        source_.tables.push_back({table, recorded});
      } else {
        LoseTable(*recorded);
      }
    }
    for (const std::uint64_t log : logs_) {
      if (log >= loaded->state.log_number) source_.logs.push_back(log);
    }
    return true;
  }

  // The last edit was never finished, or was damaged later: what it added may be the only copy.
  void AddUnnamed(std::uint64_t manifest, const LoadedManifest& loaded,
                  std::map<std::uint64_t, FileRef>& live) {
    Note(
        fmt::format("{} ends in an edit that is not whole (offset {}): it was never finished, or "
                    "was damaged later",
                    ManifestName(manifest), loaded.end));
    for (const std::uint64_t table : tables_) {
      if (!live.emplace(table, nullptr).second) continue;
      report_.may_reappear.push_back(
          fmt::format("{} is used although {} does not name it: it may be older than what the lost "
                      "edit said",
                      TableName(table), ManifestName(manifest)));
    }
  }

  void LoseManifest(const std::string& name, std::string reason) {
    const auto size = fs_.FileSize(PathOf(name));
    report_.losses.push_back({.file = name,
                              .begin = 0,
                              .end = size.ok() ? *size : 0,
                              .reason = std::move(reason),
                              .from = {},
                              .to = {},
                              .entries = {}});
  }

  void LoseTable(const FileMetadata& recorded) {
    report_.losses.push_back({.file = TableName(recorded.number),
                              .begin = 0,
                              .end = recorded.size,
                              .reason = "the file is missing, but the MANIFEST names it",
                              .from = recorded.smallest,
                              .to = recorded.largest,
                              .entries = recorded.entries});
  }

  void TakeEverything() {
    report_.may_reappear.emplace_back(
        "without a MANIFEST nobody knows which files are stale: all *.sst and *.wal files are "
        "used, "
        "also those whose deletions were merged away since, and whether a file is missing cannot "
        "be "
        "told");
    for (const std::uint64_t table : tables_) source_.tables.push_back({table, nullptr});
    source_.logs.assign(logs_.begin(), logs_.end());
  }

  FileSystem& fs_;
  SalvageSource& source_;
  SalvageReport& report_;
  std::set<std::uint64_t> tables_, logs_, manifests_;  // that are there
};

}  // namespace

Result<SalvageSource> SalvageSource::Look(FileSystem& fs, const std::string& directory,
                                          SalvageReport& report) {
  SalvageSource source;
  source.directory = directory;
  RETURN_IF_ERROR(CheckNotLocked(directory));
  RETURN_IF_ERROR(Looker(fs, source, report).Look());
  return source;
}

}  // namespace beachdb::tools
