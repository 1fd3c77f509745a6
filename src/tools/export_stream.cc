#include "tools/export_stream.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/try.h"
#include "kv/batch_format.h"
#include "record/record_format.h"
#include "record/record_writer.h"
#include "wal/log_format.h"

namespace beachdb::tools {

Status ExportWriter::Put(std::string_view key, std::string_view value, std::uint64_t expires_at) {
  RETURN_IF_ERROR(expires_at == 0 ? batch_.Put(key, value)
                                  : batch_.PutExpiring(key, value, expires_at));
  return batch_.bytes().size() < kExportBatchBytes ? OkStatus() : WriteBatchRecord();
}

Status ExportWriter::Finish() {
  if (!batch_.empty()) RETURN_IF_ERROR(WriteBatchRecord());
  return WriteBatchRecord();
}

Status ExportWriter::WriteBatchRecord() {
  record_.clear();
  if (offset_ == 0) {
    record_ = EncodeFileHeader({.magic = std::string(kExportMagic), .identity = identity_});
  }
  std::string head(kLogEntryHeaderSize, '\0');
  StoreLogEntryHeader(head.data(), operations_ + 1, operations_, 0);
  const std::size_t begin = record_.size();
  record_.resize(begin + RecordSize(head.size() + batch_.bytes().size()));
  RecordWriter(identity_).Encode(record_.data() + begin, offset_ + begin, RecordType::kBatch, head,
                                 batch_.bytes());
  operations_ += batch_.count();
  batch_.Clear();
  offset_ += record_.size();
  return sink_(record_);
}

Error ExportReader::Bad(std::uint64_t offset, std::string_view what) const {
  return {Code::kInvalidArgument, fmt::format("{}: offset {}: {}", file_.name(), offset, what)};
}

Status ExportReader::Take(std::uint64_t size) {
  constexpr std::uint64_t kPiece = 1u << 20;  // so that memory follows bytes that are there
  while (size > 0) {
    const std::size_t had = bytes_.size();
    const auto want = static_cast<std::size_t>(std::min(size, kPiece));
    bytes_.resize(had + want);
    const auto got = file_.Read({bytes_.data() + had, want});
    bytes_.resize(had + (got.ok() ? *got : 0));
    RETURN_IF_ERROR(got);
    if (*got == 0) {
      return Bad(
          offset_ + had,
          fmt::format("the stream is cut short: {} more bytes expected, found its end", size));
    }
    size -= *got;
  }
  return OkStatus();
}

Status ExportReader::ReadHeader() {
  RETURN_IF_ERROR(Take(kFileHeaderSize));
  const auto header = DecodeFileHeader(bytes_, kExportMagic);
  if (!header.ok()) {
    const bool newer = header.error().code() == Code::kNotSupported;
    const Error error = Bad(0, header.error().message());
    return newer ? Error(Code::kNotSupported, error.message()) : error;
  }
  if (header->identity.number != 0) {
    return Bad(40, fmt::format("expected file number 0, found {}", header->identity.number));
  }
  identity_ = header->identity;
  return OkStatus();
}

Result<bool> ExportReader::Next() {
  if (at_end_) return false;
  bytes_.clear();
  if (offset_ == 0) RETURN_IF_ERROR(ReadHeader());
  const std::size_t begin = bytes_.size();
  const std::uint64_t at = offset_ + begin;
  RETURN_IF_ERROR(Take(kRecordHeaderSize));
  const RecordHeader header = LoadRecordHeader(bytes_.data() + begin);
  if (const auto fault = CheckRecordHeader(header, 0, UINT64_MAX)) {
    return Bad(at, RecordFaultName(*fault));
  }
  RETURN_IF_ERROR(Take(RecordSize(header.length) - kRecordHeaderSize));
  const std::string_view record = std::string_view(bytes_).substr(begin);
  const std::uint64_t end = kRecordHeaderSize + header.length;
  const std::uint32_t expected =
      BoundChecksum(IdentityChecksum(identity_), at, record.substr(4, end - 4));
  if (expected != header.checksum) {
    return Bad(at, fmt::format("record checksum mismatch: expected {:08x}, found {:08x}", expected,
                               header.checksum));
  }
  const std::string_view padding = record.substr(end);
  if (padding.find_first_not_of('\0') != std::string_view::npos ||
      header.type != static_cast<std::uint8_t>(RecordType::kBatch)) {
    return Bad(at, "expected a record of type batch with a padding of zeros");
  }
  const auto parsed = ParseLogRecord(at, record.substr(kRecordHeaderSize, header.length));
  if (!parsed.ok()) return Bad(at, parsed.error().message());
  if (const Status valid = ValidateBatch(parsed->batch); !valid.ok()) {
    if (valid.error().code() == Code::kNotSupported) return valid.error();
    return Bad(at, valid.error().message());
  }
  if (parsed->first_seqno != operations_ + 1) {
    return Bad(at, fmt::format("expected operation {} of the stream, found {}", operations_ + 1,
                               parsed->first_seqno));
  }
  operations_ += parsed->count;
  offset_ += bytes_.size();
  batch_ = parsed->batch;
  if (parsed->count > 0) return true;
  at_end_ = true;
  char more = 0;
  ASSIGN_OR_RETURN(const std::size_t behind, file_.Read({&more, 1}));
  if (behind > 0) return Bad(offset_, "expected the end of the stream, found more bytes");
  return false;
}

}  // namespace beachdb::tools
