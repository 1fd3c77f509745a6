// The bytes of a table's parts with their meaning, for people: sst_dump --hex.
// As specified in docs/formats/sstable.md and filter.md.
//
// Nothing is trusted: what does not read as the format says is shown as such, to the last byte.
// Memory: a compressed block is expanded once, if its checksum holds.
#pragma once

#include <cstdint>
#include <string_view>

#include "format/dump_line.h"
#include "sstable/table_format.h"

namespace beachdb {

// A block as it is stored at `offset`, with its trailer. `seed`: the file's IdentityChecksum. The
// contents of a compressed one follow expanded, counted from 0, behind a line "contents".
void LabelStoredBlock(const DumpSink& out, std::uint64_t offset, std::string_view stored,
                      BlockType type, std::uint32_t seed);

// The last kFooterSize bytes of a file, at `offset`.
void LabelFooter(const DumpSink& out, std::uint64_t offset, std::string_view footer,
                 std::uint32_t seed);

}  // namespace beachdb
