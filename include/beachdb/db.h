// An ordered, durable key-value store in one directory.
//
//   auto db = Db::Open("/data/shells");
//   if (!db.ok()) return db.error();
//   RETURN(db->Put("conch", "spiral"));
//   auto value = db->Get("conch");     // Result<std::optional<std::string>>
//
// Keys and values are byte strings; order is lexicographic by unsigned byte.
//
// Thread safety: every method may be called from any thread, at any time between Open and Close.
// Writes are a total order, the same for readers, the log and recovery. Readers never wait for
// writers.
// Lifetime: one process per directory (a second one gets kBusy, which names the holder, and may
// still OpenReadOnly). Iterators, snapshots and pinned values must be gone before Close.
// Errors: values (result.h). After a failed sync the database is read-only until it is reopened:
// writes return kShutDown with the cause, reads go on. With a full disk writes return kNoSpace and
// resume by themselves when there is space again.
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

#include "beachdb/bulk_load.h"
#include "beachdb/events.h"
#include "beachdb/explain.h"
#include "beachdb/iterator.h"
#include "beachdb/options.h"
#include "beachdb/result.h"
#include "beachdb/snapshot.h"
#include "beachdb/stats.h"
#include "beachdb/table_file.h"
#include "beachdb/write_batch.h"

namespace beachdb {

class Engine;
class PinnedTables;

// A value read without a copy or an allocation: a view of the engine's own memory, which stays put
// as long as this handle lives. Move-only. Must be gone before the Db is closed.
class PinnedValue {
 public:
  using Release = void (*)(void* owner);
  // For the engine: `release(owner)` unpins; nullptr where there is nothing to unpin.
  PinnedValue(std::string_view view, void* owner, Release release)
      : view_(view), owner_(owner), release_(release) {}
  PinnedValue(PinnedValue&& other) noexcept
      : view_(other.view_),
        owner_(other.owner_),
        release_(std::exchange(other.release_, nullptr)) {}
  PinnedValue& operator=(PinnedValue&& other) noexcept {
    std::swap(view_, other.view_);
    std::swap(owner_, other.owner_);
    std::swap(release_, other.release_);
    return *this;
  }
  PinnedValue(const PinnedValue&) = delete;
  PinnedValue& operator=(const PinnedValue&) = delete;
  ~PinnedValue() {
    if (release_ != nullptr) release_(owner_);
  }

  std::string_view view() const { return view_; }

 private:
  std::string_view view_;
  void* owner_;
  Release release_;
};

// How thoroughly Db::Verify looks.
enum class VerifyDepth : std::uint8_t {
  kFiles,  // every file by itself, and against what the manifest says of it
  kTree,   // the tables against each other, too: reads each of them a second time
};

struct VerifyOptions {
  VerifyDepth depth = VerifyDepth::kFiles;
  // Hears, a table at a time, how many bytes are done and how many there are; called by the thread
  // that called Verify. Empty: nobody wants to know.
  std::function<void(std::uint64_t done, std::uint64_t whole)> progress;
};

struct VerifyReport {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
  std::uint64_t entries = 0;
  std::vector<std::string> problems;  // file, offset, expected, found; empty: all is well
};

// What becomes of a file that is taken in.
enum class IngestMode : std::uint8_t {
  kCopy,  // it stays as it is
  kMove,  // it gets a name in the database, and loses the old one: on the same file system only
};

class Db {
 public:
  // Opens the database in `directory`, which is created if it is missing (Options). Recovers
  // whatever a crash left; the same bytes always recover to the same state.
  static Result<Db> Open(const std::string& directory, const Options& options = {});
  // Opens what is in `directory` at this moment for reading, beside a process that writes to it or
  // without one: takes no lock, changes nothing there, recovers in memory what is only in logs.
  // Shows one state for as long as it lives: at least every write that the writer's own log had
  // acknowledged before this call, and of the later ones none, or the first so many. Of
  // LogOwner::kCaller: what is in tables. Keeps the files of all its tables open, and so their
  // space in use. Calls that would change something return kInvalidArgument.
  // create_if_missing and error_if_exists mean nothing here. kInvalidArgument: no database.
  static Result<Db> OpenReadOnly(const std::string& directory, const Options& options = {});

  Db(Db&&) noexcept;
  Db& operator=(Db&&) noexcept;
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;
  ~Db();  // closes; call Close() to learn whether that went well

  // Writes. Each returns once the write is as durable as `options` asks and visible to every later
  // read of every thread.
  Status Put(std::string_view key, std::string_view value, const WriteOptions& options = {});
  Status Delete(std::string_view key, const WriteOptions& options = {});
  // Deletes every key in [begin, end): one write, whatever they are. kInvalidArgument: begin is not
  // below end. Space comes back as compactions meet it; tables that lie in the range as a whole are
  // dropped without being read.
  Status DeleteRange(std::string_view begin, std::string_view end,
                     const WriteOptions& options = {});
  // A put that ends by itself: see WriteBatch::PutExpiring.
  Status PutExpiring(std::string_view key, std::string_view value, std::uint64_t expires_at,
                     const WriteOptions& options = {});
  // All of the batch or none of it. The batch is unchanged and may be reused. kConflict: one of its
  // preconditions does not hold; nothing was written.
  Status Write(const WriteBatch& batch, const WriteOptions& options = {});

  // Reads. Absent: an empty optional (false for the copying form).
  Result<std::optional<std::string>> Get(std::string_view key,
                                         const ReadOptions& options = {}) const;
  // Copies into the caller's buffer: no allocation once it is large enough.
  Result<bool> Get(std::string_view key, std::string* value, const ReadOptions& options = {}) const;
  // A view instead of a copy.
  Result<std::optional<PinnedValue>> GetPinned(std::string_view key,
                                               const ReadOptions& options = {}) const;
  // All keys at one state; the answers stand in the order of the keys. Faster than as many gets:
  // their cache misses overlap, and so do their reads from the device. A key that cannot be read
  // fails the call.
  Result<std::vector<std::optional<std::string>>> MultiGet(std::span<const std::string_view> keys,
                                                           const ReadOptions& options = {}) const;

  // Never fails: an error while reading shows in the iterator's status().
  Iterator NewIterator(const IteratorOptions& options = {}) const;
  Snapshot GetSnapshot() const;

  // A get, and how it came to its answer (explain.h): every place that it asked or had no need to
  // ask, the block that it searched, and the time that each took. Counts as a get.
  Result<GetExplanation> Explain(std::string_view key, const ReadOptions& options = {}) const;
  // A scan of what `options` show, and what it had to touch: at most `limit` records (0: all).
  Result<ScanExplanation> ExplainScan(const IteratorOptions& options = {},
                                      ScanOrder order = ScanOrder::kForward,
                                      std::uint64_t limit = 0) const;
  // Every version of the key that is still held, in memory and in each table, newest place first:
  // also those that no reader can see any more and no merge has dropped yet.
  Result<std::vector<KeyVersion>> History(std::string_view key) const;

  // The clock by which puts with an end are judged: seconds, in any era; it must not go back. Empty
  // (the default): wall time, seconds since 1970. Replicas that must agree set one that goes by
  // their log, right after Open. Readers go by it at once, snapshots too; an iterator reads it
  // once. Compactions remove what has ended by it for good, once anybody has used it. Called from
  // any thread; must not call back into this database.
  Status SetClock(std::function<std::uint64_t()> seconds);

  // Makes every write that was acknowledged before this call durable.
  Status SyncWal();
  // Writes the memtable into a table; returns when it and every earlier one are there.
  Status Flush();
  // Merges everything in [from, to] down to the deepest level that holds any of it: tombstones and
  // old versions that no snapshot needs are gone afterwards. Empty: no bound on that side.
  Status CompactRange(std::string_view from = {}, std::string_view to = {});

  // A second database in `directory` (which does not exist yet, or is empty), holding at least
  // everything that was acknowledged before this call; durable when it returns. Its tables are hard
  // links, so it costs a flush and hardly any space, and must be on the same file system. Writers
  // and readers go on meanwhile. It opens like any database; neither of the two ever touches the
  // other. kInvalidArgument: the directory holds something.
  Status Checkpoint(const std::string& directory);

  // Sorted input straight into tables (bulk_load.h).
  Result<BulkLoad> NewBulkLoad();
  // Takes in tables that TableFileBuilder has made (table_file.h), all of them as one write; their
  // key ranges must not overlap each other. Every byte of them is checked first. kInvalidArgument,
  // kCorruption: names the file and what is wrong with it; nothing has changed.
  Status Ingest(std::span<const std::string> paths, IngestMode mode = IngestMode::kCopy);

  // The highest applied_index of any committed batch; 0: none.
  std::uint64_t AppliedIndex() const;
  // The highest applied_index such that it and every batch before it are in synced tables: what a
  // caller's log may forget.
  std::uint64_t DurableIndex() const;

  Stats GetStats() const;

  // Calls `listener` for each of RecentEvents, and then for every event as it happens (events.h):
  // one call at a time, from the thread on which it happened, which waits. It must not call back
  // into this database. Empty: nobody listens any more.
  Status SetEventListener(std::function<void(const Event&)> listener);
  // The latest events since Open, at most 256, the newest last.
  std::vector<Event> RecentEvents() const;

  // Reads every byte of every live file and checks it against its checksum, order and metadata.
  // Problems found are in the report; an error means that the check itself could not run.
  Result<VerifyReport> Verify(const VerifyOptions& options = {}) const;

  // Flushes, waits for background work, releases the directory. kBusy while iterators or snapshots
  // live. Later calls on this handle return kShutDown. A full disk, or one that failed before, is
  // no error here: what could not be flushed is in the log, for the next opening. (In a caller's
  // log it is not, and is one: DurableIndex.)
  Status Close();

 private:
  friend class PinnedTables;  // backups take their files from it
  explicit Db(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace beachdb
