#include "manifest/manifest_dump.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
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
  Dumper(File& file, std::uint64_t size) : file_(file), size_(size) {}

  Result<ManifestDump> Run() {
    Line("{}: {} bytes", file_.path(), size_);
    ASSIGN_OR_RETURN(const auto identity, DumpHeader());
    if (identity) RETURN_IF_ERROR(DumpRecords(*identity));
    Line("{} problem{}", out_.problems, out_.problems == 1 ? "" : "s");
    return std::move(out_);
  }

 private:
  template <typename... Args>
  void Line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_.text), format, std::forward<Args>(args)...);
    out_.text += '\n';
  }
  void Problem(std::string_view what) {
    Line("problem  {}", what);
    ++out_.problems;
  }

  // nullopt: too short to have one, or nothing like one. A damaged header is read as it stands: if
  // its identity is right, the records behind it are readable.
  Result<std::optional<FileIdentity>> DumpHeader();
  Status DumpRecords(const FileIdentity& identity);
  // What stands where no record could be read. True: a valid one follows, and the reader is there.
  Result<bool> DumpStop(RecordReader& reader);
  Status DumpRecord(const Record& record);
  void DumpPayload(const Record& record);
  void DumpEdit(const VersionEdit& edit);
  void DumpTable(std::string_view what, int level, const FileMetadata& file);
  void AddUp(const VersionEdit& edit, std::uint64_t offset);
  void DumpVersion();

  File& file_;
  const std::uint64_t size_;
  ManifestDump out_;

  StateBuilder builder_;
  std::uint64_t added_up_ = 0;   // records that the version consists of
  std::uint64_t promised_ = 1;   // records of the snapshot
  std::uint64_t last_good_ = 0;  // offset of the last record that was added up
  bool intact_ = true;           // nothing was wrong before here, so edits still add up
};

Result<std::optional<FileIdentity>> Dumper::DumpHeader() {
  std::array<char, kFileHeaderSize> raw{};
  ASSIGN_OR_RETURN(const std::size_t read, file_.ReadAt(0, raw));
  const std::string_view bytes(raw.data(), read);
  const auto header = DecodeFileHeader(bytes, kManifestMagic);
  if (!header.ok()) {
    Problem("offset 0: " + header.error().message());
    if (read < kFileHeaderSize) return std::optional<FileIdentity>();
    intact_ = false;
    FileIdentity identity;
    std::memcpy(identity.database.data(), raw.data() + kDatabaseAt, identity.database.size());
    identity.number = LoadFixed64(raw.data() + kNumberAt);
    if (identity.number == 0) return std::optional<FileIdentity>();  // names no file
    return std::optional(identity);
  }
  Line("header   offset 0  format {}  database {}  file number {}  created {} us after 1970",
       header->version, FormatDatabaseId(header->identity.database), header->identity.number,
       header->created_micros);
  const std::string& path = file_.path();
  const std::string name = path.substr(path.rfind('/') + 1);
  const auto parsed = ParseFileName(name);
  if (parsed && parsed->type == FileType::kManifest && parsed->number != header->identity.number) {
    Problem(fmt::format("offset 40: file number: expected {} as in the name, found {}",
                        parsed->number, header->identity.number));
  }
  return std::optional(header->identity);
}

Status Dumper::DumpRecords(const FileIdentity& identity) {
  ASSIGN_OR_RETURN(RecordReader reader, RecordReader::Open(file_, identity, kFileHeaderSize));
  Record record;
  for (;;) {
    ASSIGN_OR_RETURN(const bool found, reader.Next(record));
    if (found) {
      RETURN_IF_ERROR(DumpRecord(record));
      continue;
    }
    ASSIGN_OR_RETURN(const bool more, DumpStop(reader));
    if (!more) break;
  }
  if (intact_ && added_up_ < promised_) {
    Problem(fmt::format("the snapshot is incomplete: {} of {} records", added_up_, promised_));
  }
  DumpVersion();
  return OkStatus();
}

Result<bool> Dumper::DumpStop(RecordReader& reader) {
  const RecordStop stop = reader.stop();
  if (stop.offset == size_) return false;
  Problem(stop.message);
  const std::uint64_t behind = stop.offset + kRecordAlignment;
  if (behind >= size_) return false;
  const auto next = reader.FindNextValid(behind);
  if (!next.ok()) {
    if (next.error().code() != Code::kCorruption) return next.error();
    Problem(next.error().message());
    return false;
  }
  if (!*next) {
    Line(
        "         no valid record in the {} bytes from here to the end: a torn edit, if the "
        "writer died",
        size_ - stop.offset);
    return false;
  }
  Line(
      "         the next valid record is at offset {}: {} bytes are lost, and later edits do not "
      "add up",
      **next, **next - stop.offset);
  intact_ = false;
  return true;
}

Status Dumper::DumpRecord(const Record& record) {
  std::array<char, kRecordHeaderSize> raw{};
  ASSIGN_OR_RETURN(const std::size_t read, file_.ReadAt(record.offset, raw));
  const std::uint32_t checksum = read == raw.size() ? LoadRecordHeader(raw.data()).checksum : 0;
  const char* type = record.type == RecordType::kManifestSnapshot ? "snapshot"
                     : record.type == RecordType::kManifestEdit   ? "edit"
                                                                  : "of a log";
  Line("record   offset {}  {}  payload {} bytes  checksum {:08x}", record.offset, type,
       record.payload.size(), checksum);
  DumpPayload(record);
  return OkStatus();
}

void Dumper::DumpPayload(const Record& record) {
  const std::string where = fmt::format("record at offset {}: ", record.offset);
  if (record.type == RecordType::kManifestSnapshot) {
    const auto snapshot = DecodeSnapshot(record.payload);
    if (!snapshot.ok()) {
      Problem(where + snapshot.error().message());
      intact_ = false;
      return;
    }
    if (record.offset != kFileHeaderSize) Problem(where + "a snapshot must stand first");
    Line("         comparator {}  levels {}  records of the snapshot {}",
         EscapeBytes(snapshot->comparator), snapshot->levels, snapshot->records);
    if (const Status known = CheckSnapshot(*snapshot); !known.ok()) {
      Problem(where + known.error().message());
    }
    promised_ = snapshot->records;
    DumpEdit(snapshot->edit);
    AddUp(snapshot->edit, record.offset);
    return;
  }
  const auto edit = record.type == RecordType::kManifestEdit
                        ? DecodeVersionEdit(record.payload)
                        : Error(Code::kCorruption, "not a record of a MANIFEST");
  if (!edit.ok()) {
    Problem(where + edit.error().message());
    intact_ = false;
    return;
  }
  DumpEdit(*edit);
  if (intact_ && added_up_ == 0) {
    Problem(where + "an edit stands first, expected a snapshot");
    intact_ = false;
  }
  AddUp(*edit, record.offset);
}

void Dumper::DumpEdit(const VersionEdit& edit) {
  if (edit.log_number) Line("         log number {}", *edit.log_number);
  if (edit.next_file_number) Line("         next file number {}", *edit.next_file_number);
  if (edit.last_seqno) Line("         last seqno {}", *edit.last_seqno);
  if (edit.durable_index) Line("         durable index {}", *edit.durable_index);
  for (const auto& [level, number] : edit.removed) {
    Line("         remove level {}  table {}", level, number);
  }
  for (const auto& [level, file] : edit.added) DumpTable("add   ", level, file);
}

void Dumper::DumpTable(std::string_view what, int level, const FileMetadata& file) {
  Line(
      "         {} level {}  table {}  {} bytes  {} entries  {} keys  {} tombstones  seqno {}..{}  "
      "\"{}\" .. \"{}\"  checksum {:08x}",
      what, level, file.number, file.size, file.entries, file.distinct_keys, file.tombstones,
      file.smallest_seqno, file.largest_seqno, EscapeBytes(file.smallest),
      EscapeBytes(file.largest), file.checksum);
}

void Dumper::AddUp(const VersionEdit& edit, std::uint64_t offset) {
  if (!intact_) return;
  const Status added = builder_.Apply(edit);
  if (!added.ok()) {
    Problem(fmt::format("record at offset {}: {}", offset, added.error().message()));
    intact_ = false;
    added_up_ = 0;  // a part of the edit may be in the version
    return;
  }
  ++added_up_;
  last_good_ = offset;
}

void Dumper::DumpVersion() {
  if (added_up_ == 0) {
    Line("version  none: the records do not add up");
    return;
  }
  const std::uint64_t next_file_number = builder_.next_file_number();
  const ManifestState state = std::move(builder_).Finish();
  Line("version  after the record at offset {}{}", last_good_,
       intact_ ? "" : ", before the damage");
  Line("         log number {}  next file number {}  last seqno {}  durable index {}",
       state.log_number, next_file_number, state.last_seqno, state.durable_index);
  for (int level = 0; level < kLevels; ++level) {
    const auto& files = state.version->levels[level];
    if (files.empty()) continue;
    Line("         level {}: {}", level, FormatBytes(state.version->LevelBytes(level)));
    for (const FileRef& file : files) DumpTable("  live", level, *file);
  }
}

}  // namespace

Result<ManifestDump> DumpManifest(FileSystem& fs, const std::string& path) {
  ASSIGN_OR_RETURN(const std::unique_ptr<File> file, fs.Open(path, OpenMode::kRead));
  ASSIGN_OR_RETURN(const std::uint64_t size, file->Size());
  return Dumper(*file, size).Run();
}

}  // namespace beachdb
