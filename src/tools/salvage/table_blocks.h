// Which data blocks of a table file can be read, and what of it is lost.
//
// The index says where blocks are. Without it (the end of the file is gone or damaged) they are
// found one behind the other: each ends in a trailer whose checksum covers it from its first byte
// on and is bound to its offset, so a wrong guess never passes. Behind a bad block the search goes
// on at every place that looks like the end of one.
//
// Memory: 16 bytes a block and one block; behind a bad one without an index up to 256 MiB, and a
// block above that size is not found then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/file_system.h"
#include "kv/internal_key.h"
#include "manifest/file_metadata.h"
#include "sstable/table_format.h"
#include "tools/salvage/report.h"

namespace beachdb::tools {

// A deletion of a range of keys, with bytes of its own.
struct SalvagedRange {
  std::string begin;  // inclusive
  std::string end;    // exclusive
  Seqno seqno = 0;
};

struct TableBlocks {
  std::string path;
  std::uint32_t seed = 0;  // IdentityChecksum
  Seqno base_seqno = 0;    // added to every seqno in it
  // Made outside of the database, and no MANIFEST says what its base is.
  bool baseless = false;
  std::vector<SalvagedRange> ranges;
  std::vector<BlockHandle> blocks;  // whole ones, in the order of the file and of the keys
  std::uint64_t entries = 0;        // in them
  std::vector<Loss> losses;
  std::optional<std::uint64_t> lost_entries;  // in all of them; nothing: not known
};

// A data block, read, checked and expanded. `buffer` gets it and holds it.
Result<std::string_view> ReadDataBlock(File& file, std::uint32_t seed, const BlockHandle& handle,
                                       std::string& buffer);

// Table `number` of `database`. `recorded`: what the MANIFEST says; nullptr: nothing. What cannot
// be read, whether the bytes are bad or the device does not give them, is a loss.
TableBlocks FindBlocks(FileSystem& fs, const std::string& directory, const DatabaseId& database,
                       std::uint64_t number, const FileMetadata* recorded);

}  // namespace beachdb::tools
