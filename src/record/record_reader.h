// Reads the records of one file in order, in large chunks, and says at the first bad one where and
// why reading stopped. What the stop means (a torn tail, damage, the end) is for the caller to
// judge; FindNextValid tells whether anything valid stands behind it.
//
// Thread safety: none. Lifetime: the File must outlive the reader; a payload is a view that stays
// good until the next call.
// Limits: memory is one chunk (1 MiB), or one record if that is larger. Nothing is allocated beyond
// the bytes that the file really has, whatever a length field says.
// Errors: a Result is an error only when the file cannot be read; bad bytes are a RecordStop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/file_system.h"
#include "record/record_format.h"

namespace beachdb {

struct Record {
  std::uint64_t offset = 0;
  RecordType type = RecordType::kBatch;
  std::string_view payload;
};

// The first place where no record could be read.
struct RecordStop {
  RecordFault fault = RecordFault::kEndOfFile;
  std::uint64_t offset = 0;
  RecordHeader header;  // what stood there; all zero if there was no room for one
  // "db/000007.wal: offset 4096: record checksum mismatch: expected ..., found ..."
  std::string message;
};

class RecordReader {
 public:
  // Records begin at `start`. The size of the file is taken now; later growth is not seen.
  static Result<RecordReader> Open(File& file, const FileIdentity& identity, std::uint64_t start);

  // True: `record` is the next one. False: see stop(); calling again says the same.
  Result<bool> Next(Record& record);
  // Of the record that Next has just returned.
  const RecordHeader& header() const { return found_; }
  // REQUIRES: Next has returned false.
  const RecordStop& stop() const { return stop_; }

  // The offset where the next call of Next reads.
  std::uint64_t offset() const { return offset_; }
  std::uint64_t file_size() const { return file_size_; }
  void Seek(std::uint64_t offset) { offset_ = offset; }

  // The offset of the first valid record at or after `from`, looking at every multiple of
  // kRecordAlignment; nullopt: there is none. Moves the reader to it.
  // Almost every place is dismissed by its header. Checksums are computed over at most
  // kScanBudget + 8 bytes per byte searched: values may hold look-alikes of records, nested at
  // will. kCorruption: the budget is spent, so nobody knows what stands behind.
  Result<std::optional<std::uint64_t>> FindNextValid(std::uint64_t from);

  static constexpr std::size_t kChunkSize = 1u << 20;      // bytes
  static constexpr std::uint64_t kScanBudget = 64u << 20;  // bytes

 private:
  RecordReader(File& file, const FileIdentity& identity, std::uint64_t start,
               std::uint64_t file_size);

  // Makes [offset, offset + size) readable at the returned address. REQUIRES: within the file.
  Result<const char*> View(std::uint64_t offset, std::uint64_t size);
  // The fault of the record at `offset`, or nullopt and the record.
  Result<std::optional<RecordFault>> ReadAt(std::uint64_t offset, Record& record);
  std::string Describe(RecordFault fault, std::uint64_t offset) const;

  File* file_;
  FileIdentity identity_;
  std::uint32_t seed_;
  std::uint64_t offset_;
  std::uint64_t file_size_;
  RecordStop stop_;

  std::vector<char> buffer_;  // holds [buffer_offset_, buffer_offset_ + buffer_size_)
  std::uint64_t buffer_offset_ = 0;
  std::uint64_t buffer_size_ = 0;
  RecordHeader found_;  // the header last looked at, for messages
  std::uint32_t expected_checksum_ = 0;
};

}  // namespace beachdb
