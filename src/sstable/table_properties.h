// What a table says of itself: enough to explain why it exists. Stored in its properties block;
// specified in docs/formats/sstable.md.
//
//   offset    size  field
//        0  varint  tag               ascending; each at most once; an unknown one is skipped
//      ...  varint  size              bytes of the value
//      ...    size  value             a number: a varint that fills it; a key: its bytes; the
//                                     job's inputs: varints back to back
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/options.h"
#include "beachdb/result.h"
#include "kv/internal_key.h"

namespace beachdb {

enum class TableOrigin : std::uint8_t { kFlush = 1, kCompaction = 2, kIngest = 3 };

// The work that wrote the table.
struct TableJob {
  TableOrigin origin = TableOrigin::kFlush;
  std::uint64_t id = 0;  // numbers the jobs of one opening
  int output_level = 0;
  std::vector<std::uint64_t> inputs;  // compaction: table numbers; flush: log numbers
};

struct TableProperties {
  std::uint64_t entries = 0;
  std::uint64_t tombstones = 0;
  std::uint64_t range_tombstones = 0;
  std::uint64_t distinct_keys = 0;
  std::uint64_t raw_key_bytes = 0;
  std::uint64_t raw_value_bytes = 0;
  std::uint64_t data_blocks = 0;
  std::uint64_t data_bytes = 0;  // stored
  std::uint64_t index_bytes = 0;
  std::uint64_t filter_bytes = 0;
  // User keys: of the entries, and of what range tombstones cover. The largest is at or behind both
  // (of a range it is the end, which is not in it).
  std::string smallest_key;
  std::string largest_key;
  Seqno smallest_seqno = 0;
  Seqno largest_seqno = 0;
  int filter_bits_per_key = 0;
  Compression compression = Compression::kNone;
  std::uint64_t block_size = 0;
  TableJob job;
};

// "flush", "compaction", "ingest".
std::string_view TableOriginName(TableOrigin origin);

// "entries": what a tag of the properties block stands for; "unknown".
std::string_view TablePropertyName(std::uint32_t tag);

std::string EncodeTableProperties(const TableProperties& properties);
// kCorruption names the tag; kNotSupported: an unknown origin or compression.
Result<TableProperties> DecodeTableProperties(std::string_view contents);

// What the manifest records of a finished table.
struct TableSummary {
  TableProperties properties;
  std::uint64_t file_size = 0;
  std::uint32_t file_checksum = 0;  // CRC-32C of the whole file
};

}  // namespace beachdb
