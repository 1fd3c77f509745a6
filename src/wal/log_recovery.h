// Replays the logs of a database after a crash or a clean close, and tells a torn tail from damage.
//
// Logs are read in number order, and seqnos must follow each other without a gap, within a log and
// from log to log. At the first hole (a bad record, or seqnos that are missing) the question is
// whether anything acknowledged stood there. Every record says which seqno was known to be on
// stable storage when it was written (wal/log_format.h). So, with S the first missing seqno:
//
//   - A later log whose first record begins at S: nothing is missing. Whatever stands between was
//     dropped by an earlier recovery, after which S was given out again. Reading goes on there.
//   - Any valid later record, in this log or a later one, that claims a durable seqno >= S is a
//     witness: S had been on stable storage. kCorruption, which names the hole and the witness.
//   - Neither: nothing behind the hole was ever promised. It is a torn tail, or the lost suffix of
//     buffered writes: the log is cut there, and everything behind it dropped and reported.
//
// docs/formats/wal.md says why this is right, and which one kind of damage it cannot see.
//
// Thread safety: none. One call, before anything is written.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/logger.h"
#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/file_system.h"
#include "wal/log_format.h"

namespace beachdb {

// Where the logs were cut.
struct TornTail {
  std::string file;  // name, not path
  std::uint64_t offset = 0;
  Seqno first_missing = 0;
  std::string reason;
  std::uint64_t dropped_records = 0;  // valid ones behind the cut, none of them ever promised
};

struct RecoveryReport {
  // The last seqno of all, at least that of the tables: the next write gets the one after.
  Seqno last_seqno = 0;
  std::uint64_t applied_index = 0;    // the highest of the batches applied; 0: none
  std::uint64_t records = 0;          // applied
  std::uint64_t skipped_records = 0;  // already in tables
  std::uint64_t bytes = 0;            // of records read
  std::optional<TornTail> torn;
  std::vector<std::string> never_used;  // files whose preparation a crash interrupted
};

using ApplyBatch =
    std::function<Status(Seqno first, std::uint64_t applied_index, std::string_view batch)>;

// Gives every batch above `last_seqno_in_tables` to `apply`, in order, each validated
// (ValidateBatch) and whole. `log_numbers_ascending`: every log that the MANIFEST does not call
// obsolete. kCorruption: damage, with file and offset. kNotSupported: a log of a newer version. An
// error of `apply` is returned as it is. Nothing is written.
//
// What was applied may be in the page cache alone, even in pages that the kernel calls clean,
// because an earlier process had a sync fail: it must be in tables before anything that follows it
// is acknowledged.
Result<RecoveryReport> RecoverLogs(FileSystem& fs, const std::string& directory,
                                   const DatabaseId& database,
                                   std::span<const std::uint64_t> log_numbers_ascending,
                                   Seqno last_seqno_in_tables, const Logger& logger,
                                   const ApplyBatch& apply);

}  // namespace beachdb
