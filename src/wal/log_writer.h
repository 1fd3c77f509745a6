// Appends batches to one log file.
//
// The file has a fixed size and its blocks are allocated before the first append, so that an append
// never runs out of space, neither a write nor a store through the mapping. Its blocks are also
// written before they are needed, since a sync that must also turn unwritten extents into written
// ones takes half as long again: a recycled file is written all over, a new one is kept a few MiB
// of zeros ahead by PrewriteAhead.
//
// Thread safety: Append by one thread at a time. Sync, PrewriteAhead and the readers of numbers
// from any thread, beside it and beside each other.
// Lifetime: the file is closed with the writer.
// Limits: capacity() bytes, header included; ask HasRoom.
// Errors: after a failed write nobody knows what stands behind the last append, so that error is
// the answer of every later Append; what was appended before may still be synced. After a failed
// sync nobody knows what the file holds at all: that error answers every later Append and Sync. In
// both cases recovery may find records of the failed append, so their seqnos must not go to another
// log before this one is obsolete.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/file_system.h"
#include "record/record_writer.h"
#include "wal/log_format.h"

namespace beachdb {

struct LogEntry {
  Seqno first_seqno = 0;
  std::uint64_t applied_index = 0;  // 0: none
  std::string_view batch;           // kv/batch_format.h, valid
};

// How bytes get into the file. The two may be mixed: both go to the page cache and survive the
// death of the process as soon as Append returns.
enum class LogPath : std::uint8_t {
  kMapped,   // stores through a mapping, no system call: for commits that are not synced. On a
             // file system that cannot map files, the same as kWritten
  kWritten,  // one pwrite: for commits that are, since dirty mapped pages make a sync slower
};

// What is known of a log that may become another one.
struct RetiredLog {
  std::uint64_t written_through =
      kLogDataStart;   // up to there its blocks were written on the device
  bool synced = true;  // ever; or nobody knows
};

class LogWriter {
 public:
  // Makes the file: allocated, header and the first kPrewriteBytes written, synced. Its name needs
  // SyncDirectory. On an error no file is left behind. `capacity` is rounded up to whole blocks.
  static Result<std::unique_ptr<LogWriter>> Create(FileSystem& fs, const std::string& path,
                                                   const FileIdentity& identity,
                                                   std::uint64_t capacity,
                                                   std::uint64_t created_micros);

  // Turns the retired log `old_path` into the new log `new_path`; the names need SyncDirectory.
  // Synced is the new header, and what the old log holds only if that was ever synced, so that the
  // first sync of this one will not have to write it: nobody reads it again.
  // REQUIRES: everything in the old log is durable in tables, and the MANIFEST says so.
  //
  // A crash at any step is harmless:
  //   before the rename    the old name is below the MANIFEST's log number: obsolete
  //   after it             a log whose header names another file and that holds no record of its
  //                        own number: recovery sees that it was never used
  //   header half written  the same: its checksum is wrong
  //   rename not durable   the old name again, under a new header: still obsolete
  //   old pages not synced older ones in their place, of whatever number: just as foreign
  // The old records never pass for new ones: their checksums are bound to the old number.
  static Result<std::unique_ptr<LogWriter>> Recycle(FileSystem& fs, const std::string& old_path,
                                                    const std::string& new_path,
                                                    const FileIdentity& identity,
                                                    std::uint64_t capacity, const RetiredLog& old,
                                                    std::uint64_t created_micros);

  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Whether batches of so many bytes in so many entries surely fit.
  bool HasRoom(std::size_t batch_bytes_total, std::size_t entries) const {
    return BytesNeeded(batch_bytes_total, entries) <= capacity_ - end_offset();
  }
  // The capacity of a log that has room for them, and nothing else.
  static std::uint64_t CapacityFor(std::size_t batch_bytes_total, std::size_t entries) {
    return RoundCapacity(kLogDataStart + BytesNeeded(batch_bytes_total, entries));
  }
  // Up to whole blocks.
  static std::uint64_t RoundCapacity(std::uint64_t bytes) { return (bytes + 4095) / 4096 * 4096; }

  // Appends the entries, in order, as one record each. `durable_seqno`: every seqno up to it is
  // known to be on stable storage now; recovery relies on it (docs/formats/wal.md).
  // REQUIRES: HasRoom; first seqnos are dense and above durable_seqno.
  Status Append(std::span<const LogEntry> group, Seqno durable_seqno, LogPath how);

  // Puts every append that returned before this call on stable storage.
  Status Sync();

  // Whether PrewriteAhead has work: synced commits are coming close to blocks never written.
  bool needs_prewrite() const {
    const std::uint64_t claimed = claimed_.load(std::memory_order_relaxed);
    return claimed < capacity_ && synced_.load(std::memory_order_relaxed) &&
           claimed < end_offset() + kPrewriteAhead / 2;
  }
  // Writes and syncs zeros until kPrewriteAhead bytes ahead of the appends are written. For a
  // background thread. An error of its own (not of a sync) only means that later syncs are slower.
  Status PrewriteAhead();
  // No zeros are written any more, also not by a PrewriteAhead that is still to come: the file may
  // become another log. Returns what Recycle asks for.
  RetiredLog Retire();

  std::uint64_t number() const { return identity_.number; }
  const std::string& path() const { return file_->path(); }
  std::uint64_t capacity() const { return capacity_; }
  // Where the next record goes.
  std::uint64_t end_offset() const { return end_.load(std::memory_order_acquire); }
  std::uint64_t bytes_appended() const { return end_offset() - kLogDataStart; }

  static constexpr std::uint64_t kPrewriteBytes = 1u << 20;  // by Create
  static constexpr std::uint64_t kPrewriteAhead = 4u << 20;

 private:
  // Syncs overlap: the device takes several flushes at a time. Each in flight has an open file of
  // its own, because the kernel reports a write error once per open file: two syncs on one would
  // share one report, and the other would believe that its data is safe.
  static constexpr std::size_t kLanes = 4;
  struct Lane {
    Mutex mu;  // held while the lane syncs
    std::unique_ptr<File> file;
  };

  LogWriter(const FileIdentity& identity, std::uint64_t capacity, std::uint64_t written);
  Status OpenLanes(FileSystem& fs);
  Status WriteHeaderBlock(std::uint64_t created_micros);
  Status SyncHeader(bool alone);

  static std::uint64_t BytesNeeded(std::size_t batch_bytes_total, std::size_t entries) {
    return batch_bytes_total +
           entries * (kRecordHeaderSize + kLogEntryHeaderSize + kRecordAlignment - 1);
  }
  void Claim(std::uint64_t end);
  bool EnsureMapped();
  void UnloadBehind(std::uint64_t end);
  char* EncodeGroup(char* out, std::uint64_t offset, std::span<const LogEntry> group,
                    Seqno durable_seqno) const;
  Status SyncAnyLane();
  Status SyncLane(Lane& lane);
  Status SyncFailure() const;

  const FileIdentity identity_;
  const RecordWriter records_;
  const std::uint64_t capacity_;
  std::array<Lane, kLanes> lanes_;

  // Owned by the appending thread.
  std::unique_ptr<File> file_;
  std::string scratch_;
  std::span<char> mapping_;     // empty until the first append that wants it
  std::uint64_t unloaded_ = 0;  // the pages of the mapping below it have left our memory
  bool unmappable_ = false;
  Status append_failure_;

  // The end of the last append. Written by the appending thread.
  std::atomic<std::uint64_t> end_{kLogDataStart};

  // Below it the file belongs to appends; PrewriteAhead writes zeros only from it on, and moves it
  // up behind them. It moves under claim_mu_, so an append that has caught up waits for the piece
  // of zeros that is just being written, and no zeros are ever written over it.
  Mutex claim_mu_;
  std::atomic<std::uint64_t> claimed_;

  const std::uint64_t written_at_first_;  // as RetiredLog::written_through
  std::atomic<bool> ever_synced_{false};
  std::atomic<bool> synced_{false};  // since the last PrewriteAhead

  mutable Mutex failure_mu_;
  Status sync_failure_ GUARDED_BY(failure_mu_);
  std::atomic<bool> sync_failed_{false};
};

}  // namespace beachdb
