#include "wal/log_writer.h"

#include <algorithm>

#include "base/check.h"
#include "base/failpoint.h"
#include "base/try.h"

namespace beachdb {
namespace {

// Claimed by an append that has run into unwritten blocks; small, so that PrewriteAhead soon takes
// over again.
constexpr std::uint64_t kClaimStep = 64u << 10;
// Zeros written and synced at a time: what a commit that syncs beside it may have to wait for.
constexpr std::uint64_t kZeroStep = 256u << 10;
// Of a mapping: what is behind the appends leaves our memory in such pieces.
constexpr std::uint64_t kUnloadStep = 1u << 20;
// A larger group is encoded into the mapping whatever the caller asks: no second copy of a huge
// value in memory.
constexpr std::size_t kMaxScratch = 4u << 20;

std::uint64_t RoundUp(std::uint64_t n, std::uint64_t unit) { return (n + unit - 1) / unit * unit; }

// Best effort, on the way out with an error that matters more.
void RemoveQuietly(FileSystem& fs, const std::string& path) {
  if (const Status removed = fs.RemoveFile(path); !removed.ok()) return;
}

}  // namespace

LogWriter::LogWriter(const FileIdentity& identity, std::uint64_t capacity, std::uint64_t written)
    : identity_(identity),
      records_(identity),
      capacity_(capacity),
      claimed_(written),
      written_at_first_(written) {}

Result<std::unique_ptr<LogWriter>> LogWriter::Create(FileSystem& fs, const std::string& path,
                                                     const FileIdentity& identity,
                                                     std::uint64_t capacity,
                                                     std::uint64_t created_micros) {
  capacity = RoundCapacity(capacity);
  const std::uint64_t written = std::min(capacity, kPrewriteBytes);
  std::unique_ptr<LogWriter> log(new LogWriter(identity, capacity, written));
  ASSIGN_OR_RETURN(log->file_, fs.Open(path, OpenMode::kCreate));
  const auto prepare = [&]() -> Status {
    // FAILPOINT: wal_allocate
    RETURN_IF_ERROR(Step("wal_allocate", [&] { return log->file_->Allocate(capacity); }));
    RETURN_IF_ERROR(log->file_->WriteAt(0, std::string(written, '\0')));
    RETURN_IF_ERROR(log->OpenLanes(fs));
    RETURN_IF_ERROR(log->WriteHeaderBlock(created_micros));
    return log->SyncHeader(false);
  };
  if (const Status prepared = prepare(); !prepared.ok()) {
    RemoveQuietly(fs, path);
    return prepared.error();
  }
  return log;
}

Result<std::unique_ptr<LogWriter>> LogWriter::Recycle(FileSystem& fs, const std::string& old_path,
                                                      const std::string& new_path,
                                                      const FileIdentity& identity,
                                                      std::uint64_t capacity, const RetiredLog& old,
                                                      std::uint64_t created_micros) {
  capacity = RoundCapacity(capacity);
  const std::uint64_t written = std::clamp(old.written_through, kLogDataStart, capacity);
  std::unique_ptr<LogWriter> log(new LogWriter(identity, capacity, written));
  // FAILPOINT: wal_recycle_rename
  RETURN_IF_ERROR(Step("wal_recycle_rename", [&] { return fs.Rename(old_path, new_path); }));
  const auto prepare = [&]() -> Status {
    ASSIGN_OR_RETURN(log->file_, fs.Open(new_path, OpenMode::kReadWrite));
    RETURN_IF_ERROR(log->file_->Allocate(capacity));  // costs nothing where it already is
    RETURN_IF_ERROR(log->OpenLanes(fs));
    RETURN_IF_ERROR(log->WriteHeaderBlock(created_micros));
    return log->SyncHeader(!old.synced);
  };
  if (const Status prepared = prepare(); !prepared.ok()) {
    RemoveQuietly(fs, new_path);
    return prepared.error();
  }
  return log;
}

Status LogWriter::OpenLanes(FileSystem& fs) {
  // All of them now: one that is opened after an error was reported elsewhere would not see it.
  for (Lane& lane : lanes_) {
    ASSIGN_OR_RETURN(lane.file, fs.Open(path(), OpenMode::kReadWrite));
  }
  return OkStatus();
}

Status LogWriter::WriteHeaderBlock(std::uint64_t created_micros) {
  FileHeader header;
  header.magic = kWalMagic;
  header.identity = identity_;
  header.created_micros = created_micros;
  std::string block = EncodeFileHeader(header);
  block.resize(kLogDataStart, '\0');
  // FAILPOINT: wal_header_write
  return Step("wal_header_write", [&] { return file_->WriteAt(0, block); });
}

Status LogWriter::SyncHeader(bool alone) {
  // FAILPOINT: wal_header_sync
  return SyncStep("wal_header_sync",
                  [&] { return alone ? file_->SyncRange(0, kLogDataStart) : file_->Sync(); });
}

Status LogWriter::Append(std::span<const LogEntry> group, Seqno durable_seqno, LogPath how) {
  RETURN_IF_ERROR(append_failure_);
  if (sync_failed_.load(std::memory_order_acquire)) return SyncFailure();
  std::uint64_t size = 0;
  for (const LogEntry& entry : group) size += RecordSize(kLogEntryHeaderSize + entry.batch.size());
  const std::uint64_t begin = end_.load(std::memory_order_relaxed);
  CHECK(size <= capacity_ - begin);

  Claim(begin + size);
  if ((how == LogPath::kMapped || size > kMaxScratch) && EnsureMapped()) {
    EncodeGroup(mapping_.data() + begin, begin, group, durable_seqno);
    UnloadBehind(begin + size);
  } else {
    if (scratch_.size() < size) scratch_.resize(size);
    EncodeGroup(scratch_.data(), begin, group, durable_seqno);
    // FAILPOINT: wal_append
    append_failure_ = Step("wal_append", [&] {
      return file_->WriteAt(begin, std::string_view(scratch_.data(), size));
    });
    RETURN_IF_ERROR(append_failure_);
  }
  CrashPoint("wal_after_append");  // FAILPOINT: wal_after_append
  end_.store(begin + size, std::memory_order_release);
  return OkStatus();
}

void LogWriter::Claim(std::uint64_t end) {
  if (end <= claimed_.load(std::memory_order_acquire)) return;
  MutexLock lock(claim_mu_);
  if (end <= claimed_.load(std::memory_order_relaxed)) return;
  claimed_.store(std::min(capacity_, RoundUp(end, kClaimStep)), std::memory_order_release);
}

bool LogWriter::EnsureMapped() {
  if (!mapping_.empty() || unmappable_) return !unmappable_;
  auto mapped = file_->Map(capacity_);
  if (mapped.ok()) {
    mapping_ = *mapped;
  } else {
    unmappable_ = true;
  }
  return mapped.ok();
}

// Appends never come back, so what lies behind them need not count as our memory.
void LogWriter::UnloadBehind(std::uint64_t end) {
  if (end < unloaded_ + 2 * kUnloadStep) [[likely]]
    return;
  const std::uint64_t until = end / kUnloadStep * kUnloadStep;
  file_->Unload(unloaded_, until - unloaded_);
  unloaded_ = until;
}

char* LogWriter::EncodeGroup(char* out, std::uint64_t offset, std::span<const LogEntry> group,
                             Seqno durable_seqno) const {
  for (const LogEntry& entry : group) {
    INVARIANT(entry.first_seqno > durable_seqno);
    char head[kLogEntryHeaderSize];
    StoreLogEntryHeader(head, entry.first_seqno, durable_seqno, entry.applied_index);
    char* const end = records_.Encode(out, offset, RecordType::kBatch,
                                      std::string_view(head, sizeof head), entry.batch);
    offset += static_cast<std::uint64_t>(end - out);
    out = end;
  }
  return out;
}

Status LogWriter::Sync() {
  if (sync_failed_.load(std::memory_order_acquire)) return SyncFailure();
  ever_synced_.store(true, std::memory_order_relaxed);
  synced_.store(true, std::memory_order_relaxed);
  return SyncAnyLane();
}

Status LogWriter::SyncAnyLane() {
  for (Lane& lane : lanes_) {
    if (!lane.mu.TryLock()) continue;
    Status status = SyncLane(lane);
    lane.mu.Unlock();
    return status;
  }
  MutexLock lock(lanes_[0].mu);
  return SyncLane(lanes_[0]);
}

Status LogWriter::SyncLane(Lane& lane) {
  // FAILPOINT: wal_sync
  Status synced = SyncStep("wal_sync", [&] { return lane.file->Sync(); });
  if (synced.ok()) synced = ErrorPoint("wal_sync_error");  // FAILPOINT: wal_sync_error
  CrashPoint("wal_after_sync");                            // FAILPOINT: wal_after_sync
  if (!synced.ok()) {
    MutexLock lock(failure_mu_);
    if (sync_failure_.ok()) sync_failure_ = synced;
    sync_failed_.store(true, std::memory_order_release);
  }
  // Another lane's failure counts here too: what it lost may be ours.
  return sync_failed_.load(std::memory_order_acquire) ? SyncFailure() : OkStatus();
}

Status LogWriter::SyncFailure() const {
  MutexLock lock(failure_mu_);
  return sync_failure_;
}

Status LogWriter::PrewriteAhead() {
  synced_.store(false, std::memory_order_relaxed);
  const std::string zeros(kZeroStep, '\0');
  while (true) {
    {
      MutexLock lock(claim_mu_);
      const std::uint64_t begin = claimed_.load(std::memory_order_relaxed);
      if (begin >= std::min(capacity_, end_offset() + kPrewriteAhead)) return OkStatus();
      const std::uint64_t size = std::min(kZeroStep, capacity_ - begin);
      // FAILPOINT: wal_prewrite
      Status written = Step("wal_prewrite", [&] {
        return lanes_[0].file->WriteAt(begin, std::string_view(zeros).substr(0, size));
      });
      // After an error the rest of the file is left as it is, for the appends to try.
      claimed_.store(written.ok() ? begin + size : capacity_, std::memory_order_release);
      RETURN_IF_ERROR(std::move(written));
    }
    RETURN_IF_ERROR(SyncAnyLane());
  }
}

RetiredLog LogWriter::Retire() {
  MutexLock lock(claim_mu_);
  const std::uint64_t claimed = claimed_.exchange(capacity_, std::memory_order_acq_rel);
  const bool synced = ever_synced_.load(std::memory_order_relaxed);
  return {synced ? claimed : written_at_first_, synced};
}

}  // namespace beachdb
