#include "engine/recovery.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "compaction/flush_job.h"
#include "format/file_names.h"
#include "format/identity.h"
#include "kv/batch_format.h"
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
  RETURN_IF_ERROR(
      context.fs.WriteFileSynced(PathOf(context, kIdentityName), EncodeIdentity(context.database)));
  // Creates and syncs the MANIFEST, then CURRENT, then the directory that names all three.
  ASSIGN_OR_RETURN(auto manifest, Manifest::Create(context.fs, context.clock, context.directory,
                                                   context.database));
  RETURN_IF_ERROR(context.fs.SyncDirectory(ParentOf(context.directory)));
  context.logger.Info("created " + context.directory + ", identity " +
                      FormatDatabaseId(context.database));
  return manifest;
}

}  // namespace

Result<std::unique_ptr<Manifest>> OpenManifest(EngineContext& context) {
  ASSIGN_OR_RETURN(const bool exists, context.fs.Exists(PathOf(context, kCurrentName)));
  if (!exists) {
    ASSIGN_OR_RETURN(auto created, CreateDatabase(context));
    return created;
  }
  ASSIGN_OR_RETURN(const std::string identity,
                   context.fs.ReadFile(PathOf(context, kIdentityName), kIdentitySizeMax));
  auto id = DecodeIdentity(identity);
  if (!id.ok()) return id.error().WithContext(context.directory + "/");
  context.database = *id;
  ASSIGN_OR_RETURN(const std::vector<ParsedName> ours, ListOurs(context));
  ASSIGN_OR_RETURN(auto manifest, Manifest::Recover(context.fs, context.clock, context.directory,
                                                    context.database, context.logger));
  for (const ParsedName& file : ours) manifest->SkipFileNumber(file.number);
  return manifest;
}

Status CheckTables(EngineContext& context, const Version& version) {
  for (const auto& level : version.levels) {
    for (const FileRef& file : level) {
      const std::string path = PathOf(context, TableName(file->number));
      ASSIGN_OR_RETURN(const bool exists, context.fs.Exists(path));
      if (!exists) {
        return Error(Code::kCorruption,
                     path +
                         ": missing, but the manifest names it: restore the file "
                         "from a backup");
      }
      ASSIGN_OR_RETURN(const std::uint64_t size, context.fs.FileSize(path));
      if (size != file->size) {
        return Error(Code::kCorruption, path + ": size is " + std::to_string(size) +
                                            ", the manifest says " + std::to_string(file->size) +
                                            ": restore the file from a backup");
      }
    }
  }
  return OkStatus();
}

namespace {

// Turns replayed batches into level-0 tables, one memtable's worth at a time.
class Replay {
 public:
  Replay(EngineContext& context, LsmTree& tree, std::vector<std::uint64_t> logs)
      : context_(context),
        logs_(std::move(logs)),
        output_{.fs = context.fs,
                .clock = context.clock,
                .directory = context.directory,
                .database = context.database,
                .io = context.options.direct_writes ? IoMode::kDirect : IoMode::kBuffered,
                .new_file_number = [&tree] { return tree.NewFileNumber(); },
                .stop = never_} {}

  Status Apply(Seqno seqno, std::string_view batch) {
    if (table_ == nullptr) table_ = std::make_unique<MemTable>(context_.options.memtable);
    BatchReader reader(batch);
    BatchOp op;
    while (reader.Next(op)) table_->Add(op.key, PackTrailer(seqno++, op.kind), op.value);
    if (table_->BytesUsed() >= context_.options.write_buffer) return Flush();
    return OkStatus();
  }

  Status Flush() {
    if (table_ == nullptr) return OkStatus();
    auto entries = table_->NewIterator();
    const TableOptions options{.block_size = context_.options.block_size,
                               .filter_bits_per_key = context_.options.filter_bits_per_key,
                               .compression = Compression::kNone};
    // No snapshot has survived, so each key's newest version is all that can be seen.
    ASSIGN_OR_RETURN(JobResult written, RunFlush(output_, options, entries, {}, 0, logs_));
    for (FileMetadata& file : written.outputs) edit_.added.push_back({0, std::move(file)});
    table_.reset();
    return OkStatus();
  }

  // What to install. The tables are the caller's from here on.
  VersionEdit TakeEdit() { return std::exchange(edit_, {}); }

  // A replay that fails, for want of space above all, leaves nothing behind: otherwise every try
  // would take more of what is missing.
  ~Replay() {
    for (const auto& [level, file] : edit_.added) {
      const std::string path = PathOf(context_, TableName(file.number));
      const Status removed = context_.fs.RemoveFile(path);
      if (!removed.ok()) context_.logger.Warning("removing " + path + ": " + removed.ToString());
    }
  }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

 private:
  EngineContext& context_;
  const std::vector<std::uint64_t> logs_;
  const std::atomic<bool> never_{false};
  OutputContext output_;
  std::unique_ptr<MemTable> table_;
  VersionEdit edit_;
};

}  // namespace

Status ReplayLogs(EngineContext& context, LsmTree& tree) {
  const ManifestState state = tree.manifest_state();
  std::vector<std::uint64_t> logs;
  ASSIGN_OR_RETURN(const std::vector<ParsedName> ours, ListOurs(context));
  for (const ParsedName& file : ours) {
    if (file.type == FileType::kLog && file.number >= state.log_number) logs.push_back(file.number);
  }
  if (logs.empty()) return OkStatus();
  std::sort(logs.begin(), logs.end());

  Replay replay(context, tree, logs);
  ASSIGN_OR_RETURN(
      const RecoveryReport report,
      RecoverLogs(
          context.fs, context.directory, context.database, logs, state.last_seqno, context.logger,
          [&](Seqno first, std::uint64_t, std::string_view batch) {
            return replay.Apply(first, batch);
          },
          AfterReplay::kLeave));
  RETURN_IF_ERROR(replay.Flush());
  VersionEdit edit = replay.TakeEdit();
  // Every log there is lies below this number, every later one above it.
  edit.log_number = tree.NewFileNumber();
  edit.last_seqno = std::max(state.last_seqno, report.last_seqno);
  edit.durable_index = std::max(state.durable_index, report.applied_index);
  RETURN_IF_ERROR(tree.InstallEdit(std::move(edit)));
  if (report.records > 0) {
    context.logger.Info("recovered " + std::to_string(report.records) + " batches (" +
                        FormatBytes(report.bytes) + ") from " + std::to_string(logs.size()) +
                        " logs, up to seqno " + std::to_string(report.last_seqno));
  }
  return OkStatus();
}

void RemoveOrphans(EngineContext& context, LsmTree& tree) {
  const ManifestState state = tree.manifest_state();
  std::set<std::uint64_t> live;
  for (const auto& level : state.version->levels) {
    for (const FileRef& file : level) live.insert(file->number);
  }
  const std::uint64_t manifest = tree.HoldManifest([](std::uint64_t number) { return number; });
  const auto names = context.fs.List(context.directory);
  if (!names.ok()) return context.logger.Warning("looking for orphans: " + names.error().message());
  for (const std::string& name : *names) {
    const auto file = ParseFileName(name);
    if (!file) continue;
    const bool orphan = (file->type == FileType::kTable && !live.contains(file->number)) ||
                        (file->type == FileType::kLog && file->number < state.log_number) ||
                        (file->type == FileType::kManifest && file->number != manifest) ||
                        file->type == FileType::kTemporary;
    if (!orphan) continue;
    const Status removed = context.fs.RemoveFile(PathOf(context, name));
    context.logger.Info("removed orphan " + name + (removed.ok() ? "" : ": " + removed.ToString()));
  }
}

}  // namespace beachdb
