#include "wal/log_format.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/coding.h"
#include "kv/batch_format.h"

namespace beachdb {

void StoreLogEntryHeader(char* out, Seqno first_seqno, Seqno durable_seqno,
                         std::uint64_t applied_index) {
  StoreFixed64(out, first_seqno);
  StoreFixed64(out + 8, durable_seqno);
  StoreFixed64(out + 16, applied_index);
}

Result<LogRecord> ParseLogRecord(std::uint64_t offset, std::string_view payload) {
  if (payload.size() < kLogEntryHeaderSize + kBatchHeaderSize) {
    return Error(Code::kCorruption,
                 fmt::format("offset {}: log entry: expected at least {} bytes, found {}", offset,
                             kLogEntryHeaderSize + kBatchHeaderSize, payload.size()));
  }
  LogRecord record;
  record.offset = offset;
  record.first_seqno = LoadFixed64(payload.data());
  record.durable_seqno = LoadFixed64(payload.data() + 8);
  record.applied_index = LoadFixed64(payload.data() + 16);
  record.batch = payload.substr(kLogEntryHeaderSize);
  record.count = BatchCount(record.batch);
  if (record.first_seqno == 0 || record.first_seqno > kMaxSeqno - record.count) {
    return Error(Code::kCorruption,
                 fmt::format("offset {}: log entry: first seqno {} of {} operations is impossible",
                             offset, record.first_seqno, record.count));
  }
  if (record.durable_seqno >= record.first_seqno) {
    return Error(Code::kCorruption,
                 fmt::format("offset {}: log entry: durable seqno: expected below the first seqno "
                             "{}, found {}",
                             offset, record.first_seqno, record.durable_seqno));
  }
  return record;
}

Result<FileHeader> DecodeLogHeader(std::string_view block) {
  auto header = DecodeFileHeader(block.substr(0, kFileHeaderSize), kWalMagic);
  if (!header.ok()) return header;
  const std::size_t at = block.find_first_not_of('\0', kFileHeaderSize);
  if (at == std::string_view::npos && block.size() == kLogDataStart) return header;
  return Error(
      Code::kCorruption,
      fmt::format("offset {}: header block: expected zeros up to {}, found {}",
                  std::min(at, block.size()), kLogDataStart,
                  at == std::string_view::npos ? "the end of the file" : "something else"));
}

}  // namespace beachdb
