#include "wal/log_dump.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/try.h"
#include "format/byte_labels.h"
#include "format/file_names.h"
#include "kv/batch_format.h"
#include "kv/expiry.h"
#include "record/record_reader.h"
#include "wal/log_format.h"
#include "wal/log_labels.h"

namespace beachdb {
namespace {

// Where a file header holds whose file it is (docs/formats/file_header.md), for headers that are
// damaged elsewhere.
constexpr std::size_t kDatabaseAt = 24;
constexpr std::size_t kNumberAt = 40;
// Of a record that cannot be believed, this many bytes are shown: its length is no guide.
constexpr std::size_t kDamageShown = 256;

class LogDumper {
 public:
  LogDumper(File& file, const LogDumpOptions& options, const DumpSink& out)
      : file_(file), options_(options), out_(out, file.path()) {}

  Result<std::uint64_t> Run() {
    ASSIGN_OR_RETURN(const std::uint64_t size, file_.Size());
    out_.TellFile(size);
    ASSIGN_OR_RETURN(const auto identity, DumpHeader());
    if (identity.has_value()) RETURN_IF_ERROR(DumpRecords(*identity));
    out_.Tell(DumpLine("total")
                  .Number("records", records_)
                  .Number("operations", operations_)
                  .Number("problems", out_.problems()));
    return out_.problems();
  }

 private:
  Result<std::optional<FileIdentity>> DumpHeader();
  Result<std::optional<FileIdentity>> GuessIdentity(std::string_view block);
  void LabelHeaderBlock(std::string_view block) const;
  Status DumpRecords(const FileIdentity& identity);
  // What stands where no record could be read. True: a valid one follows, and the reader is there.
  Result<bool> DumpStop(RecordReader& reader);
  Status DumpRecord(const Record& frame, const RecordHeader& header);
  void DumpEntry(const LogRecord& record, const RecordHeader& header);
  void DumpOperations(const LogRecord& record) const;
  static void AddOperation(DumpLine& line, const BatchOp& op);
  Status LabelRecord(const Record& frame) const;
  // Of [offset, end) the first bytes.
  Status LabelDamage(std::uint64_t offset, std::uint64_t end) const;
  void DumpEnd(const RecordStop& stop, std::uint64_t file_size) const;

  std::string Where() const { return fmt::format("record {}", records_); }

  File& file_;
  const LogDumpOptions& options_;
  DumpReport out_;
  std::uint64_t records_ = 0;
  std::uint64_t operations_ = 0;
  std::optional<Seqno> next_;  // what the next record should begin with
};

Result<std::optional<FileIdentity>> LogDumper::DumpHeader() {
  std::array<char, kLogDataStart> bytes;
  ASSIGN_OR_RETURN(const std::size_t read, file_.ReadAt(0, bytes));
  const std::string_view block(bytes.data(), read);
  const auto header = DecodeLogHeader(block);
  if (header.ok()) {
    out_.Tell(DumpLine("header")
                  .Number("offset", 0)
                  .Number("version", header->version)
                  .Text("database", FormatDatabaseId(header->identity.database))
                  .Number("number", header->identity.number)
                  .Number("created_micros", header->created_micros));
  } else {
    out_.Problem("header", 0, header.error().message());
  }
  if (options_.hex) LabelHeaderBlock(block);
  if (!header.ok()) return GuessIdentity(block);

  const std::string_view path = file_.path();
  const auto name = ParseFileName(path.substr(path.rfind('/') + 1));
  const std::uint64_t number = header->identity.number;
  if (name.has_value() && name->type == FileType::kLog && name->number != number) {
    out_.Problem(
        "header", kNumberAt,
        fmt::format("file number: expected {} as in the name, found {}", name->number, number));
  }
  return std::optional(header->identity);
}

// Believed only if a record's checksum bears it out.
Result<std::optional<FileIdentity>> LogDumper::GuessIdentity(std::string_view block) {
  if (block.size() < kFileHeaderSize) return std::optional<FileIdentity>();
  FileIdentity identity;
  std::copy_n(block.data() + kDatabaseAt, identity.database.size(), identity.database.begin());
  identity.number = LoadFixed64(block.data() + kNumberAt);
  const auto unknown = [&] {
    out_.Tell(DumpLine("end").Words(
        "what", "whose records these were is not known, so none can be checked"));
    return std::optional<FileIdentity>();
  };
  if (identity.number == 0) return unknown();  // names no file
  ASSIGN_OR_RETURN(RecordReader reader, RecordReader::Open(file_, identity, kLogDataStart));
  const auto found = reader.FindNextValid(kLogDataStart);
  if (!found.ok() && found.error().code() != Code::kCorruption) return found.error();
  if (!found.ok() || !found->has_value()) return unknown();
  out_.Tell(DumpLine("identity")
                .Text("database", FormatDatabaseId(identity.database))
                .Number("number", identity.number)
                .Words("what", "fits the records"));
  return std::optional(identity);
}

void LogDumper::LabelHeaderBlock(std::string_view block) const {
  ByteLabels bytes(out_.sink(), 0, block);
  LabelFileHeader(bytes);
  bytes.TakeZeros(bytes.rest().size());
}

Status LogDumper::DumpRecords(const FileIdentity& identity) {
  ASSIGN_OR_RETURN(RecordReader reader, RecordReader::Open(file_, identity, kLogDataStart));
  Record frame;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, reader.Next(frame));
    if (found) {
      RETURN_IF_ERROR(DumpRecord(frame, reader.header()));
      ++records_;
      continue;
    }
    ASSIGN_OR_RETURN(const bool more, DumpStop(reader));
    if (!more) return OkStatus();
  }
}

Result<bool> LogDumper::DumpStop(RecordReader& reader) {
  const RecordStop stop = reader.stop();
  const auto next = reader.FindNextValid(stop.offset + kRecordAlignment);
  if (!next.ok() && next.error().code() != Code::kCorruption) return next.error();
  const bool more = next.ok() && next->has_value();
  if (!next.ok()) out_.Problem(Where(), stop.offset, next.error().message());
  if (more) {
    out_.Problem(Where(), stop.offset, stop.message);
    if (options_.hex) RETURN_IF_ERROR(LabelDamage(stop.offset, **next));
    out_.Tell(DumpLine("next").Number("offset", **next).Number("lost_bytes", **next - stop.offset));
    next_.reset();
    return true;
  }
  if (IsCleanEnd(stop.fault)) {
    DumpEnd(stop, reader.file_size());
    return false;
  }
  out_.Problem(Where(), stop.offset,
               stop.message + "; nothing valid follows: a torn tail, or damage to the last record");
  if (options_.hex) RETURN_IF_ERROR(LabelDamage(stop.offset, reader.file_size()));
  return false;
}

Status LogDumper::DumpRecord(const Record& frame, const RecordHeader& header) {
  const auto parsed = ParseLogRecord(frame.offset, frame.payload);
  if (frame.type != RecordType::kBatch) {
    out_.Problem(Where(), frame.offset,
                 fmt::format("checksum ok, but record type: expected 1 in a log, found {}",
                             static_cast<unsigned>(frame.type)));
  } else if (!parsed.ok()) {
    out_.Problem(Where(), frame.offset, parsed.error().message());
  } else {
    DumpEntry(*parsed, header);
  }
  return options_.hex ? LabelRecord(frame) : OkStatus();
}

void LogDumper::DumpEntry(const LogRecord& record, const RecordHeader& header) {
  operations_ += record.count;
  DumpLine line("record");
  line.Number("index", records_)
      .Number("offset", record.offset)
      .Number("payload_bytes", header.length)
      .Number("log", header.number)
      .Checksum("checksum", header.checksum)
      .Number("first_seqno", record.first_seqno);
  if (record.count > 0) line.Number("last_seqno", record.next_seqno() - 1);
  line.Number("operations", record.count)
      .Number("durable_seqno", record.durable_seqno)
      .Number("applied_index", record.applied_index);
  out_.Tell(line);
  if (next_.has_value() && *next_ != record.first_seqno) {
    out_.Problem(Where(), record.offset,
                 fmt::format("first seqno: expected {}, found {}", *next_, record.first_seqno));
  }
  next_ = record.next_seqno();
  if (const Status valid = ValidateBatch(record.batch); !valid.ok()) {
    return out_.Problem(Where(), record.offset, valid.error().message());
  }
  if (options_.operations) DumpOperations(record);
}

void LogDumper::AddOperation(DumpLine& line, const BatchOp& op) {
  line.Bytes("key", op.key);
  switch (op.kind) {
    case Kind::kDelete:
      return;
    case Kind::kPut:
      line.Bytes("value", op.value);
      return;
    case Kind::kPutExpiring:
      line.Number("expires_at", ExpiresAt(op.value)).Bytes("value", ValueBehindExpiry(op.value));
      return;
    case Kind::kDeleteRange:
      line.Bytes("end", op.value);
      return;
    case Kind::kGuard:
      break;
  }
  const Guard guard = DecodeGuard(op.value);
  switch (guard.condition) {
    case Guard::Condition::kAbsent:
      line.Text("requires", "absent");
      return;
    case Guard::Condition::kEqual:
      line.Text("requires", "equal").Bytes("value", guard.value);
      return;
    case Guard::Condition::kUnchanged:
      line.Text("requires", "unchanged").Number("since_seqno", guard.seqno);
      return;
  }
}

void LogDumper::DumpOperations(const LogRecord& record) const {
  Seqno seqno = record.first_seqno;
  BatchReader reader(record.batch);
  for (BatchOp op; reader.Next(op); ++seqno) {
    DumpLine line = DumpLine::PartOf(KindName(op.kind));
    line.Number("seqno", seqno);
    AddOperation(line, op);
    out_.Tell(line);
  }
}

Status LogDumper::LabelRecord(const Record& frame) const {
  std::array<char, kRecordHeaderSize> raw{};
  ASSIGN_OR_RETURN(const std::size_t read, file_.ReadAt(frame.offset, raw));
  ByteLabels header(out_.sink(), frame.offset, {raw.data(), read});
  LabelRecordHeader(header);
  ByteLabels payload(out_.sink(), frame.offset + kRecordHeaderSize, frame.payload);
  LabelLogEntry(payload);
  // The reader has seen that they are zero.
  const std::string padding(
      RecordSize(frame.payload.size()) - kRecordHeaderSize - frame.payload.size(), '\0');
  ByteLabels(out_.sink(), payload.offset(), padding).TakeRest("padding");
  return OkStatus();
}

Status LogDumper::LabelDamage(std::uint64_t offset, std::uint64_t end) const {
  std::array<char, kDamageShown> raw{};
  const std::size_t size = std::min<std::uint64_t>(raw.size(), end - offset);
  ASSIGN_OR_RETURN(const std::size_t read, file_.ReadAt(offset, std::span(raw).first(size)));
  ByteLabels bytes(out_.sink(), offset, {raw.data(), read});
  LabelRecordHeader(bytes);
  bytes.TakeRest("not believed");
  return OkStatus();
}

void LogDumper::DumpEnd(const RecordStop& stop, std::uint64_t file_size) const {
  DumpLine line("end");
  line.Number("offset", stop.offset).Number("unused_bytes", file_size - stop.offset);
  switch (stop.fault) {
    case RecordFault::kZeros:
      line.Words("what", "zeros: never written");
      break;
    case RecordFault::kStale:
      line.Words("what", fmt::format("no record of this file (number {}): its former life",
                                     stop.header.number));
      break;
    default:
      line.Words("what", "the end of the file");
  }
  out_.Tell(line);
}

}  // namespace

Result<std::uint64_t> DumpLog(FileSystem& fs, const std::string& path,
                              const LogDumpOptions& options, const DumpSink& out) {
  ASSIGN_OR_RETURN(const auto file, fs.Open(path, OpenMode::kRead));
  return LogDumper(*file, options, out).Run();
}

}  // namespace beachdb
