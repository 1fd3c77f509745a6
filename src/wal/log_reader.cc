#include "wal/log_reader.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/try.h"

namespace beachdb {

Result<std::unique_ptr<LogReader>> LogReader::Open(FileSystem& fs, const std::string& path,
                                                   const FileIdentity& identity) {
  ASSIGN_OR_RETURN(std::unique_ptr<File> file, fs.Open(path, OpenMode::kRead));
  std::array<char, kLogDataStart> block;
  ASSIGN_OR_RETURN(const std::size_t read, file->ReadAt(0, block));
  auto header =
      DecodeLogHeader(std::string_view(block.data(), read)).WithContext(fmt::format("{}: ", path));
  const bool zeros = std::all_of(block.data(), block.data() + read, [](char c) { return c == 0; });
  ASSIGN_OR_RETURN(RecordReader records, RecordReader::Open(*file, identity, kLogDataStart));
  return std::unique_ptr<LogReader>(
      new LogReader(std::move(file), std::move(header), zeros, std::move(records)));
}

Result<bool> LogReader::Next(LogRecord& record) {
  Record frame;
  ASSIGN_OR_RETURN(const bool found, records_.Next(frame));
  if (!found) return false;
  if (frame.type != RecordType::kBatch) {
    return Error(Code::kCorruption,
                 fmt::format("{}: offset {}: a record of type {} in a log", file_->path(),
                             frame.offset, static_cast<unsigned>(frame.type)));
  }
  auto parsed = ParseLogRecord(frame.offset, frame.payload);
  if (!parsed.ok()) return parsed.error().WithContext(fmt::format("{}: ", file_->path()));
  record = *parsed;
  return true;
}

Result<bool> LogReader::SeekValid(std::uint64_t from) {
  ASSIGN_OR_RETURN(const auto offset, records_.FindNextValid(from));
  return offset.has_value();
}

}  // namespace beachdb
