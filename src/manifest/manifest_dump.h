// Shows a MANIFEST, damaged or not, without an engine and without CURRENT: the core of
// manifest_dump.
//
// The lines (format/dump_line.h), in the order of the file:
//   file      path, bytes
//   header    whose MANIFEST it is
//   record    index from 0, offset, type (snapshot, edit), payload_bytes, checksum
//     order   comparator, levels, records of the snapshot: of a snapshot
//     set     the numbers that it sets: log_number, next_file_number, last_seqno, durable_index
//     remove  level, table
//     add     level, table, bytes, entries, ..., smallest, largest, table_checksum
//   version   what the records up to `index` add up to: the numbers
//     level   level, tables, bytes: of each that has any
//     live    level, table, ...: as add
//   problem   damage: where, offset, what was expected and what was found
//   next      offset of the next valid record behind a problem, and how many bytes are lost
//   end       bytes behind the last record
//   total     records, problems
//
// The same bytes give the same lines. Thread safety: none. Memory: one record, and the version that
// the file adds up to, twice with `at`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "beachdb/result.h"
#include "format/dump_line.h"
#include "io/file_system.h"

namespace beachdb {

struct ManifestDumpOptions {
  // The version as it was after the record of this index. Later records are checked, not shown.
  std::optional<std::uint64_t> at;
};

// Returns how many lines tell of damage: a bad header, record or edit, and bytes behind the last
// record. An error: the file cannot be read; kInvalidArgument: it has no record `at`.
Result<std::uint64_t> DumpManifest(FileSystem& fs, const std::string& path,
                                   const ManifestDumpOptions& options, const DumpSink& out);

}  // namespace beachdb
