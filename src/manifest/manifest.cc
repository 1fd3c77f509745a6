#include "manifest/manifest.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/failpoint.h"
#include "base/try.h"
#include "format/current.h"
#include "format/file_names.h"
#include "format/text_line.h"
#include "manifest/manifest_reader.h"
#include "manifest/manifest_snapshot.h"
#include "record/record_writer.h"

namespace beachdb {

namespace {

constexpr std::string_view kCurrentTemporary = "CURRENT.tmp";

// The MANIFEST files of a directory, for messages.
std::string ManifestsAmong(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    const auto parsed = ParseFileName(name);
    if (!parsed || parsed->type != FileType::kManifest) continue;
    out += (out.empty() ? "" : ", ") + name;
  }
  return out.empty() ? "none" : out;
}

// The number of the MANIFEST that CURRENT names. `names`: what the directory holds.
Result<std::uint64_t> FindLive(FileSystem& fs, const std::string& directory,
                               const std::vector<std::string>& names) {
  const std::string path = JoinPath(directory, kCurrentName);
  const auto there = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!there(kCurrentName)) {
    return Error(Code::kCorruption,
                 path + " is missing, so nothing says which MANIFEST is alive (there are: " +
                     ManifestsAmong(names) + "): restore it from a backup");
  }
  ASSIGN_OR_RETURN(const std::string line, fs.ReadFile(path, kTextLineSizeMax));
  const auto number = DecodeCurrent(line);
  if (!number.ok()) return number.error().WithContext(directory + ": ");
  if (!there(ManifestName(*number))) {
    return Error(Code::kCorruption, path + " names " + ManifestName(*number) +
                                        ", which is missing (there are: " + ManifestsAmong(names) +
                                        "): restore both from one backup");
  }
  return number;
}

}  // namespace

Manifest::Manifest(FileSystem& fs, Clock& clock, std::string directory, const DatabaseId& database)
    : fs_(fs), clock_(clock), directory_(std::move(directory)), database_(database) {}

Manifest::~Manifest() = default;

Result<std::unique_ptr<Manifest>> Manifest::Create(FileSystem& fs, Clock& clock,
                                                   const std::string& directory,
                                                   const DatabaseId& database) {
  std::unique_ptr<Manifest> manifest(new Manifest(fs, clock, directory, database));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, fs.List(directory));
  for (const std::string& name : names) {
    const auto parsed = ParseFileName(name);
    if (!parsed) continue;
    const bool data = parsed->type == FileType::kCurrent || parsed->type == FileType::kTable ||
                      parsed->type == FileType::kLog;
    if (data) {
      return Error(Code::kCorruption,
                   JoinPath(directory, name) +
                       " is there, so this directory holds a database, or what is left of one: "
                       "restore it from a backup, or move the files away");
    }
    manifest->SkipFileNumber(parsed->number);
  }
  RETURN_IF_ERROR(manifest->Rotate());
  return manifest;
}

Status Manifest::CreateWith(FileSystem& fs, Clock& clock, const std::string& directory,
                            const DatabaseId& database, const ManifestState& state,
                            std::uint64_t next_file_number) {
  Manifest manifest(fs, clock, directory, database);
  manifest.state_ = state;
  manifest.SkipFileNumber(next_file_number);
  return manifest.Rotate();
}

Result<std::unique_ptr<Manifest>> Manifest::Recover(FileSystem& fs, Clock& clock,
                                                    const std::string& directory,
                                                    const DatabaseId& database,
                                                    const Logger& logger) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, fs.List(directory));
  ASSIGN_OR_RETURN(const std::uint64_t number, FindLive(fs, directory, names));
  const std::string path = JoinPath(directory, ManifestName(number));
  ASSIGN_OR_RETURN(LoadedManifest loaded, LoadManifest(fs, directory, number, database));
  if (!loaded.torn.empty()) {
    logger.Warning(loaded.torn +
                   "; no record follows, so this is the torn end of an edit that was "
                   "never acknowledged: ignored");
  }

  std::unique_ptr<Manifest> manifest(new Manifest(fs, clock, directory, database));
  manifest->number_ = number;
  manifest->state_ = std::move(loaded.state);
  manifest->SkipFileNumber(loaded.next_file_number - 1);
  for (const std::string& name : names) {
    if (const auto parsed = ParseFileName(name)) manifest->SkipFileNumber(parsed->number);
  }
  manifest->torn_ = std::move(loaded.torn);
  logger.Info(path + ": " + std::to_string(loaded.records) + " records read");
  return manifest;
}

Status Manifest::GoOn(const Logger& logger) {
  if (file_ != nullptr) return OkStatus();
  const std::string path = JoinPath(directory_, ManifestName(number_));
  const Status rotated = Rotate();
  if (rotated.ok() || rotated.error().code() != Code::kNoSpace) return rotated;
  // The next Apply tries again. Until then what was read must not be less durable than what the
  // caller does because of it: the last edit may have come from a process that died before its
  // sync.
  logger.Warning(rotated.error().message() + "; opened all the same");
  ASSIGN_OR_RETURN(const std::unique_ptr<File> file, fs_.Open(path, OpenMode::kReadWrite));
  // FAILPOINT: manifest_recover_sync
  RETURN_IF_ERROR(SyncStep("manifest_recover_sync", [&] { return file->Sync(); }));
  return OkStatus();
}

void Manifest::SkipFileNumber(std::uint64_t used) {
  if (used >= kMaxFileNumber) return;  // never handed out, so never in the way
  std::uint64_t next = next_file_number_.load();
  while (next <= used && !next_file_number_.compare_exchange_weak(next, used + 1)) {
  }
}

Status Manifest::Apply(VersionEdit edit) {
  if (!broken_.ok()) return broken_;
  if (file_ == nullptr || end_ > rotate_at_) {
    const Status rotated = Rotate();
    // A full disk is no reason to stop while the old file can still be appended to.
    if (!rotated.ok() && (file_ == nullptr || !broken_.ok())) return rotated;
  }

  // Nothing is written that recovery would refuse: the bytes are decoded again and added up by the
  // code that recovery runs.
  edit.next_file_number = next_file_number_.load();
  SortAdded(edit);
  const std::string payload = EncodeVersionEdit(edit);
  if (payload.size() > kMaxRecordPayload) {
    return Error(Code::kInvalidArgument, "edit of " + std::to_string(payload.size()) +
                                             " bytes; a record holds at most " +
                                             std::to_string(kMaxRecordPayload));
  }
  const auto decoded = DecodeVersionEdit(payload);
  if (!decoded.ok()) return Error(Code::kInvalidArgument, "edit: " + decoded.error().message());
  INVARIANT(*decoded == edit);
  StateBuilder builder(state_, 0);
  RETURN_IF_ERROR(builder.Apply(edit).WithContext("edit: "));
  INVARIANT(CheckVersion(builder.version()).ok());

  RETURN_IF_ERROR(Append(payload));
  state_ = std::move(builder).Finish();
  return OkStatus();
}

// Each Apply is durable before the next begins, so at most the last record of a MANIFEST can be
// torn.
Status Manifest::Append(std::string_view payload) {
  std::string bytes;
  RecordWriter({database_, number_}).AppendTo(bytes, end_, RecordType::kManifestEdit, payload);
  // FAILPOINT: manifest_append
  Status status = Step("manifest_append", [&] { return file_->WriteAt(end_, bytes); });
  if (!status.ok() && status.error().code() == Code::kNoSpace) {
    // Take back what was written of it, so that the caller knows: the edit is not on disk.
    // FAILPOINT: manifest_append_undo
    Status undone = Step("manifest_append_undo", [&] { return file_->Truncate(end_); });
    // FAILPOINT: manifest_append_undo_sync
    if (undone.ok()) {
      undone = SyncStep("manifest_append_undo_sync", [&] { return file_->Sync(); });
    }
    if (!undone.ok()) return Break(undone.error());
    file_ = nullptr;
    return status;
  }
  // FAILPOINT: manifest_append_sync
  if (status.ok()) status = SyncStep("manifest_append_sync", [&] { return file_->Sync(); });
  if (!status.ok()) return Break(status.error());
  end_ += bytes.size();
  return OkStatus();
}

// Moves to a new MANIFEST that begins with a snapshot of the state. After a crash CURRENT names the
// old one or the new one, each complete, because every step is durable before the next begins; the
// one that it does not name is an orphan.
Status Manifest::Rotate() {
  const std::uint64_t number = NewFileNumber();
  const std::string path = JoinPath(directory_, ManifestName(number));
  const std::string bytes = Encode(clock_, {database_, number}, state_, next_file_number_.load());

  // FAILPOINT: manifest_create
  auto created = Step("manifest_create", [&] { return fs_.Open(path, OpenMode::kCreate); });
  if (!created.ok()) return created.error();
  std::unique_ptr<File> file = std::move(*created);
  if (const Status status = MakeReady(*file, bytes, number); !status.ok()) {
    // CURRENT has not been touched. The new file only takes space.
    // FAILPOINT: manifest_discard
    static_cast<void>(Step("manifest_discard", [&] { return fs_.RemoveFile(path); }));
    if (status.error().code() == Code::kNoSpace) return status;
    return Break(status.error());
  }
  // FAILPOINT: current_rename
  Status status = SyncStep("current_rename", [&] {
    return fs_.Rename(JoinPath(directory_, kCurrentTemporary), JoinPath(directory_, kCurrentName));
  });
  // FAILPOINT: current_directory_sync
  if (status.ok()) {
    status = SyncStep("current_directory_sync", [&] { return fs_.SyncDirectory(directory_); });
  }
  // Which one is alive is unknown now, so both must stay as they are.
  if (!status.ok()) return Break(status.error());

  const std::uint64_t old = std::exchange(number_, number);
  file_ = std::move(file);
  end_ = bytes.size();
  rotate_at_ = std::max(kManifestRotateBytes, kManifestRotateSnapshots * end_);
  // If this fails, the old one is an orphan that the next opening removes.
  // FAILPOINT: manifest_remove
  if (old != 0) {
    static_cast<void>(Step("manifest_remove", [&] {
      return fs_.RemoveFile(JoinPath(directory_, ManifestName(old)));
    }));
  }
  return OkStatus();
}

// Makes the new MANIFEST and the line that will name it durable; nothing names them yet.
Status Manifest::MakeReady(File& file, std::string_view bytes, std::uint64_t number) {
  // FAILPOINT: manifest_snapshot_write
  RETURN_IF_ERROR(Step("manifest_snapshot_write", [&] { return file.WriteAt(0, bytes); }));
  // FAILPOINT: manifest_snapshot_sync
  RETURN_IF_ERROR(SyncStep("manifest_snapshot_sync", [&] { return file.Sync(); }));
  // FAILPOINT: manifest_directory_sync
  RETURN_IF_ERROR(
      SyncStep("manifest_directory_sync", [&] { return fs_.SyncDirectory(directory_); }));
  // FAILPOINT: current_sync
  return fs_.WriteFileSynced(JoinPath(directory_, kCurrentTemporary), EncodeCurrent(number),
                             "current_sync");
}

std::string Manifest::Encode(Clock& clock, const FileIdentity& identity, const ManifestState& state,
                             std::uint64_t next_file_number) {
  std::string bytes = EncodeFileHeader({.magic = std::string(kManifestMagic),
                                        .identity = identity,
                                        .created_micros = clock.WallMicros()});
  const RecordWriter writer(identity);
  RecordType type = RecordType::kManifestSnapshot;
  for (const std::string& payload : EncodeSnapshot(state, next_file_number)) {
    writer.AppendTo(bytes, bytes.size(), type, payload);
    type = RecordType::kManifestEdit;
  }
  return bytes;
}

Error Manifest::Break(const Error& cause) {
  broken_ = Error(Code::kShutDown, JoinPath(directory_, ManifestName(number_)) +
                                       ": no change is accepted after \"" + cause.message() +
                                       "\": reopen the database");
  // Not the cause's own code: kNoSpace would promise that the edit is not on disk.
  return {Code::kIoError, cause.message()};
}

}  // namespace beachdb
