#include "record/record_reader.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/check.h"
#include "base/coding.h"
#include "base/try.h"

namespace beachdb {

Result<RecordReader> RecordReader::Open(File& file, const FileIdentity& identity,
                                        std::uint64_t start) {
  CHECK(start % kRecordAlignment == 0);
  ASSIGN_OR_RETURN(const std::uint64_t size, file.Size());
  return RecordReader(file, identity, start, size);
}

RecordReader::RecordReader(File& file, const FileIdentity& identity, std::uint64_t start,
                           std::uint64_t file_size)
    : file_(&file),
      identity_(identity),
      seed_(IdentityChecksum(identity)),
      offset_(start),
      file_size_(file_size) {}

Result<const char*> RecordReader::View(std::uint64_t offset, std::uint64_t size) {
  const std::uint64_t end = buffer_offset_ + buffer_size_;
  if (offset >= buffer_offset_ && offset + size <= end) {
    return static_cast<const char*>(buffer_.data() + (offset - buffer_offset_));
  }
  // Keep what is already here of the bytes wanted, read the rest and a chunk's worth more.
  const std::uint64_t wanted =
      std::min(std::max<std::uint64_t>(size, kChunkSize), file_size_ - offset);
  std::uint64_t kept = 0;
  if (offset >= buffer_offset_ && offset < end) {
    kept = end - offset;
    std::memmove(buffer_.data(), buffer_.data() + (offset - buffer_offset_), kept);
  }
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  buffer_offset_ = offset;
  buffer_size_ = kept;
  ASSIGN_OR_RETURN(const std::size_t read,
                   file_->ReadAt(offset + kept, std::span(buffer_).subspan(kept, wanted - kept)));
  buffer_size_ = kept + read;
  if (buffer_size_ < size) {
    return Error(Code::kIoError, fmt::format("{}: offset {}: file shrank while it was read: "
                                             "expected {} bytes, found {}",
                                             file_->path(), offset, size, buffer_size_));
  }
  return static_cast<const char*>(buffer_.data());
}

Result<std::optional<RecordFault>> RecordReader::ReadAt(std::uint64_t offset, Record& record) {
  const std::uint64_t left = file_size_ > offset ? file_size_ - offset : 0;
  found_ = RecordHeader();
  if (left < kRecordHeaderSize) {
    if (left == 0) return std::optional(RecordFault::kEndOfFile);
    ASSIGN_OR_RETURN(const char* rest, View(offset, left));
    const bool zero = std::all_of(rest, rest + left, [](char c) { return c == 0; });
    return std::optional(zero ? RecordFault::kEndOfFile : RecordFault::kCutShort);
  }
  ASSIGN_OR_RETURN(const char* p, View(offset, kRecordHeaderSize));
  found_ = LoadRecordHeader(p);
  const auto number = static_cast<std::uint32_t>(identity_.number);
  if (const auto fault = CheckRecordHeader(found_, number, left)) return fault;

  const std::uint64_t size = RecordSize(found_.length);
  ASSIGN_OR_RETURN(p, View(offset, size));
  const std::uint64_t end = kRecordHeaderSize + found_.length;
  expected_checksum_ = BoundChecksum(seed_, offset, std::string_view(p + 4, end - 4));
  if (expected_checksum_ != found_.checksum) return std::optional(RecordFault::kBadChecksum);
  if (std::any_of(p + end, p + size, [](char c) { return c != 0; })) {
    return std::optional(RecordFault::kBadPadding);
  }
  record.offset = offset;
  record.type = static_cast<RecordType>(found_.type);
  record.payload = std::string_view(p + kRecordHeaderSize, found_.length);
  return std::optional<RecordFault>();
}

Result<bool> RecordReader::Next(Record& record) {
  ASSIGN_OR_RETURN(const std::optional<RecordFault> fault, ReadAt(offset_, record));
  if (fault.has_value()) {
    stop_ = {*fault, offset_, found_, Describe(*fault, offset_)};
    return false;
  }
  offset_ += RecordSize(record.payload.size());
  return true;
}

std::string RecordReader::Describe(RecordFault fault, std::uint64_t offset) const {
  std::string detail;
  switch (fault) {
    case RecordFault::kStale:
      detail = fmt::format(": expected {}, found {}", static_cast<std::uint32_t>(identity_.number),
                           found_.number);
      break;
    case RecordFault::kCutShort:
      detail = fmt::format(": {} bytes are left", file_size_ - offset);
      break;
    case RecordFault::kBadLength:
      detail = fmt::format(": expected at most {}, found {}", kMaxRecordPayload, found_.length);
      break;
    case RecordFault::kBadType:
      detail = fmt::format(": found {}", found_.type);
      break;
    case RecordFault::kBadChecksum:
      detail = fmt::format(": expected {:08x}, found {:08x} over {} bytes of payload",
                           expected_checksum_, found_.checksum, found_.length);
      break;
    case RecordFault::kEndOfFile:
    case RecordFault::kZeros:
    case RecordFault::kBadReserved:
    case RecordFault::kBadPadding:
      break;
  }
  return fmt::format("{}: offset {}: {}{}", file_->path(), offset, RecordFaultName(fault), detail);
}

Result<std::optional<std::uint64_t>> RecordReader::FindNextValid(std::uint64_t from) {
  const auto number = static_cast<std::uint32_t>(identity_.number);
  std::uint64_t at = (from + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
  std::uint64_t budget = kScanBudget;
  if (at < file_size_) budget += 8 * (file_size_ - at);
  // Whether what was read last ended so, or nothing was.
  const auto zeros_before = [&] {
    constexpr std::uint64_t kSome = 64;
    const auto last = buffer_.begin() + static_cast<std::ptrdiff_t>(buffer_size_);
    return std::all_of(last - static_cast<std::ptrdiff_t>(std::min(kSome, buffer_size_)), last,
                       [](char c) { return c == 0; });
  };
  while (at < file_size_ && file_size_ - at >= kRecordHeaderSize) {
    if (at + kRecordHeaderSize > buffer_offset_ + buffer_size_ && zeros_before()) {
      // What a log has allocated and not used is not worth reading. No header is all zeros, so the
      // first one may begin before the first byte that was written, but ends behind it.
      const std::uint64_t data = file_->SkipUnwritten(at);
      if (data >= at + kRecordHeaderSize) {
        at = (data - kRecordHeaderSize) / kRecordAlignment * kRecordAlignment + kRecordAlignment;
        continue;
      }
    }
    ASSIGN_OR_RETURN(const char* p, View(at, kRecordHeaderSize));
    // Only what is in memory already: the bytes behind it are read when the search arrives there.
    const std::uint64_t size = buffer_offset_ + buffer_size_ - at;
    // The number alone dismisses nearly everything, so it is compared first.
    std::uint64_t i = 0;
    while (i + kRecordHeaderSize <= size && LoadFixed32(p + i + 12) != number) {
      i += kRecordAlignment;
    }
    at += i;
    if (i + kRecordHeaderSize > size) continue;

    const RecordHeader header = LoadRecordHeader(p + i);
    if (!CheckRecordHeader(header, number, file_size_ - at).has_value()) {
      if (header.length > budget) {
        return Error(Code::kCorruption,
                     fmt::format("{}: offset {}: cannot tell whether valid records follow offset "
                                 "{}: too many look-alikes of records to check them all",
                                 file_->path(), at, from));
      }
      budget -= header.length;
      Record record;
      ASSIGN_OR_RETURN(const std::optional<RecordFault> fault, ReadAt(at, record));
      if (!fault.has_value()) {
        offset_ = at;
        return std::optional(at);
      }
    }
    at += kRecordAlignment;
  }
  return std::optional<std::uint64_t>();
}

}  // namespace beachdb
