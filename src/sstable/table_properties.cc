#include "sstable/table_properties.h"

#include <iterator>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/try.h"

namespace beachdb {
namespace {

// Stored: never reuse a number.
enum class Tag : std::uint32_t {
  kEntries = 1,
  kTombstones = 2,
  kRangeTombstones = 3,
  kDistinctKeys = 4,
  kRawKeyBytes = 5,
  kRawValueBytes = 6,
  kDataBlocks = 7,
  kDataBytes = 8,
  kIndexBytes = 9,
  kFilterBytes = 10,
  kSmallestKey = 11,
  kLargestKey = 12,
  kSmallestSeqno = 13,
  kLargestSeqno = 14,
  kFilterBitsPerKey = 15,
  kCompression = 16,
  kBlockSize = 17,
  kJobOrigin = 18,
  kJobId = 19,
  kJobOutputLevel = 20,
  kJobInputs = 21,
};
constexpr auto kLastTag = static_cast<std::uint32_t>(Tag::kJobInputs);
constexpr std::uint64_t kMaxSmallNumber = 1u << 20;  // bits a key, level

Error Bad(std::uint32_t tag, const std::string& message) {
  return Error(Code::kCorruption, fmt::format("properties block: tag {} {}", tag, message));
}

void PutTag(std::string& out, Tag tag, std::string_view value) {
  PutVarint32(out, static_cast<std::uint32_t>(tag));
  PutLengthPrefixed(out, value);
}

void PutNumber(std::string& out, Tag tag, std::uint64_t value) {
  char buffer[10];
  const char* end = StoreVarint64(buffer, value);
  PutTag(out, tag, {buffer, static_cast<std::size_t>(end - buffer)});
}

// Where a plain number goes, or nullptr for a tag of another type.
std::uint64_t* NumberOf(TableProperties& p, Tag tag) {
  switch (tag) {
    case Tag::kEntries:
      return &p.entries;
    case Tag::kTombstones:
      return &p.tombstones;
    case Tag::kRangeTombstones:
      return &p.range_tombstones;
    case Tag::kDistinctKeys:
      return &p.distinct_keys;
    case Tag::kRawKeyBytes:
      return &p.raw_key_bytes;
    case Tag::kRawValueBytes:
      return &p.raw_value_bytes;
    case Tag::kDataBlocks:
      return &p.data_blocks;
    case Tag::kDataBytes:
      return &p.data_bytes;
    case Tag::kIndexBytes:
      return &p.index_bytes;
    case Tag::kFilterBytes:
      return &p.filter_bytes;
    case Tag::kSmallestSeqno:
      return &p.smallest_seqno;
    case Tag::kLargestSeqno:
      return &p.largest_seqno;
    case Tag::kBlockSize:
      return &p.block_size;
    case Tag::kJobId:
      return &p.job.id;
    default:
      return nullptr;
  }
}

Status SetSmallNumber(TableProperties& p, Tag tag, std::uint64_t value) {
  const auto number = static_cast<std::uint32_t>(tag);
  if (value > kMaxSmallNumber) return Bad(number, fmt::format("has the value {}", value));
  switch (tag) {
    case Tag::kFilterBitsPerKey:
      p.filter_bits_per_key = static_cast<int>(value);
      return OkStatus();
    case Tag::kJobOutputLevel:
      p.job.output_level = static_cast<int>(value);
      return OkStatus();
    case Tag::kCompression:
      p.compression = static_cast<Compression>(value);
      if (value <= static_cast<std::uint64_t>(Compression::kZstd)) return OkStatus();
      break;
    default:  // kJobOrigin
      p.job.origin = static_cast<TableOrigin>(value);
      if (value >= static_cast<std::uint64_t>(TableOrigin::kFlush) &&
          value <= static_cast<std::uint64_t>(TableOrigin::kIngest)) {
        return OkStatus();
      }
  }
  return Error(Code::kNotSupported,
               fmt::format("properties block: tag {} has the unknown value {}", number, value));
}

Status SetProperty(TableProperties& p, Tag tag, std::string_view value) {
  const auto number = static_cast<std::uint32_t>(tag);
  if (tag == Tag::kSmallestKey || tag == Tag::kLargestKey) {
    if (value.size() > kMaxKeySize) return Bad(number, "is longer than a key can be");
    (tag == Tag::kSmallestKey ? p.smallest_key : p.largest_key) = value;
    return OkStatus();
  }
  if (tag == Tag::kJobInputs) {
    while (!value.empty()) {
      std::uint64_t input = 0;
      if (!GetVarint64(value, input)) return Bad(number, "is malformed");
      p.job.inputs.push_back(input);
    }
    return OkStatus();
  }
  std::uint64_t parsed = 0;
  if (!GetVarint64(value, parsed) || !value.empty()) return Bad(number, "is malformed");
  if (std::uint64_t* place = NumberOf(p, tag)) {
    *place = parsed;
    return OkStatus();
  }
  return SetSmallNumber(p, tag, parsed);
}

}  // namespace

std::string_view TableOriginName(TableOrigin origin) {
  switch (origin) {
    case TableOrigin::kFlush:
      return "flush";
    case TableOrigin::kCompaction:
      return "compaction";
    case TableOrigin::kIngest:
      return "ingest";
  }
  return "unknown";
}

std::string_view TablePropertyName(std::uint32_t tag) {
  constexpr std::string_view kNames[] = {
      "unknown",          "entries",        "tombstones",      "range tombstones",
      "distinct keys",    "raw key bytes",  "raw value bytes", "data blocks",
      "data bytes",       "index bytes",    "filter bytes",    "smallest key",
      "largest key",      "smallest seqno", "largest seqno",   "filter bits per key",
      "compression",      "block size",     "job origin",      "job id",
      "job output level", "job inputs"};
  static_assert(std::size(kNames) == kLastTag + 1);
  return kNames[tag <= kLastTag ? tag : 0];
}

std::string EncodeTableProperties(const TableProperties& properties) {
  TableProperties p = properties;
  std::string out;
  for (std::uint32_t t = 1; t <= kLastTag; ++t) {
    const auto tag = static_cast<Tag>(t);
    if (const std::uint64_t* number = NumberOf(p, tag)) {
      PutNumber(out, tag, *number);
      continue;
    }
    switch (tag) {
      case Tag::kSmallestKey:
        PutTag(out, tag, p.smallest_key);
        break;
      case Tag::kLargestKey:
        PutTag(out, tag, p.largest_key);
        break;
      case Tag::kFilterBitsPerKey:
        PutNumber(out, tag, static_cast<std::uint64_t>(p.filter_bits_per_key));
        break;
      case Tag::kCompression:
        PutNumber(out, tag, static_cast<std::uint64_t>(p.compression));
        break;
      case Tag::kJobOrigin:
        PutNumber(out, tag, static_cast<std::uint64_t>(p.job.origin));
        break;
      case Tag::kJobOutputLevel:
        PutNumber(out, tag, static_cast<std::uint64_t>(p.job.output_level));
        break;
      default: {  // kJobInputs
        std::string inputs;
        for (const std::uint64_t input : p.job.inputs) PutVarint64(inputs, input);
        PutTag(out, tag, inputs);
      }
    }
  }
  return out;
}

Result<TableProperties> DecodeTableProperties(std::string_view contents) {
  TableProperties properties;
  std::uint32_t previous = 0;
  while (!contents.empty()) {
    std::uint32_t tag = 0;
    std::string_view value;
    if (!GetVarint32(contents, tag) || !GetLengthPrefixed(contents, value)) {
      return Bad(previous, "is followed by a malformed one");
    }
    if (tag <= previous) return Bad(tag, fmt::format("stands behind tag {}", previous));
    previous = tag;
    if (tag <= kLastTag) RETURN_IF_ERROR(SetProperty(properties, static_cast<Tag>(tag), value));
  }
  return properties;
}

}  // namespace beachdb
