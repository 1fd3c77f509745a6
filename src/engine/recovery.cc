#include "engine/recovery.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/replay.h"
#include "format/file_names.h"
#include "format/identity.h"
#include "sstable/table.h"
#include "wal/log_recovery.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kIdentitySizeMax = 1024;  // bytes

std::string PathOf(const EngineContext& context, std::string_view name) {
  return JoinPath(context.directory, name);
}

std::string ParentOf(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = end == std::string::npos ? end : path.rfind('/', end);
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::vector<ParsedName>> ListOurs(const EngineContext& context) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, context.fs.List(context.directory));
  std::vector<ParsedName> ours;
  for (const std::string& name : names) {
    if (const auto parsed = ParseFileName(name)) ours.push_back(*parsed);
  }
  return ours;
}

// Without CURRENT there is no database, or the most important file of one is gone.
Status RefuseLostCurrent(const EngineContext& context) {
  ASSIGN_OR_RETURN(const bool restoring, context.fs.Exists(PathOf(context, kRestoringName)));
  if (restoring) {
    return Error(Code::kCorruption,
                 context.directory + ": a restore of a backup was begun here (" +
                     std::string(kRestoringName) +
                     ") and did not end, so this is no database: remove the directory, then "
                     "restore again");
  }
  ASSIGN_OR_RETURN(const std::vector<ParsedName> ours, ListOurs(context));
  for (const ParsedName& file : ours) {
    if (file.type != FileType::kTable && file.type != FileType::kLog) continue;
    const std::string name =
        file.type == FileType::kTable ? TableName(file.number) : LogName(file.number);
    return Error(Code::kCorruption,
                 context.directory + ": CURRENT is missing, but " + name +
                     " is here: restore CURRENT (it names the newest MANIFEST), or move the files "
                     "away to start an empty database");
  }
  return OkStatus();
}

Result<std::unique_ptr<Manifest>> CreateDatabase(EngineContext& context) {
  RETURN_IF_ERROR(RefuseLostCurrent(context));
  context.database = MakeDatabaseId(context.environment.Seed(), context.environment.Seed());
  // FAILPOINT: identity_sync
  RETURN_IF_ERROR(context.fs.WriteFileSynced(PathOf(context, kIdentityName),
                                             EncodeIdentity(context.database), "identity_sync"));
  // Creates and syncs the MANIFEST, then CURRENT, then the directory that names all three.
  ASSIGN_OR_RETURN(auto manifest, Manifest::Create(context.fs, context.clock, context.directory,
                                                   context.database));
  context.events.Emit({.kind = EventKind::kCreate, .detail = FormatDatabaseId(context.database)});
  context.logger.Info("created " + context.directory + ", identity " +
                      FormatDatabaseId(context.database));
  return manifest;
}

}  // namespace

Status MakeDirectory(FileSystem& fs, const Logger& logger, const std::string& directory) {
  struct Parent {
    std::string path;
    bool names_new;  // what we make below it needs it to be synced
  };
  std::vector<Parent> parents;
  bool missing = true;
  for (std::string path = directory; path != ParentOf(path); path = ParentOf(path)) {
    parents.push_back({ParentOf(path), missing});
    ASSIGN_OR_RETURN(const bool exists, fs.Exists(parents.back().path));
    missing = missing && !exists;
  }
  // FAILPOINT: create_directory
  RETURN_IF_ERROR(Step("create_directory", [&] { return fs.CreateDirectory(directory); }));
  for (const Parent& parent : parents) {
    // FAILPOINT: create_parent_sync
    const Status synced =
        SyncStep("create_parent_sync", [&] { return fs.SyncDirectory(parent.path); });
    if (synced.ok()) continue;
    if (parent.names_new) return synced;
    // Those further up were there. An earlier try may have made them and failed before their sync,
    // so they are synced; but a directory of somebody else need not let us.
    logger.Info("not synced: " + synced.ToString());
  }
  return OkStatus();
}

Result<std::unique_ptr<Manifest>> OpenManifest(EngineContext& context) {
  ASSIGN_OR_RETURN(const bool exists, context.fs.Exists(PathOf(context, kCurrentName)));
  if (!exists) {
    ASSIGN_OR_RETURN(auto created, CreateDatabase(context));
    return created;
  }
  const std::string identity_path = PathOf(context, kIdentityName);
  ASSIGN_OR_RETURN(const bool identified, context.fs.Exists(identity_path));
  if (!identified) {
    return Error(Code::kCorruption, identity_path +
                                        " is missing, so nothing says whose files these are: "
                                        "restore it from a backup");
  }
  ASSIGN_OR_RETURN(const std::string identity,
                   context.fs.ReadFile(identity_path, kIdentitySizeMax));
  auto id = DecodeIdentity(identity);
  if (!id.ok()) return id.error().WithContext(context.directory + "/");
  context.database = *id;
  ASSIGN_OR_RETURN(const std::vector<ParsedName> ours, ListOurs(context));
  ASSIGN_OR_RETURN(auto manifest, Manifest::Recover(context.fs, context.clock, context.directory,
                                                    context.database, context.logger));
  for (const ParsedName& file : ours) manifest->SkipFileNumber(file.number);
  return manifest;
}

namespace {

// Damage to the last edit of a MANIFEST looks like an edit that a crash has torn, which may be
// ignored. But a flush removes its log only after its edit was durable, and the table says which
// log that was. So a table that nothing names, made from a log that the manifest still wants and
// that is gone, tells of an edit that has been lost since.
Status CheckUnknownTable(EngineContext& context, const Manifest& manifest, std::uint64_t number) {
  const std::string path = PathOf(context, TableName(number));
  ASSIGN_OR_RETURN(auto file, context.fs.Open(path, OpenMode::kRead));
  const auto table =
      Table::Open(std::move(file), {context.database, number}, 0, context.blocks, nullptr);
  if (!table.ok()) {
    // Half-written: its edit was never begun.
    if (table.error().code() == Code::kCorruption) return OkStatus();
    return table.error();
  }
  const TableJob& job = (*table)->properties().job;
  if (job.origin != TableOrigin::kFlush) return OkStatus();
  for (const std::uint64_t log : job.inputs) {
    if (log < manifest.state().log_number) continue;
    ASSIGN_OR_RETURN(const bool there, context.fs.Exists(PathOf(context, LogName(log))));
    if (there) continue;
    return Error(Code::kCorruption,
                 PathOf(context, ManifestName(manifest.file_number())) + ": the edit that added " +
                     TableName(number) + " is lost" +
                     (manifest.torn().empty() ? "" : " (" + manifest.torn() + ")") +
                     ": that table was made from " + LogName(log) +
                     ", which is gone and which the manifest still wants: restore the MANIFEST "
                     "from a backup");
  }
  return OkStatus();
}

Status CheckUnknownTables(EngineContext& context, const Manifest& manifest) {
  std::set<std::uint64_t> live;
  for (const auto& level : manifest.state().version->levels) {
    for (const FileRef& file : level) live.insert(file->number);
  }
  ASSIGN_OR_RETURN(const std::vector<ParsedName> ours, ListOurs(context));
  for (const ParsedName& file : ours) {
    if (file.type != FileType::kTable || live.contains(file.number)) continue;
    RETURN_IF_ERROR(CheckUnknownTable(context, manifest, file.number));
  }
  return OkStatus();
}

}  // namespace

Status CheckTables(EngineContext& context, const Manifest& manifest) {
  for (const auto& level : manifest.state().version->levels) {
    for (const FileRef& file : level) {
      const std::string path = PathOf(context, TableName(file->number));
      ASSIGN_OR_RETURN(const bool exists, context.fs.Exists(path));
      if (!exists) {
        return Error(Code::kCorruption, path + ": missing, but " +
                                            ManifestName(manifest.file_number()) +
                                            " names it: restore both from one backup");
      }
      ASSIGN_OR_RETURN(const std::uint64_t size, context.fs.FileSize(path));
      if (size != file->size) {
        return Error(Code::kCorruption, path + ": size is " + std::to_string(size) +
                                            ", the manifest says " + std::to_string(file->size) +
                                            ": restore the file from a backup");
      }
    }
  }
  return CheckUnknownTables(context, manifest);
}

namespace {

Result<RecoveryReport> ReplayInto(EngineContext& context, const ManifestState& state,
                                  const std::vector<std::uint64_t>& logs, Replay& replay) {
  ASSIGN_OR_RETURN(
      RecoveryReport report,
      RecoverLogs(context.fs, context.directory, context.database, logs, state.last_seqno,
                  context.logger,
                  [&](Seqno first, std::uint64_t applied_index, std::string_view batch) {
                    return replay.Apply(first, applied_index, batch);
                  }));
  RETURN_IF_ERROR(replay.Finish());
  return report;
}

// Replays into tables, and installs them. kNoSpace: nothing has changed.
Result<RecoveryReport> ReplayIntoTables(EngineContext& context, Executor& executor, LsmTree& tree,
                                        const std::vector<std::uint64_t>& logs,
                                        std::uint64_t log_number, Event& event) {
  const ManifestState state = tree.manifest_state();
  Replay replay(context, executor, tree, logs, Replay::Target::kTables);
  ASSIGN_OR_RETURN(RecoveryReport report, ReplayInto(context, state, logs, replay));
  VersionEdit edit = replay.TakeEdit();
  edit.log_number = log_number;
  edit.last_seqno = std::max(state.last_seqno, report.last_seqno);
  edit.durable_index = std::max(state.durable_index, report.applied_index);
  event.outputs.clear();
  event.bytes_written = 0;
  for (const auto& [level, file] : edit.added) {
    event.outputs.push_back(file.number);
    event.bytes_written += file.size;
  }
  CrashPoint("recovery_after_replay");                    // FAILPOINT: recovery_after_replay
  RETURN_IF_ERROR(ErrorPoint("recovery_publish_error"));  // FAILPOINT: recovery_publish_error
  RETURN_IF_ERROR(tree.InstallEdit(std::move(edit)));
  CrashPoint("recovery_after_publish");  // FAILPOINT: recovery_after_publish
  return report;
}

bool IsNoSpace(const Result<RecoveryReport>& outcome) {
  return !outcome.ok() && outcome.error().code() == Code::kNoSpace;
}

}  // namespace

Result<Recovered> ReplayLogs(EngineContext& context, Executor& executor, LsmTree& tree) {
  const ManifestState state = tree.manifest_state();
  Recovered recovered{.last_seqno = state.last_seqno,
                      .applied_index = state.durable_index,
                      .log_number = state.log_number,
                      .unflushed = {}};
  std::vector<std::uint64_t> logs;
  ASSIGN_OR_RETURN(const std::vector<ParsedName> ours, ListOurs(context));
  for (const ParsedName& file : ours) {
    if (file.type == FileType::kLog && file.number >= state.log_number) logs.push_back(file.number);
  }
  if (logs.empty()) return recovered;
  std::sort(logs.begin(), logs.end());
  // Every log there is lies below this number, every later one above it.
  recovered.log_number = tree.NewFileNumber();
  Event event{.kind = EventKind::kRecovery, .output_level = 0, .inputs = logs};
  const std::uint64_t started = context.clock.MonotonicNanos();

  Result<RecoveryReport> report =
      ReplayIntoTables(context, executor, tree, logs, recovered.log_number, event);
  if (IsNoSpace(report)) {
    RETURN_IF_ERROR(RemoveOrphans(context, tree));
    report = ReplayIntoTables(context, executor, tree, logs, recovered.log_number, event);
  }
  if (IsNoSpace(report)) {
    context.logger.Warning(
        "no room to turn the logs into tables: they stay and are held in "
        "memory; reads work, writes wait for space (" +
        report.error().message() + ")");
    Replay replay(context, executor, tree, logs, Replay::Target::kMemTables);
    report = ReplayInto(context, state, logs, replay);
    recovered.unflushed = replay.TakeHeld();
  }
  RETURN_IF_ERROR(report);
  recovered.last_seqno = std::max(state.last_seqno, report->last_seqno);
  recovered.applied_index = std::max(state.durable_index, report->applied_index);
  if (recovered.unflushed.empty()) {
    RemoveReplayedLogs(context, logs, tree.manifest_state().log_number);
  }
  event.bytes_read = report->bytes;
  event.detail = std::to_string(report->records) + " batches";
  event.micros = (context.clock.MonotonicNanos() - started) / 1000;
  context.events.Emit(std::move(event));
  if (report->records > 0) {
    context.logger.Info("recovered " + std::to_string(report->records) + " batches (" +
                        FormatBytes(report->bytes) + ") from " + std::to_string(logs.size()) +
                        " logs, up to seqno " + std::to_string(report->last_seqno));
  }
  return recovered;
}

Result<Recovered> ReplayLogsIntoMemory(EngineContext& context, Executor& executor, LsmTree& tree,
                                       const std::vector<std::uint64_t>& logs) {
  const ManifestState state = tree.manifest_state();
  Replay replay(context, executor, tree, logs, Replay::Target::kMemTables);
  ASSIGN_OR_RETURN(const RecoveryReport report, ReplayInto(context, state, logs, replay));
  return Recovered{.last_seqno = std::max(state.last_seqno, report.last_seqno),
                   .applied_index = std::max(state.durable_index, report.applied_index),
                   .log_number = tree.NewFileNumber(),
                   .unflushed = replay.TakeHeld()};
}

void RemoveReplayedLogs(EngineContext& context, const std::vector<std::uint64_t>& logs,
                        std::uint64_t manifest_log_number) {
  for (const std::uint64_t number : logs) {
    if (number >= manifest_log_number) continue;
    const std::string path = PathOf(context, LogName(number));
    // FAILPOINT: recovery_remove_log
    const Status removed = Step("recovery_remove_log", [&] { return context.fs.RemoveFile(path); });
    // Not lost: the next open removes it as an orphan.
    if (!removed.ok()) context.logger.Warning("removing " + path + ": " + removed.ToString());
  }
}

Status RemoveOrphans(EngineContext& context, LsmTree& tree) {
  RETURN_IF_ERROR(tree.SettleManifest(context.logger));
  const ManifestState state = tree.manifest_state();
  std::set<std::uint64_t> live;
  for (const auto& level : state.version->levels) {
    for (const FileRef& file : level) live.insert(file->number);
  }
  const std::uint64_t manifest = tree.HoldManifest([](std::uint64_t number) { return number; });
  const auto names = context.fs.List(context.directory);
  if (!names.ok()) {
    context.logger.Warning("looking for orphans: " + names.error().message());
    return OkStatus();
  }
  for (const std::string& name : *names) {
    const auto file = ParseFileName(name);
    if (!file) continue;
    const bool orphan = (file->type == FileType::kTable && !live.contains(file->number)) ||
                        (file->type == FileType::kLog && file->number < state.log_number) ||
                        (file->type == FileType::kManifest && file->number != manifest) ||
                        file->type == FileType::kTemporary;
    if (!orphan) continue;
    // FAILPOINT: recovery_remove_orphan
    const Status removed = Step("recovery_remove_orphan",
                                [&] { return context.fs.RemoveFile(PathOf(context, name)); });
    context.logger.Info("removed orphan " + name + (removed.ok() ? "" : ": " + removed.ToString()));
  }
  return OkStatus();
}

}  // namespace beachdb
