// Shows a table file, damaged or not, without an engine and without its database: the core of
// sst_dump.
//
// Everything that can be read is shown. What cannot is named with offset, expected and found, and
// the dump goes on behind it: behind a bad block with the next one that the index names; without a
// usable footer or index by looking for the blocks themselves, whose checksums tell where they end.
//
// The lines (format/dump_line.h), in this order:
//   file      path, bytes
//   header    whose table it is
//   footer    offset, and where filter, index and properties lie
//   property  one named value a line
//   filter    kind, probes, lines, bits, bits_set; with `filter_lines` a line "bits" for each line
//   separator block, offset, stored_bytes, key, and seqno where a key goes on from block to block
//   block     index from 0, offset, stored_bytes, raw_bytes, compression, checksum, entries, prefix
//     put, delete   block, seqno, key, value
//   hex       the bytes of one part with their meaning
//   problem   damage: where, offset, what was expected and what was found
//   search    blocks are looked for by their checksums from `offset` on
//   total     blocks, entries, problems
// Of these the options choose; file, header, footer, problems and total are always there, and
// everything is read and checked whatever is shown.
//
// Thread safety: none. Memory: the index block and the largest other block of the file, stored and
// expanded; each of them at most 1 GiB + 1 MiB, whatever the file says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "format/dump_line.h"
#include "format/file_header.h"
#include "io/file_system.h"

namespace beachdb {

// A part of a table whose bytes are shown.
struct TablePart {
  enum class Kind : std::uint8_t { kHeader, kData, kFilter, kIndex, kRanges, kProperties, kFooter };
  Kind kind = Kind::kData;
  std::uint32_t block = 0;  // kData: which, from 0

  friend bool operator==(const TablePart&, const TablePart&) = default;
};
// "12": data block 12; else "header", "filter", "index", "ranges", "properties" or "footer".
Result<TablePart> ParseTablePart(std::string_view text);

struct TableDumpOptions {
  bool properties = true;
  bool filter = true;
  bool filter_lines = false;
  bool blocks = true;
  bool index = false;
  bool entries = false;
  std::optional<TablePart> hex;
  // Whose file it should be; without it the file's own header is believed.
  std::optional<FileIdentity> identity;
};

// Returns how many lines tell of damage. An error: the file cannot be read; kInvalidArgument: it is
// whole, and has no part `hex`.
Result<std::uint64_t> DumpTable(File& file, const TableDumpOptions& options, const DumpSink& out);

}  // namespace beachdb
