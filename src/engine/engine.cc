#include "engine/engine.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/epoch.h"
#include "base/failpoint.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/bulk_load.h"
#include "engine/checkpoint.h"
#include "engine/db_iterator.h"
#include "engine/ingest.h"
#include "engine/point_reader.h"
#include "engine/recovery.h"
#include "format/file_names.h"

namespace beachdb {
namespace {

constexpr std::size_t kBudgetMin = 4u << 20;  // bytes
constexpr std::size_t kWriteBufferMin = 64u << 10;
constexpr std::size_t kBlockSizeMin = 256;
constexpr std::size_t kBlockSizeMax = 16u << 20;
constexpr std::size_t kTableSizeMin = 64u << 10;

Status OutOfRange(std::string_view option, std::string_view want) {
  return Error(Code::kInvalidArgument,
               "Options::" + std::string(option) + " must be " + std::string(want));
}

Options Clamped(Options options) {
  options.write_buffer = std::min(options.write_buffer, options.memory_budget / 4);
  return options;
}

// A log holds what its memtable holds and its own framing; small entries need the most of it.
std::uint64_t LogCapacity(std::size_t write_buffer) {
  return write_buffer + write_buffer / 2 + std::min<std::size_t>(write_buffer, 1u << 20);
}

// What recovery found corrupt may be the consequence of an edit that the manifest has lost.
Error WithSuspect(const Error& error, const std::string& torn_manifest) {
  if (torn_manifest.empty() || error.code() != Code::kCorruption) return error;
  return {error.code(),
          error.message() + "; the cause may be an edit that was damaged: " + torn_manifest};
}

void UnrefState(void* state) { static_cast<ReadState*>(state)->Unref(); }

}  // namespace

// ---- opening and closing ------------------------------------------------------------------------

Status Engine::CheckOptions(const Options& options) {
  if (options.memory_budget < kBudgetMin) return OutOfRange("memory_budget", "at least 4 MiB");
  if (options.write_buffer < kWriteBufferMin) return OutOfRange("write_buffer", "at least 64 KiB");
  if (options.block_size < kBlockSizeMin || options.block_size > kBlockSizeMax) {
    return OutOfRange("block_size", "256 bytes to 16 MiB");
  }
  if (options.table_size < kTableSizeMin) return OutOfRange("table_size", "at least 64 KiB");
  if (options.filter_bits_per_key < 0 || options.filter_bits_per_key > 64) {
    return OutOfRange("filter_bits_per_key", "0 to 64");
  }
  if (options.compaction_threads < 1 || options.compaction_threads > 64) {
    return OutOfRange("compaction_threads", "1 to 64");
  }
  return OkStatus();
}

Engine::Engine(const std::string& directory, const Options& options)
    : context_(directory, Clamped(options),
               options.environment != nullptr ? *options.environment : SystemEnvironment()) {}

Engine::Engine(const std::string& directory, const Options& options,
               std::unique_ptr<ReadOnlyEnvironment> read_only)
    : read_only_(std::move(read_only)), context_(directory, Clamped(options), *read_only_) {}

Status Engine::CheckWritable() const {
  if (read_only_ == nullptr) return OkStatus();
  return Error(Code::kInvalidArgument,
               context_.directory +
                   " was opened read-only: open it for writing (Db::Open) to change anything");
}

Result<std::unique_ptr<Engine>> Engine::Open(const std::string& directory, const Options& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  std::unique_ptr<Engine> engine(new Engine(directory, options));
  RETURN_IF_ERROR(engine->Start().WithContext("opening " + directory + ": "));
  return engine;
}

Status Engine::Start() {
  FileSystem& fs = context_.fs;
  const std::uint64_t started = context_.clock.MonotonicNanos();
  const Options& options = context_.options;
  ASSIGN_OR_RETURN(const bool exists, fs.Exists(JoinPath(context_.directory, kCurrentName)));
  if (exists && options.error_if_exists) {
    return Error(Code::kInvalidArgument, "there already is a database, and error_if_exists is set");
  }
  if (!exists && !options.create_if_missing) {
    return Error(Code::kInvalidArgument,
                 "there is no database (no CURRENT); set create_if_missing to make one");
  }
  if (!exists) RETURN_IF_ERROR(MakeDirectory(fs, context_.logger, context_.directory));
  ASSIGN_OR_RETURN(lock_, fs.Lock(JoinPath(context_.directory, kLockName)));
  ASSIGN_OR_RETURN(auto manifest, OpenManifest(context_));
  const std::string torn = manifest->torn();
  const Status checked = CheckTables(context_, *manifest);
  if (!checked.ok()) return WithSuspect(checked.error(), torn);

  executor_ = context_.environment.MakeExecutor(options.compaction_threads);
  const auto remove = [this](const FileMetadata& file) {
    executor_->Schedule(Lane::kRemove, [this, number = file.number] {
      const std::string path = JoinPath(context_.directory, TableName(number));
      // FAILPOINT: sst_remove
      const Status removed = Step("sst_remove", [&] { return context_.fs.RemoveFile(path); });
      // Not lost: the next open removes it as an orphan.
      if (!removed.ok()) context_.logger.Warning("removing " + path + ": " + removed.ToString());
    });
  };
  tables_ = std::make_unique<TableCache>(
      fs, context_.directory, context_.database, context_.blocks, options.memory_budget / 2, remove,
      options.direct_reads ? IoMode::kDirect : IoMode::kBuffered, context_.logger, *executor_);
  tree_ = std::make_unique<LsmTree>(std::move(manifest), *tables_);
  Result<Recovered> recovered = ReplayLogs(context_, *executor_, *tree_);
  if (!recovered.ok()) return WithSuspect(recovered.error(), torn);
  RETURN_IF_ERROR(RemoveOrphans(context_, *tree_));

  if (options.log_owner == LogOwner::kDatabase) {
    logs_ = std::make_unique<LogFiles>(fs, context_.clock, context_.logger, context_.directory,
                                       context_.database, LogCapacity(options.write_buffer),
                                       [this] { return tree_->NewFileNumber(); });
  }
  background_ = std::make_unique<Background>(context_, *executor_, *tree_, *tables_, logs_.get());
  write_path_ = std::make_unique<WritePath>(context_, *executor_, *tree_, *background_, logs_.get(),
                                            std::move(*recovered));
  // Only now: an open that is refused changes nothing.
  context_.events.OpenFile();
  background_->Kick();
  context_.events.Emit(
      {.kind = EventKind::kOpen, .micros = (context_.clock.MonotonicNanos() - started) / 1000});
  return OkStatus();
}

bool Engine::in_use() const {
  return context_.counters.iterators.load(std::memory_order_acquire) > 0 ||
         context_.counters.bulk_loads.load(std::memory_order_acquire) > 0 ||
         context_.snapshots.count() > 0;
}

Status Engine::Close() {
  if (in_use()) {
    return Error(Code::kBusy,
                 "iterators, bulk loads or snapshots are still alive: destroy them before "
                 "closing the database");
  }
  if (read_only_ != nullptr) return OkStatus();
  // What a poisoned engine holds unflushed is in its log, for recovery to judge.
  Status flushed = background_->poisoned() ? OkStatus() : Flush();
  background_->Stop();
  CrashPoint("close_after_flush");  // FAILPOINT: close_after_flush
  // After a clean flush no log holds anything that is not in tables, the active one least of all.
  if (flushed.ok() && !background_->poisoned() && logs_ != nullptr) {
    const MemTableRun& active = tree_->active();
    if (active.table->empty() && active.log != nullptr) logs_->Retire(*active.log);
    logs_->RemoveSpares();
  }
  if (!flushed.ok() && flushed.error().code() == Code::kNoSpace && logs_ != nullptr) {
    // What a full disk has no room to flush is in the logs, as durable as it was promised.
    context_.logger.Warning("closing without a flush: " + flushed.ToString());
    flushed = OkStatus();
  }
  context_.events.Emit({.kind = EventKind::kClose});
  return flushed;
}

Engine::~Engine() {
  if (background_ != nullptr) background_->Stop();
  write_path_.reset();
  background_.reset();
  tree_.reset();
  // What readers have let go of still holds tables, and their removal needs the executor.
  DrainRetired();
  logs_.reset();
  executor_.reset();
  DrainRetired();  // the blocks of the tables that it has closed
  tables_.reset();
}

Result<VerifyReport> Engine::Verify(const VerifyOptions& options) {
  if (read_only_ == nullptr) return CheckIntegrity(context_, *tree_, options);
  // The rest was read as a whole while opening, and may be gone by now.
  VerifyReport report = CheckTableContents(*tree_, options);
  report.files += found_.files;
  return report;
}

// ---- writes -------------------------------------------------------------------------------------

Status Engine::Write(std::string_view batch, std::uint32_t count, const WriteOptions& options) {
  if (read_only_ != nullptr) [[unlikely]]
    return CheckWritable();
  if (count == 0 && options.applied_index == 0) return OkStatus();
  Writer writer;
  writer.batch = batch;
  writer.count = count;
  writer.durability =
      logs_ != nullptr ? options.durability : Durability::kBuffered;  // the caller's log syncs
  writer.applied_index = options.applied_index;
  return write_path_->Write(writer);
}

Status Engine::SyncWal() {
  RETURN_IF_ERROR(CheckWritable());
  Writer writer;
  writer.kind = WriterKind::kSync;
  return write_path_->Write(writer);
}

Status Engine::Flush() {
  RETURN_IF_ERROR(CheckWritable());
  return write_path_->Flush();
}

Result<PinnedTables> Engine::PinTables() {
  RETURN_IF_ERROR(Flush());
  return PinnedTables(context_, *tree_);
}

Status Engine::Checkpoint(const std::string& directory) {
  RETURN_IF_ERROR(Flush());
  return MakeCheckpoint(context_, *tree_, directory).WithContext("checkpoint: ");
}

Result<BulkLoad> Engine::NewBulkLoad() {
  RETURN_IF_ERROR(CheckWritable());
  return BulkLoad(std::make_unique<BulkLoadWriter>(context_, *executor_, *tree_, *write_path_));
}

Status Engine::Ingest(std::span<const std::string> paths, IngestMode mode) {
  RETURN_IF_ERROR(CheckWritable());
  if (paths.empty()) return OkStatus();
  NewFiles made(context_);
  ASSIGN_OR_RETURN(std::vector<FileMetadata> files,
                   PrepareIngest(context_, *tree_, paths, mode, made));
  const Status installed = write_path_->Ingest(std::move(files));
  made.Settle(installed, background_->poisoned());
  if (!installed.ok() || mode == IngestMode::kCopy) return installed;
  for (const std::string& path : paths) {
    // FAILPOINT: ingest_remove_source
    const Status removed =
        Step("ingest_remove_source", [&] { return context_.fs.RemoveFile(path); });
    // The entries are in. A second name of a table does no harm as long as nobody writes to it.
    if (!removed.ok()) context_.logger.Warning("removing " + path + ": " + removed.ToString());
  }
  return OkStatus();
}

Status Engine::CompactRange(std::string_view from, std::string_view to) {
  if (!to.empty() && to < from) {
    return Error(Code::kInvalidArgument, "CompactRange: the range ends before it begins");
  }
  RETURN_IF_ERROR(Flush());
  return background_->CompactRange(from.empty() ? nullptr : &from, to.empty() ? nullptr : &to);
}

// ---- reads --------------------------------------------------------------------------------------

Status Engine::CheckKey(std::string_view key) {
  if (key.size() >= kMinKeySize && key.size() <= kMaxKeySize) return OkStatus();
  return Error(Code::kInvalidArgument, "key of " + std::to_string(key.size()) +
                                           " bytes: keys have 1 to " + std::to_string(kMaxKeySize));
}

ReadState* Engine::StateFor(const ReadOptions& options, Seqno* snapshot) const {
  ReadState* state = tree_->Current();
  *snapshot =
      options.snapshot != nullptr ? options.snapshot->seqno() : context_.snapshots.visible();
  return state;
}

Result<bool> Engine::Get(std::string_view key, std::string* value, const ReadOptions& options) {
  RETURN_IF_ERROR(CheckKey(key));
  EpochGuard guard;
  Seqno snapshot = 0;
  const ReadState* state = StateFor(options, &snapshot);
  PointHit hit;
  RETURN_IF_ERROR(PointReader(context_, *state, snapshot, options.fill_cache).Get(key, &hit));
  if (hit.found) value->assign(hit.value);
  return hit.found;
}

Result<std::optional<PinnedValue>> Engine::GetPinned(std::string_view key,
                                                     const ReadOptions& options) {
  RETURN_IF_ERROR(CheckKey(key));
  EpochGuard guard;
  Seqno snapshot = 0;
  ReadState* state = StateFor(options, &snapshot);
  PointHit hit;
  RETURN_IF_ERROR(PointReader(context_, *state, snapshot, options.fill_cache).Get(key, &hit));
  if (!hit.found) return std::optional<PinnedValue>();
  if (hit.in_memtable) {
    state->Ref();
    return std::optional<PinnedValue>(std::in_place, hit.value, state, UnrefState);
  }
  BlockRef pin = hit.table.pin ? std::move(hit.table.pin) : BlockRef(hit.table.block);
  return std::optional<PinnedValue>(std::in_place, hit.value, std::move(pin).Leak(),
                                    BlockRef::ReleaseLeaked);
}

Result<std::vector<std::optional<std::string>>> Engine::MultiGet(
    std::span<const std::string_view> keys, const ReadOptions& options) {
  for (const std::string_view key : keys) RETURN_IF_ERROR(CheckKey(key));
  std::vector<std::optional<std::string>> values(keys.size());
  std::vector<PointHit> hits(keys.size());
  EpochGuard guard;
  Seqno snapshot = 0;
  const ReadState* state = StateFor(options, &snapshot);
  RETURN_IF_ERROR(PointReader(context_, *state, snapshot, options.fill_cache).GetMany(keys, hits));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (hits[i].found) values[i].emplace(hits[i].value);
  }
  return values;
}

Iterator Engine::NewIterator(const IteratorOptions& options) {
  ReadStateRef state(tree_->RefCurrent());
  const Seqno snapshot =
      options.snapshot != nullptr ? options.snapshot->seqno() : context_.snapshots.visible();
  auto iterator = std::make_unique<DbIterator>(context_, state.get(), snapshot, options);
  static_cast<void>(state.release());  // it is the iterator's now
  return Iterator(std::move(iterator));
}

Snapshot Engine::TakeSnapshot() { return {this, context_.snapshots.Take()}; }

}  // namespace beachdb
