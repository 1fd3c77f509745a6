// The supply of log files: hands out the next one, prepares one ahead, recycles retired ones.
//
// A log is handed out only when its name is durable: file synced, then the directory. Numbers rise
// in the order of handing out, so that recovery may read logs by number; a prepared file whose
// number has been overtaken is put back to be recycled under a new one.
//
// Thread safety: all of it. A call may wait for another one's disk work.
// Limits: one prepared and at most kRetiredMax retired files besides those handed out.
// Errors: those of the file system; kNoSpace leaves nothing behind, and the call may be repeated.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/logger.h"
#include "base/mutex.h"
#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/clock.h"
#include "io/file_system.h"
#include "wal/log_writer.h"

namespace beachdb {

class LogFiles {
 public:
  // `new_number` gives a number above every one before, for files of any kind; called under this
  // object's lock. `capacity`: bytes of one file.
  LogFiles(FileSystem& fs, Clock& clock, const Logger& logger, std::string directory,
           const DatabaseId& database, std::uint64_t capacity,
           std::function<std::uint64_t()> new_number);

  // A log with room for at least `capacity_min` bytes (LogWriter::CapacityFor; 0: any), ready to be
  // appended to: the prepared one, else one made on the spot.
  Result<std::unique_ptr<LogWriter>> Next(std::uint64_t capacity_min = 0);

  // Makes the log that Next will hand out; nothing to do if it is there. For a background thread.
  Status Prepare();
  bool prepared() const;

  // Takes back a log: kept to be recycled, or removed if there are enough. The writer may live on
  // (a late Sync or PrewriteAhead does no harm), but must not append.
  // REQUIRES: everything in it is durable in tables, and the MANIFEST's log number is above it.
  void Retire(LogWriter& log);
  // The same for the log of an earlier run.
  void Retire(std::uint64_t number);

  // Removes every file that is not handed out. For Close.
  void RemoveSpares();

  // The numbers of the files that are kept here, for whoever removes what nobody needs.
  std::vector<std::uint64_t> Spares() const;

  static constexpr std::size_t kRetiredMax = 2;

 private:
  struct Retired {
    std::uint64_t number;
    RetiredLog log;
  };

  // With a durable name.
  Result<std::unique_ptr<LogWriter>> Make(std::uint64_t capacity) REQUIRES(mu_);
  Result<std::unique_ptr<LogWriter>> CreateOrRecycle(const FileIdentity& identity,
                                                     std::uint64_t capacity) REQUIRES(mu_);
  // Keeps it if it may be recycled and there is room; false: the caller removes the file.
  bool Keep(const Retired& retired, std::uint64_t file_size) EXCLUDES(mu_);
  void Remove(std::uint64_t number) const;
  std::string PathOf(std::uint64_t number) const;

  FileSystem& fs_;
  Clock& clock_;
  const Logger& logger_;
  const std::string directory_;
  const DatabaseId database_;
  const std::uint64_t capacity_;
  const std::function<std::uint64_t()> new_number_;

  mutable Mutex mu_;  // held while files are made: whoever wants one must wait for it anyway
  std::unique_ptr<LogWriter> prepared_ GUARDED_BY(mu_);
  std::vector<Retired> retired_ GUARDED_BY(mu_);
};

}  // namespace beachdb
