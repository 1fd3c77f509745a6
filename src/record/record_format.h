// A record: the frame around every entry of a log and of a MANIFEST.
// Specified in docs/formats/record.md; that table is checked by record_doc_test.cc.
//
//   offset  size  field
//        0     4  checksum   BoundChecksum (format/file_header.h) of bytes 4 to 16 + length,
//                            bound to database, file number and the record's offset in the file
//        4     4  length     of the payload in bytes, at most kMaxRecordPayload
//        8     1  type       RecordType, never 0
//        9     3  zero
//       12     4  number     low 32 bits of the file number
//       16     n  payload
//     16+n   0-7  zero       padding: records begin at multiples of 8
//
// The checksum covers the length, so that a flipped length is a bad record, never a guess. It is
// bound to identity and offset, so that neither a record of a recycled file's former life nor one
// that a misdirected write put here ever passes. The padding needs no checksum: it shares its 8
// bytes with the end of the payload, so no torn write separates the two, and it must be zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "beachdb/options.h"
#include "format/file_header.h"

namespace beachdb {

inline constexpr std::size_t kRecordHeaderSize = 16;
inline constexpr std::size_t kRecordAlignment = 8;
// Bytes: the largest batch and what a log puts before it.
inline constexpr std::size_t kMaxRecordPayload = kMaxBatchSize + 4096;

enum class RecordType : std::uint8_t {
  kBatch = 1,             // a log: wal/log_format.h
  kManifestSnapshot = 2,  // a MANIFEST: everything so far
  kManifestEdit = 3,      // a MANIFEST: one change
};
inline constexpr std::uint8_t kMaxRecordType = 3;

// Bytes that a record takes in its file, padding included.
inline constexpr std::uint64_t RecordSize(std::uint64_t payload_bytes) {
  return (kRecordHeaderSize + payload_bytes + kRecordAlignment - 1) &
         ~static_cast<std::uint64_t>(kRecordAlignment - 1);
}

struct RecordHeader {
  std::uint32_t checksum = 0;
  std::uint32_t length = 0;
  std::uint8_t type = 0;
  std::uint32_t zero = 0;  // the three bytes at 9
  std::uint32_t number = 0;
};
// REQUIRES: kRecordHeaderSize bytes at p.
RecordHeader LoadRecordHeader(const char* p);

// Why no record can be read at an offset. The first three are how a healthy file ends; anything may
// still stand behind each of them (RecordReader::FindNextValid).
enum class RecordFault : std::uint8_t {
  kEndOfFile,    // fewer bytes left than a header, all zero (or none)
  kZeros,        // a header of zeros: never written
  kStale,        // numbered for another file: a recycled file's former life
  kCutShort,     // the file ends inside the record
  kBadLength,    // beyond kMaxRecordPayload
  kBadType,      // no RecordType
  kBadReserved,  // the three zero bytes are not zero
  kBadChecksum,
  kBadPadding,
};
// "checksum mismatch": the fault in words.
std::string_view RecordFaultName(RecordFault fault);

// Whether the fault is how an undamaged file ends: unused space behind the last record.
inline bool IsCleanEnd(RecordFault fault) { return fault <= RecordFault::kStale; }

// What the header alone gives away; nullopt: only the checksum can tell. `bytes_left` counts from
// the record's offset to the end of the file and is at least kRecordHeaderSize.
std::optional<RecordFault> CheckRecordHeader(const RecordHeader& header, std::uint32_t file_number,
                                             std::uint64_t bytes_left);

}  // namespace beachdb
