#include "wal/log_recovery.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "base/check.h"
#include "base/rare_branch.h"
#include "base/try.h"
#include "format/file_names.h"
#include "kv/batch_format.h"
#include "wal/log_reader.h"

namespace beachdb {
namespace {

// Where a log ends, or where the sequence of batches cannot be continued.
struct Place {
  std::string file;
  std::uint64_t offset = 0;
  std::string reason;
  bool clean = true;  // as an undamaged log ends
};

// Whether this is what the first record's place in a log that was never used looks like: zeros, or
// a log of a smaller number, which is now being recycled.
bool MayBeUnused(const RecordStop& stop, std::uint64_t number) {
  if (stop.fault != RecordFault::kStale) return IsCleanEnd(stop.fault);
  RARE_BRANCH("log_recycled_before_its_first_record");
  const RecordHeader& header = stop.header;
  return header.number < number && header.zero == 0 && header.length <= kMaxRecordPayload &&
         header.type == static_cast<std::uint8_t>(RecordType::kBatch);
}

class Recovery {
 public:
  Recovery(FileSystem& fs, const std::string& directory, const DatabaseId& database,
           Seqno last_seqno_in_tables, const Logger& logger, const ApplyBatch& apply)
      : fs_(fs),
        directory_(directory),
        database_(database),
        in_tables_(last_seqno_in_tables),
        logger_(logger),
        apply_(apply),
        next_(last_seqno_in_tables + 1) {}

  Status ReadLog(std::uint64_t number);
  // After the last log.
  RecoveryReport Finish();

 private:
  // False: the file was never used. An error: it was, and cannot be read.
  Result<bool> IsUsable(LogReader& log, std::uint64_t number);
  enum class FirstRecord : std::uint8_t { kAnyGarbage, kEmptyOrStale };
  Result<bool> IsUnused(LogReader& log, std::uint64_t number, FirstRecord may_be,
                        const std::string& why);
  Status CheckNotMisnamed(const FileIdentity& found, std::uint64_t number);

  Status TakeFirst(const LogRecord& record, std::uint64_t number);
  Status TakeNext(const LogRecord& record, std::uint64_t number);
  Status TakeBehindHole(const LogRecord& record, std::uint64_t number);
  Status Replay(const LogRecord& record, std::uint64_t number);
  std::string NothingBefore() const;
  void EndLog(const RecordStop& stop, std::uint64_t number, std::uint64_t records);

  // Whether a log may go on with `first` although the one before ended at next_: nothing between is
  // missing, or tables have it.
  bool Continues(Seqno first) const {
    if (first == next_) return true;
    return first <= in_tables_ + 1 && (first > next_ || !positioned_);
  }

  FileSystem& fs_;
  const std::string& directory_;
  const DatabaseId& database_;
  const Seqno in_tables_;
  const Logger& logger_;
  const ApplyBatch& apply_;

  RecoveryReport report_;
  Seqno next_;                 // what the next record must begin with
  bool positioned_ = false;    // next_ comes from a record; before, logs may begin inside tables
  std::optional<Place> end_;   // of the last log that said anything
  std::optional<Place> hole_;  // next_ is missing there, and records follow
  std::uint64_t dropped_ = 0;  // valid records behind the hole
};

Status Recovery::ReadLog(std::uint64_t number) {
  const std::string path = JoinPath(directory_, LogName(number));
  ASSIGN_OR_RETURN(auto log, LogReader::Open(fs_, path, {database_, number}));
  ASSIGN_OR_RETURN(const bool usable, IsUsable(*log, number));
  if (!usable) return OkStatus();

  std::uint64_t records = 0;
  LogRecord record;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, log->Next(record));
    if (found) {
      RETURN_IF_ERROR(records == 0 ? TakeFirst(record, number) : TakeNext(record, number));
      ++records;
      continue;
    }
    const RecordStop stop = log->stop();
    ASSIGN_OR_RETURN(const bool more, log->SeekValid(stop.offset + kRecordAlignment));
    if (!more) {
      EndLog(stop, number, records);
      return OkStatus();
    }
    if (!hole_.has_value()) hole_ = Place{LogName(number), stop.offset, stop.message, false};
    ++records;  // what follows is not the log's first record, whatever stood here
  }
}

Result<bool> Recovery::IsUsable(LogReader& log, std::uint64_t number) {
  const Result<FileHeader>& header = log.header();
  if (!header.ok()) {
    if (header.error().code() != Code::kCorruption) return header.error();
    const auto may_be =
        log.header_is_zeros() ? FirstRecord::kAnyGarbage : FirstRecord::kEmptyOrStale;
    return IsUnused(log, number, may_be, header.error().message());
  }
  const FileIdentity& found = header->identity;
  if (found.database != database_) {
    return Error(
        Code::kCorruption,
        fmt::format("{}: the log of another database: expected {}, found {}; move it away",
                    log.path(), FormatDatabaseId(database_), FormatDatabaseId(found.database)));
  }
  if (found.number == number) return true;
  RETURN_IF_ERROR(CheckNotMisnamed(found, number));
  return IsUnused(log, number, FirstRecord::kAnyGarbage,
                  fmt::format("{}: its header names file {}", log.path(), found.number));
}

// A crash while a file was made or recycled leaves zeros or the records of a former life, and no
// record of its own. Anything else was a log once. But with a header that was not yet written, or
// is still the former life's, the records may be torn: no sync had covered those either.
Result<bool> Recovery::IsUnused(LogReader& log, std::uint64_t number, FirstRecord may_be,
                                const std::string& why) {
  ASSIGN_OR_RETURN(const bool found, log.SeekValid(kLogDataStart));
  if (found) {
    return Error(Code::kCorruption, fmt::format("{}; but the file holds a valid record at offset "
                                                "{}: its header is damaged",
                                                why, log.offset()));
  }
  log.Seek(kLogDataStart);
  LogRecord record;
  ASSIGN_OR_RETURN(const bool any, log.Next(record));
  const bool garbage = may_be == FirstRecord::kAnyGarbage;
  if (any || (!garbage && !MayBeUnused(log.stop(), number))) {
    return Error(Code::kCorruption, fmt::format("{}; and what follows is neither empty nor the "
                                                "former life of a recycled log: {}",
                                                why, log.stop().message));
  }
  logger_.Warning(fmt::format("{}; no record in it: never used, ignored", why));
  RARE_BRANCH("log_never_used");
  report_.never_used.push_back(LogName(number));
  return false;
}

// A file that was being recycled and has its new name already holds a log that is in tables. One
// that has its new header, but lost its new name to a crash, holds no record of that log: nobody
// may append before the name is durable. Anything else has been given a wrong name.
Status Recovery::CheckNotMisnamed(const FileIdentity& found, std::uint64_t number) {
  const std::string path = JoinPath(directory_, LogName(number));
  ASSIGN_OR_RETURN(auto log, LogReader::Open(fs_, path, found));
  bool misnamed = false;
  if (found.number < number) {
    LogRecord record;
    ASSIGN_OR_RETURN(const bool any, log->Next(record));
    misnamed = any && record.first_seqno == next_;  // it goes on where the logs before it end
  } else {
    ASSIGN_OR_RETURN(misnamed, log->SeekValid(kLogDataStart));
    if (!misnamed) RARE_BRANCH("log_recycled_name_lost");
  }
  if (!misnamed) return OkStatus();
  return Error(Code::kCorruption,
               fmt::format("{}: its header names file {}: the file was renamed; name it {} again",
                           path, found.number, LogName(found.number)));
}

Status Recovery::TakeFirst(const LogRecord& record, std::uint64_t number) {
  if (Continues(record.first_seqno)) {
    if (hole_.has_value()) {
      RARE_BRANCH("log_hole_of_earlier_recovery");
      logger_.Info(
          fmt::format("{}: {} records behind offset {} were dropped by an earlier recovery",
                      hole_->file, dropped_, hole_->offset));
      hole_.reset();
      dropped_ = 0;
    }
    return Replay(record, number);
  }
  if (!hole_.has_value() && record.first_seqno > next_) {
    // The logs before it end too early: what is missing stood there, or in a log that is gone.
    hole_ = end_.has_value() ? *end_ : Place{LogName(number), record.offset, NothingBefore()};
    hole_->reason = fmt::format("{}; {} begins with seqno {}", hole_->reason, LogName(number),
                                record.first_seqno);
  }
  return TakeNext(record, number);
}

// A log that was emptied looks like one that was never used.
std::string Recovery::NothingBefore() const {
  std::string why = "no log before it";
  for (const std::string& name : report_.never_used) {
    why += (&name == &report_.never_used.front() ? " but " : ", ") + name;
  }
  return report_.never_used.empty() ? why : why + ", in which there is no record";
}

Status Recovery::TakeNext(const LogRecord& record, std::uint64_t number) {
  if (hole_.has_value()) return TakeBehindHole(record, number);
  if (record.first_seqno == next_) return Replay(record, number);
  // Both neighbours are sound, so no crash explains it.
  return Error(Code::kCorruption,
               fmt::format("{}: offset {}: first seqno: expected {}, found {}", LogName(number),
                           record.offset, next_, record.first_seqno));
}

Status Recovery::TakeBehindHole(const LogRecord& record, std::uint64_t number) {
  if (!positioned_) {
    // The hole is the first thing read, among records that are in tables: all that is known of its
    // seqnos is that they end before this one.
    next_ = std::min(next_, std::max<Seqno>(record.first_seqno, 2) - 1);
    positioned_ = true;
  }
  if (record.durable_seqno < next_) {
    RARE_BRANCH("log_record_behind_hole");
    ++dropped_;
    return OkStatus();
  }
  return Error(
      Code::kCorruption,
      fmt::format("{}: offset {}: acknowledged writes are damaged: seqno {} is missing ({}), "
                  "but it was on stable storage: the record at offset {} of {} says that "
                  "everything up to seqno {} was; restore from a backup, or salvage",
                  hole_->file, hole_->offset, next_, hole_->reason, record.offset, LogName(number),
                  record.durable_seqno));
}

Status Recovery::Replay(const LogRecord& record, std::uint64_t number) {
  Status valid = ValidateBatch(record.batch);
  if (!valid.ok()) {
    return valid.error().WithContext(
        fmt::format("{}: offset {}: ", LogName(number), record.offset));
  }
  next_ = record.next_seqno();
  positioned_ = true;
  report_.bytes += RecordSize(kLogEntryHeaderSize + record.batch.size());
  const Seqno last = record.count == 0 ? record.first_seqno : next_ - 1;
  if (last <= in_tables_) {
    RARE_BRANCH("log_record_in_tables");
    ++report_.skipped_records;
    return OkStatus();
  }
  ++report_.records;
  report_.applied_index = std::max(report_.applied_index, record.applied_index);
  return apply_(record.first_seqno, record.applied_index, record.batch);
}

void Recovery::EndLog(const RecordStop& stop, std::uint64_t number, std::uint64_t records) {
  const bool clean = IsCleanEnd(stop.fault);
  // An empty log says nothing new, unless its first record is a bad one.
  const bool silent = records == 0 && end_.has_value() && (clean || !end_->clean);
  if (!hole_.has_value() && !silent) {
    end_ = Place{LogName(number), stop.offset, stop.message, clean};
  }
}

RecoveryReport Recovery::Finish() {
  report_.last_seqno = std::max(in_tables_, next_ - 1);
  if (!hole_.has_value() && end_.has_value() && !end_->clean) hole_ = end_;
  if (hole_.has_value()) {
    RARE_BRANCH("log_tail_cut");
    report_.torn = TornTail{hole_->file, hole_->offset, next_, hole_->reason, dropped_};
    logger_.Warning(fmt::format(
        "{}: cut at offset {}, before seqno {}, where nothing was acknowledged as durable; {} "
        "later records dropped: {}",
        hole_->file, hole_->offset, next_, dropped_, hole_->reason));
  }
  return std::move(report_);
}

}  // namespace

Result<RecoveryReport> RecoverLogs(FileSystem& fs, const std::string& directory,
                                   const DatabaseId& database,
                                   std::span<const std::uint64_t> log_numbers_ascending,
                                   Seqno last_seqno_in_tables, const Logger& logger,
                                   const ApplyBatch& apply) {
  CHECK(std::is_sorted(log_numbers_ascending.begin(), log_numbers_ascending.end()));
  Recovery recovery(fs, directory, database, last_seqno_in_tables, logger, apply);
  for (const std::uint64_t number : log_numbers_ascending) {
    RETURN_IF_ERROR(recovery.ReadLog(number));
  }
  return recovery.Finish();
}

}  // namespace beachdb
