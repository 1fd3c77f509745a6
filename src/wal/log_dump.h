// Shows a log file, damaged or not, without an engine and without its database: the core of
// wal_dump.
//
// The lines (format/dump_line.h), in the order of the file:
//   file      path, bytes
//   header    whose log it is
//   record    index among the readable from 0, offset, payload_bytes, log, checksum, first_seqno,
//             last_seqno (if it has operations), operations, durable_seqno, applied_index
//     put, delete   seqno, key, value: with `operations`
//   hex       every byte with its meaning: with `hex`
//   problem   damage: where, offset, what was expected and what was found
//   next      offset of the next valid record behind a problem, and how many bytes are lost
//   end       offset, unused_bytes, and what they are: zeros, or the file's former life
//   total     records, operations, problems
//
// Where no record can be read it says why, and goes on with the next valid one, if there is any. A
// header that is damaged is not trusted, but its identity is tried.
//
// Thread safety: none. Memory: the largest record.
#pragma once

#include <cstdint>
#include <string>

#include "beachdb/result.h"
#include "format/dump_line.h"
#include "io/file_system.h"

namespace beachdb {

struct LogDumpOptions {
  bool operations = false;  // one line per operation
  bool hex = false;         // the bytes of header and records
};

// Returns how many lines tell of damage. A bad record with nothing valid behind it counts too: the
// file alone does not tell a torn tail from damage. An error: the file cannot be read.
Result<std::uint64_t> DumpLog(FileSystem& fs, const std::string& path,
                              const LogDumpOptions& options, const DumpSink& out);

}  // namespace beachdb
