#include "wal/log_dump.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/strings.h"
#include "base/try.h"
#include "format/file_names.h"
#include "kv/batch_format.h"
#include "record/record_reader.h"
#include "wal/log_format.h"

namespace beachdb {
namespace {

// Where a file header holds whose file it is (docs/formats/file_header.md), for headers that are
// damaged elsewhere.
constexpr std::size_t kDatabaseAt = 24;
constexpr std::size_t kNumberAt = 40;

class LogDumper {
 public:
  LogDumper(File& file, const LogDumpOptions& options, const LogDumpSink& out)
      : file_(file), options_(options), out_(out) {}

  Result<std::uint64_t> Run() {
    ASSIGN_OR_RETURN(const auto identity, DumpHeader());
    if (identity.has_value()) RETURN_IF_ERROR(DumpRecords(*identity));
    return problems_;
  }

 private:
  Result<std::optional<FileIdentity>> DumpHeader();
  Result<std::optional<FileIdentity>> GuessIdentity(std::string_view block);
  Status DumpRecords(const FileIdentity& identity);
  void DumpRecord(const Record& frame);
  void DumpOperations(const LogRecord& record);
  void DumpEnd(const RecordStop& stop, std::uint64_t file_size);

  void Problem(std::string_view what) {
    ++problems_;
    out_(fmt::format("PROBLEM  {}", what));
  }

  File& file_;
  const LogDumpOptions& options_;
  const LogDumpSink& out_;
  std::uint64_t problems_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t operations_ = 0;
  std::optional<Seqno> next_;  // what the next record should begin with
};

Result<std::optional<FileIdentity>> LogDumper::DumpHeader() {
  std::array<char, kLogDataStart> bytes;
  ASSIGN_OR_RETURN(const std::size_t read, file_.ReadAt(0, bytes));
  const std::string_view block(bytes.data(), read);
  const auto header = DecodeLogHeader(block);
  if (!header.ok()) {
    Problem(fmt::format("header: {}", header.error().message()));
    return GuessIdentity(block);
  }
  const FileIdentity& identity = header->identity;
  out_(fmt::format("header   database {}, file {}, version {}, created {} us after 1970",
                   FormatDatabaseId(identity.database), identity.number, header->version,
                   header->created_micros));
  const std::string_view path = file_.path();
  const auto name = ParseFileName(path.substr(path.rfind('/') + 1));
  if (name.has_value() && name->type == FileType::kLog && name->number != identity.number) {
    Problem(fmt::format("header: expected file {} by the file's name, found {}", name->number,
                        identity.number));
  }
  return std::optional(identity);
}

// Believed only if a record's checksum bears it out.
Result<std::optional<FileIdentity>> LogDumper::GuessIdentity(std::string_view block) {
  if (block.size() < kFileHeaderSize) return std::optional<FileIdentity>();
  FileIdentity identity;
  std::copy_n(block.data() + kDatabaseAt, identity.database.size(), identity.database.begin());
  identity.number = LoadFixed64(block.data() + kNumberAt);
  const auto unknown = [&] {
    out_("end      whose records these were is not known, so none can be checked");
    return std::optional<FileIdentity>();
  };
  if (identity.number == 0) return unknown();  // names no file
  ASSIGN_OR_RETURN(RecordReader reader, RecordReader::Open(file_, identity, kLogDataStart));
  const auto found = reader.FindNextValid(kLogDataStart);
  if (!found.ok() && found.error().code() != Code::kCorruption) return found.error();
  if (!found.ok() || !found->has_value()) return unknown();
  out_(fmt::format("header   its identity fits the records: database {}, file {}",
                   FormatDatabaseId(identity.database), identity.number));
  return std::optional(identity);
}

Status LogDumper::DumpRecords(const FileIdentity& identity) {
  ASSIGN_OR_RETURN(RecordReader reader, RecordReader::Open(file_, identity, kLogDataStart));
  Record frame;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, reader.Next(frame));
    if (found) {
      DumpRecord(frame);
      continue;
    }
    const RecordStop stop = reader.stop();
    const auto next = reader.FindNextValid(stop.offset + kRecordAlignment);
    if (!next.ok()) {
      if (next.error().code() != Code::kCorruption) return next.error();
      Problem(next.error().message());
    } else if (next->has_value()) {
      Problem(fmt::format("{}; valid records follow at offset {}", stop.message, **next));
      next_.reset();
      continue;
    }
    DumpEnd(stop, reader.file_size());
    return OkStatus();
  }
}

void LogDumper::DumpRecord(const Record& frame) {
  ++records_;
  const auto where = fmt::format("offset {:<10} {:>8} bytes", frame.offset, frame.payload.size());
  if (frame.type != RecordType::kBatch) {
    return Problem(fmt::format("{}  checksum ok, but type {} in a log", where,
                               static_cast<unsigned>(frame.type)));
  }
  const auto parsed = ParseLogRecord(frame.offset, frame.payload);
  if (!parsed.ok()) return Problem(parsed.error().message());
  const LogRecord& record = *parsed;
  operations_ += record.count;
  if (options_.limit == 0 || records_ <= options_.limit) {
    out_(
        fmt::format("record   {}  batch  checksum ok  seqnos {} to {}  durable {}  applied {}  "
                    "{} operations",
                    where, record.first_seqno, record.next_seqno() - 1, record.durable_seqno,
                    record.applied_index, record.count));
  }
  if (next_.has_value() && *next_ != record.first_seqno) {
    Problem(fmt::format("offset {}: first seqno: expected {}, found {}", frame.offset, *next_,
                        record.first_seqno));
  }
  next_ = record.next_seqno();
  if (const Status valid = ValidateBatch(record.batch); !valid.ok()) {
    return Problem(fmt::format("offset {}: {}", frame.offset, valid.error().message()));
  }
  if (options_.operations && (options_.limit == 0 || records_ <= options_.limit)) {
    DumpOperations(record);
  }
}

void LogDumper::DumpOperations(const LogRecord& record) {
  Seqno seqno = record.first_seqno;
  BatchReader reader(record.batch);
  for (BatchOp op; reader.Next(op); ++seqno) {
    const std::string key = EscapeBytes(op.key, options_.key_limit);
    if (op.kind == Kind::kDelete) {
      out_(fmt::format("  {:>8} delete {}", seqno, key));
    } else {
      out_(fmt::format("  {:>8} put    {} = {}  ({} bytes)", seqno, key,
                       EscapeBytes(op.value, options_.value_limit), op.value.size()));
    }
  }
}

void LogDumper::DumpEnd(const RecordStop& stop, std::uint64_t file_size) {
  if (IsCleanEnd(stop.fault)) {
    const auto rest = [&]() -> std::string {
      if (stop.fault == RecordFault::kZeros) return "zeros: never written";
      if (stop.fault == RecordFault::kEndOfFile) return "the end of the file";
      return fmt::format("no record of this file (number {}): its former life", stop.header.number);
    }();
    out_(fmt::format("end      offset {}: {}; {} bytes are unused", stop.offset, rest,
                     file_size - stop.offset));
  } else {
    Problem(fmt::format("{}; nothing valid follows: a torn tail, or damage to the last record",
                        stop.message));
  }
  out_(fmt::format("total    {} records, {} operations, {} problems", records_, operations_,
                   problems_));
}

}  // namespace

Result<std::uint64_t> DumpLog(FileSystem& fs, const std::string& path,
                              const LogDumpOptions& options, const LogDumpSink& out) {
  ASSIGN_OR_RETURN(const auto file, fs.Open(path, OpenMode::kRead));
  return LogDumper(*file, options, out).Run();
}

}  // namespace beachdb
