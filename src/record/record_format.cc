#include "record/record_format.h"

#include <cstring>

#include "base/coding.h"

namespace beachdb {

RecordHeader LoadRecordHeader(const char* p) {
  RecordHeader header;
  header.checksum = LoadFixed32(p);
  header.length = LoadFixed32(p + 4);
  const std::uint32_t type_and_zero = LoadFixed32(p + 8);
  header.type = static_cast<std::uint8_t>(type_and_zero);
  header.zero = type_and_zero >> 8;
  header.number = LoadFixed32(p + 12);
  return header;
}

std::string_view RecordFaultName(RecordFault fault) {
  switch (fault) {
    case RecordFault::kEndOfFile:
      return "end of file";
    case RecordFault::kZeros:
      return "never written (zeros)";
    case RecordFault::kStale:
      return "numbered for another file";
    case RecordFault::kCutShort:
      return "record is cut short by the end of the file";
    case RecordFault::kBadLength:
      return "record length is impossible";
    case RecordFault::kBadType:
      return "record type is unknown";
    case RecordFault::kBadReserved:
      return "reserved bytes are not zero";
    case RecordFault::kBadChecksum:
      return "record checksum mismatch";
    case RecordFault::kBadPadding:
      return "padding is not zero";
  }
  return "unknown fault";
}

std::optional<RecordFault> CheckRecordHeader(const RecordHeader& header, std::uint32_t file_number,
                                             std::uint64_t bytes_left) {
  if ((header.checksum | header.length | header.type | header.zero | header.number) == 0) {
    return RecordFault::kZeros;
  }
  if (header.number != file_number) return RecordFault::kStale;
  if (header.type == 0 || header.type > kMaxRecordType) return RecordFault::kBadType;
  if (header.zero != 0) return RecordFault::kBadReserved;
  if (header.length > kMaxRecordPayload) return RecordFault::kBadLength;
  if (RecordSize(header.length) > bytes_left) return RecordFault::kCutShort;
  return std::nullopt;
}

}  // namespace beachdb
