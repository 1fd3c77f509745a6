// The database behind a Db: owns every part, opens and closes them in order, and answers reads.
//
//   state     opened by            left by
//   opening   Open                 Open returns: every part runs, the logs are replayed and retired
//   open      -                    Close
//   closed    Close, ~Engine       -
//
// One that was opened read-only goes the same way, but has neither lock nor logs, nor anybody who
// changes anything: those members stay nullptr.
//
// Invariants:
//   1. Parts are made lowest first and destroyed highest first: the order of the members.
//   2. While an iterator or a snapshot lives, the engine is not closed: Close fails with kBusy, and
//   a
//      Db destroyed nevertheless leaves its engine in memory (and says so) rather than pull the
//      ground from under them.
//
// Thread safety: all of it between Open and Close.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "beachdb/db.h"
#include "engine/background.h"
#include "engine/engine_context.h"
#include "engine/integrity_check.h"
#include "engine/lsm_tree.h"
#include "engine/pinned_tables.h"
#include "engine/read_only_environment.h"
#include "engine/table_cache.h"
#include "engine/write_path.h"
#include "wal/log_files.h"

namespace beachdb {

class Engine {
 public:
  static Result<std::unique_ptr<Engine>> Open(const std::string& directory, const Options& options);
  // Without a write path, a background and logs of its own (open_read_only.cc).
  static Result<std::unique_ptr<Engine>> OpenReadOnly(const std::string& directory,
                                                      const Options& options);
  ~Engine();

  Status Write(std::string_view batch, std::uint32_t count, const WriteOptions& options);
  Status SyncWal();
  Status Flush();
  Status CompactRange(std::string_view from, std::string_view to);
  Status Checkpoint(const std::string& directory);
  Result<BulkLoad> NewBulkLoad();
  Status Ingest(std::span<const std::string> paths, IngestMode mode);
  Result<PinnedTables> PinTables();

  Result<bool> Get(std::string_view key, std::string* value, const ReadOptions& options);
  Result<std::optional<PinnedValue>> GetPinned(std::string_view key, const ReadOptions& options);
  Result<std::vector<std::optional<std::string>>> MultiGet(std::span<const std::string_view> keys,
                                                           const ReadOptions& options);
  Iterator NewIterator(const IteratorOptions& options);
  // explain.cc
  Result<GetExplanation> Explain(std::string_view key, const ReadOptions& options);
  Result<ScanExplanation> ExplainScan(const IteratorOptions& options, ScanOrder order,
                                      std::uint64_t limit);
  Result<std::vector<KeyVersion>> History(std::string_view key);
  Snapshot TakeSnapshot();
  void ReleaseSnapshot(Seqno seqno) { context_.snapshots.Release(seqno); }

  void SetClock(std::function<std::uint64_t()> seconds) { context_.expiry.Set(std::move(seconds)); }

  std::uint64_t applied_index() const {
    return write_path_ == nullptr ? found_.applied_index : write_path_->applied_index();
  }
  std::uint64_t durable_index() const { return tree_->manifest_state().durable_index; }
  Stats GetStats() const;
  EventLog& events() { return context_.events; }
  Result<VerifyReport> Verify(const VerifyOptions& options);

  // kBusy while readers hold on to it: then it is still open.
  Status Close();
  bool in_use() const;

 private:
  Engine(const std::string& directory, const Options& options);
  Engine(const std::string& directory, const Options& options,
         std::unique_ptr<ReadOnlyEnvironment> read_only);
  Status Start();
  Status StartReadOnly();
  static Status CheckOptions(const Options& options);
  // An error if it was opened read-only.
  Status CheckWritable() const;
  static Status CheckKey(std::string_view key);
  // What a read sees: REQUIRES an EpochGuard. The state is loaded before the seqno (read_state.h).
  ReadState* StateFor(const ReadOptions& options, Seqno* snapshot) const;

  // What a read-only opening has found, for those who ask for it later.
  struct Found {
    std::uint64_t applied_index = 0;
    std::uint64_t files = 0;  // read as a whole: IDENTITY, CURRENT, the manifest, logs
  };

  const std::unique_ptr<ReadOnlyEnvironment> read_only_;  // nullptr: it may write
  EngineContext context_;
  Found found_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<TableCache> tables_;
  std::unique_ptr<LogFiles> logs_;  // nullptr when the caller owns the log
  std::unique_ptr<LsmTree> tree_;
  std::unique_ptr<Background> background_;
  std::unique_ptr<WritePath> write_path_;
};

}  // namespace beachdb
