#include "manifest/manifest_dump.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/coding.h"
#include "base/strings.h"
#include "base/try.h"
#include "format/file_header.h"
#include "format/file_names.h"
#include "manifest/manifest_snapshot.h"
#include "manifest/manifest_state.h"
#include "record/record_reader.h"

namespace beachdb {

namespace {

// Fields of the file header (format/file_header.h), for headers whose checksum is wrong.
constexpr std::size_t kDatabaseAt = 24;
constexpr std::size_t kNumberAt = 40;

class Dumper {
 public:
  Dumper(File& file, std::uint64_t size, const ManifestDumpOptions& options, const DumpSink& out)
      : file_(file), size_(size), at_(options.at), out_(out, file.path()) {}

  Result<std::uint64_t> Run() {
    out_.TellFile(size_);
    ASSIGN_OR_RETURN(const auto identity, DumpHeader());
    if (identity) RETURN_IF_ERROR(DumpRecords(*identity));
    out_.Tell(DumpLine("total").Number("records", records_).Number("problems", out_.problems()));
    if (at_ && *at_ >= records_ && out_.problems() == 0) {
      return Error(Code::kInvalidArgument,
                   fmt::format("{}: --at {}: expected one of its {} records, counted from 0",
                               file_.path(), *at_, records_));
    }
    return out_.problems();
  }

 private:
  // nullopt: too short to have one, or nothing like one. A damaged header is read as it stands: if
  // its identity is right, the records behind it are readable.
  Result<std::optional<FileIdentity>> DumpHeader();
  Status DumpRecords(const FileIdentity& identity);
  // What stands where no record could be read. True: a valid one follows, and the reader is there.
  Result<bool> DumpStop(RecordReader& reader);
  void DumpRecord(const Record& record, const RecordHeader& header);
  void DumpSnapshot(const Record& record);
  void DumpEditRecord(const Record& record);
  void DumpEdit(const VersionEdit& edit) const;
  void AddUp(const VersionEdit& edit, std::uint64_t offset);
  void DumpVersion(StateBuilder builder) const;

  // Whether what is being read is to be shown, too.
  bool shown() const { return !at_ || records_ <= *at_; }
  void Show(const DumpLine& line) const {
    if (shown()) out_.Tell(line);
  }
  void Problem(std::uint64_t offset, std::string_view message) {
    out_.Problem(fmt::format("record {}", records_), offset, message);
  }

  File& file_;
  const std::uint64_t size_;
  const std::optional<std::uint64_t> at_;
  DumpReport out_;

  StateBuilder builder_;
  std::uint64_t records_ = 0;     // that are behind
  std::uint64_t added_up_ = 0;    // records that the version consists of
  std::uint64_t promised_ = 1;    // records of the snapshot
  std::uint64_t last_index_ = 0;  // of the last record that was added up
  bool intact_ = true;            // nothing was wrong before here, so edits still add up
};

Result<std::optional<FileIdentity>> Dumper::DumpHeader() {
  std::array<char, kFileHeaderSize> raw{};
  ASSIGN_OR_RETURN(const std::size_t read, file_.ReadAt(0, raw));
  const std::string_view bytes(raw.data(), read);
  const auto header = DecodeFileHeader(bytes, kManifestMagic);
  if (!header.ok()) {
    out_.Problem("header", 0, header.error().message());
    if (read < kFileHeaderSize) return std::optional<FileIdentity>();
    intact_ = false;
    FileIdentity identity;
    std::memcpy(identity.database.data(), raw.data() + kDatabaseAt, identity.database.size());
    identity.number = LoadFixed64(raw.data() + kNumberAt);
    if (identity.number == 0) return std::optional<FileIdentity>();  // names no file
    return std::optional(identity);
  }
  out_.Tell(DumpLine("header")
                .Number("offset", 0)
                .Number("version", header->version)
                .Text("database", FormatDatabaseId(header->identity.database))
                .Number("number", header->identity.number)
                .Number("created_micros", header->created_micros));
  const std::string& path = file_.path();
  const std::string name = path.substr(path.rfind('/') + 1);
  const auto parsed = ParseFileName(name);
  if (parsed && parsed->type == FileType::kManifest && parsed->number != header->identity.number) {
    out_.Problem("header", kNumberAt,
                 fmt::format("file number: expected {} as in the name, found {}", parsed->number,
                             header->identity.number));
  }
  return std::optional(header->identity);
}

Status Dumper::DumpRecords(const FileIdentity& identity) {
  ASSIGN_OR_RETURN(RecordReader reader, RecordReader::Open(file_, identity, kFileHeaderSize));
  Record record;
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, reader.Next(record));
    if (found) {
      DumpRecord(record, reader.header());
      if (at_ == records_) DumpVersion(builder_);
      ++records_;
      continue;
    }
    ASSIGN_OR_RETURN(const bool more, DumpStop(reader));
    if (!more) break;
  }
  if (intact_ && added_up_ < promised_) {
    Problem(reader.offset(),
            fmt::format("the snapshot is incomplete: expected {} records, found {}", promised_,
                        added_up_));
  }
  if (!at_) DumpVersion(std::move(builder_));
  return OkStatus();
}

Result<bool> Dumper::DumpStop(RecordReader& reader) {
  const RecordStop stop = reader.stop();
  if (stop.offset == size_) return false;
  Problem(stop.offset, stop.message);
  const std::uint64_t behind = stop.offset + kRecordAlignment;
  if (behind >= size_) return false;
  const auto next = reader.FindNextValid(behind);
  if (!next.ok()) {
    if (next.error().code() != Code::kCorruption) return next.error();
    Problem(stop.offset, next.error().message());
    return false;
  }
  if (!*next) {
    out_.Tell(DumpLine("end")
                  .Number("offset", stop.offset)
                  .Number("unused_bytes", size_ - stop.offset)
                  .Words("what", "no valid record: a torn edit, if the writer died"));
    return false;
  }
  out_.Tell(DumpLine("next")
                .Number("offset", **next)
                .Number("lost_bytes", **next - stop.offset)
                .Words("what", "later edits do not add up"));
  intact_ = false;
  return true;
}

void Dumper::DumpRecord(const Record& record, const RecordHeader& header) {
  const char* type = record.type == RecordType::kManifestSnapshot ? "snapshot"
                     : record.type == RecordType::kManifestEdit   ? "edit"
                                                                  : "batch";
  Show(DumpLine("record")
           .Number("index", records_)
           .Number("offset", record.offset)
           .Text("type", type)
           .Number("payload_bytes", header.length)
           .Checksum("checksum", header.checksum));
  if (record.type == RecordType::kManifestSnapshot) {
    DumpSnapshot(record);
  } else {
    DumpEditRecord(record);
  }
}

void Dumper::DumpSnapshot(const Record& record) {
  const auto snapshot = DecodeSnapshot(record.payload);
  if (!snapshot.ok()) {
    Problem(record.offset, "payload: " + snapshot.error().message());
    intact_ = false;
    return;
  }
  if (record.offset != kFileHeaderSize) Problem(record.offset, "a snapshot must stand first");
  Show(DumpLine::PartOf("order")
           .Bytes("comparator", snapshot->comparator)
           .Number("levels", snapshot->levels)
           .Number("records", snapshot->records));
  if (const Status known = CheckSnapshot(*snapshot); !known.ok()) {
    Problem(record.offset, known.error().message());
  }
  promised_ = snapshot->records;
  DumpEdit(snapshot->edit);
  AddUp(snapshot->edit, record.offset);
}

void Dumper::DumpEditRecord(const Record& record) {
  const auto edit = record.type == RecordType::kManifestEdit
                        ? DecodeVersionEdit(record.payload)
                        : Error(Code::kCorruption,
                                "record type: expected 2 or 3 in a MANIFEST, found 1, of a log");
  if (!edit.ok()) {
    Problem(record.offset, "payload: " + edit.error().message());
    intact_ = false;
    return;
  }
  DumpEdit(*edit);
  if (intact_ && added_up_ == 0) {
    Problem(record.offset, "an edit stands first, expected a snapshot");
    intact_ = false;
  }
  AddUp(*edit, record.offset);
}

DumpLine NumbersLine(const VersionEdit& edit) {
  DumpLine line = DumpLine::PartOf("set");
  if (edit.log_number) line.Number("log_number", *edit.log_number);
  if (edit.next_file_number) line.Number("next_file_number", *edit.next_file_number);
  if (edit.last_seqno) line.Number("last_seqno", *edit.last_seqno);
  if (edit.durable_index) line.Number("durable_index", *edit.durable_index);
  return line;
}

DumpLine TableLine(std::string_view label, int level, const FileMetadata& file) {
  DumpLine line = DumpLine::PartOf(label);
  line.Number("level", static_cast<std::uint64_t>(level))
      .Number("table", file.number)
      .Number("bytes", file.size)
      .Number("entries", file.entries)
      .Number("tombstones", file.tombstones)
      .Number("distinct_keys", file.distinct_keys)
      .Number("smallest_seqno", file.smallest_seqno)
      .Number("largest_seqno", file.largest_seqno)
      .Bytes("smallest", file.smallest)
      .Bytes("largest", file.largest)
      .Checksum("table_checksum", file.checksum);
  if (file.range_tombstones > 0) line.Number("range_tombstones", file.range_tombstones);
  if (file.origin.has_value()) {
    line.Number("base_seqno", file.origin->base_seqno)
        .Text("origin", FormatDatabaseId(file.origin->identity.database))
        .Number("origin_number", file.origin->identity.number);
  }
  return line;
}

void Dumper::DumpEdit(const VersionEdit& edit) const {
  if (const DumpLine numbers = NumbersLine(edit); !numbers.values().empty()) Show(numbers);
  for (const auto& [level, number] : edit.removed) {
    Show(DumpLine::PartOf("remove")
             .Number("level", static_cast<std::uint64_t>(level))
             .Number("table", number));
  }
  for (const auto& [level, file] : edit.added) Show(TableLine("add", level, file));
}

void Dumper::AddUp(const VersionEdit& edit, std::uint64_t offset) {
  if (!intact_) return;
  const Status added = builder_.Apply(edit);
  if (!added.ok()) {
    Problem(offset, added.error().message());
    intact_ = false;
    added_up_ = 0;  // a part of the edit may be in the version
    return;
  }
  ++added_up_;
  last_index_ = records_;
}

void Dumper::DumpVersion(StateBuilder builder) const {
  if (added_up_ == 0) {
    out_.Tell(DumpLine("version").Words("what", "none: the records do not add up"));
    return;
  }
  const std::uint64_t next_file_number = builder.next_file_number();
  const ManifestState state = std::move(builder).Finish();
  DumpLine line("version");
  line.Number("index", last_index_)
      .Number("log_number", state.log_number)
      .Number("next_file_number", next_file_number)
      .Number("last_seqno", state.last_seqno)
      .Number("durable_index", state.durable_index);
  if (!intact_) line.Words("what", "before the damage");
  out_.Tell(line);
  for (int level = 0; level < kLevels; ++level) {
    const auto& files = state.version->levels[level];
    if (files.empty()) continue;
    out_.Tell(DumpLine::PartOf("level")
                  .Number("level", static_cast<std::uint64_t>(level))
                  .Number("tables", files.size())
                  .Number("bytes", state.version->LevelBytes(level)));
    for (const FileRef& file : files) out_.Tell(TableLine("live", level, *file));
  }
}

}  // namespace

Result<std::uint64_t> DumpManifest(FileSystem& fs, const std::string& path,
                                   const ManifestDumpOptions& options, const DumpSink& out) {
  ASSIGN_OR_RETURN(const std::unique_ptr<File> file, fs.Open(path, OpenMode::kRead));
  ASSIGN_OR_RETURN(const std::uint64_t size, file->Size());
  return Dumper(*file, size, options, out).Run();
}

}  // namespace beachdb
