// A log file (000008.wal): a header, then records that each hold one batch.
// Specified in docs/formats/wal.md, with the rule that tells a torn tail from damage.
//
//   offset  size  field
//        0    64  file header          format/file_header.h, magic BEACHWAL
//       64  4032  zero
//     4096     n  records              record/record_format.h, type kBatch, back to back
//        -     -  unused               zeros, or records of the file's former life
//
// The payload of a record:
//
//   offset  size  field
//        0     8  first seqno          of the batch's first operation; the others follow densely
//        8     8  durable seqno        every seqno up to and including it was known to be on stable
//                                      storage when this record was written; below first seqno
//       16     8  applied index        position in an outside log; 0: none
//       24     n  batch                kv/batch_format.h
//
// The header has a block of its own, so that no write of a record ever touches it again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "beachdb/result.h"
#include "format/file_header.h"
#include "kv/internal_key.h"

namespace beachdb {

inline constexpr std::uint64_t kLogDataStart = 4096;
inline constexpr std::size_t kLogEntryHeaderSize = 24;

// One batch in a log.
struct LogRecord {
  std::uint64_t offset = 0;  // of the record in its file
  Seqno first_seqno = 0;
  Seqno durable_seqno = 0;
  std::uint64_t applied_index = 0;
  std::uint32_t count = 0;  // operations; an empty batch carries just its applied index
  std::string_view batch;

  // The seqno after the last of this batch.
  Seqno next_seqno() const { return first_seqno + count; }
};

// Writes the 24 bytes before a batch.
void StoreLogEntryHeader(char* out, Seqno first_seqno, Seqno durable_seqno,
                         std::uint64_t applied_index);

// Takes the payload of a record apart and checks what does not need the operations: sizes, that
// the claim lies below the batch, that the seqnos exist. kCorruption says which is wrong. (The
// checksum was right, so this is no torn write: a bug, or bytes made by somebody else.)
Result<LogRecord> ParseLogRecord(std::uint64_t offset, std::string_view payload);

// The header out of the first kLogDataStart bytes of a log, as DecodeFileHeader, and what is behind
// it must be zeros.
Result<FileHeader> DecodeLogHeader(std::string_view block);

}  // namespace beachdb
