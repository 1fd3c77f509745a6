// Reads one log file: the header, then batch after batch. Knows nothing of other logs, so it does
// not judge what a stop means; wal/log_recovery.h does.
//
// Thread safety: none. Lifetime: batches are views that stay good until the next call.
// Limits: memory as RecordReader.
// Errors: damage of a record is a stop, not an error; an error is a file that cannot be read, or a
// record whose checksum is right but whose contents are impossible (kCorruption).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/file_system.h"
#include "record/record_reader.h"
#include "wal/log_format.h"

namespace beachdb {

class LogReader {
 public:
  // Opens the file and reads its header, whatever that says: see header(). Records are expected to
  // be those of `identity`.
  static Result<std::unique_ptr<LogReader>> Open(FileSystem& fs, const std::string& path,
                                                 const FileIdentity& identity);

  // The header as it stands in the file, or what is wrong with it.
  const Result<FileHeader>& header() const { return header_; }
  // Its block was never written.
  bool header_is_zeros() const { return header_is_zeros_; }

  // True: `record` is the next one. False: see stop().
  Result<bool> Next(LogRecord& record);
  const RecordStop& stop() const { return records_.stop(); }
  // Moves to the first valid record at or after `from`; false: there is none.
  Result<bool> SeekValid(std::uint64_t from);

  // Where the next record is read.
  std::uint64_t offset() const { return records_.offset(); }
  void Seek(std::uint64_t offset) { records_.Seek(offset); }

  const std::string& path() const { return file_->path(); }

 private:
  LogReader(std::unique_ptr<File> file, Result<FileHeader> header, bool header_is_zeros,
            RecordReader records)
      : file_(std::move(file)),
        header_(std::move(header)),
        header_is_zeros_(header_is_zeros),
        records_(std::move(records)) {}

  std::unique_ptr<File> file_;
  Result<FileHeader> header_;
  bool header_is_zeros_;
  RecordReader records_;
};

}  // namespace beachdb
