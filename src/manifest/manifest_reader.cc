#include "manifest/manifest_reader.h"

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "base/try.h"
#include "format/file_names.h"
#include "manifest/manifest_snapshot.h"
#include "record/record_reader.h"

namespace beachdb {

namespace {

Status CheckHeader(File& file, const FileIdentity& want) {
  std::array<char, kFileHeaderSize> bytes{};
  ASSIGN_OR_RETURN(const std::size_t size, file.ReadAt(0, bytes));
  const auto header = CheckFileHeader(std::string_view(bytes.data(), size), kManifestMagic, want);
  if (!header.ok()) return header.error().WithContext(file.path() + ": ");
  return OkStatus();
}

Status ApplyRecord(const Record& record, std::uint64_t index, StateBuilder& builder,
                   std::uint64_t& snapshot_records) {
  if (index == 0) {
    if (record.type != RecordType::kManifestSnapshot) {
      return Error(Code::kCorruption, "the first record must be a snapshot, found type " +
                                          std::to_string(static_cast<int>(record.type)));
    }
    ASSIGN_OR_RETURN(const ManifestSnapshot snapshot, DecodeSnapshot(record.payload));
    RETURN_IF_ERROR(CheckSnapshot(snapshot));
    snapshot_records = snapshot.records;
    return builder.Apply(snapshot.edit);
  }
  if (record.type != RecordType::kManifestEdit) {
    return Error(Code::kCorruption, "only edits may follow the snapshot, found type " +
                                        std::to_string(static_cast<int>(record.type)));
  }
  ASSIGN_OR_RETURN(const VersionEdit edit, DecodeVersionEdit(record.payload));
  return builder.Apply(edit);
}

// What is wrong behind the last good record; empty: nothing. An edit is synced before the next is
// begun, so one that was cut off by a crash has nothing valid behind it; and the snapshot was
// synced as a whole before CURRENT named the file, so a crash cannot tear it.
Result<std::string> JudgeTail(RecordReader& reader, std::uint64_t records,
                              std::uint64_t snapshot_records) {
  const RecordStop stop = reader.stop();
  if (records == 0 || records < snapshot_records) {
    return Error(Code::kCorruption,
                 stop.message + "; the snapshot that every MANIFEST begins with is incomplete (" +
                     std::to_string(records) + " of " +
                     (records == 0 ? "its" : std::to_string(snapshot_records)) +
                     " records): restore the file from a backup");
  }
  if (stop.offset == reader.file_size()) return std::string();
  const std::uint64_t next_place = stop.offset + kRecordAlignment;
  if (next_place < reader.file_size()) {
    ASSIGN_OR_RETURN(const auto next, reader.FindNextValid(next_place));
    if (next) {
      return Error(Code::kCorruption, stop.message + "; a valid record follows at offset " +
                                          std::to_string(*next) +
                                          ", so this is damage, not a torn end: restore the file "
                                          "from a backup");
    }
  }
  return stop.message;
}

}  // namespace

Result<LoadedManifest> LoadManifest(FileSystem& fs, const std::string& directory,
                                    std::uint64_t number, const DatabaseId& database) {
  return LoadManifestFile(fs, JoinPath(directory, ManifestName(number)), {database, number});
}

Result<LoadedManifest> LoadManifestFile(FileSystem& fs, const std::string& path,
                                        const FileIdentity& identity) {
  ASSIGN_OR_RETURN(const std::unique_ptr<File> file, fs.Open(path, OpenMode::kRead));
  RETURN_IF_ERROR(CheckHeader(*file, identity));
  ASSIGN_OR_RETURN(RecordReader reader, RecordReader::Open(*file, identity, kFileHeaderSize));

  StateBuilder builder;
  LoadedManifest loaded;
  std::uint64_t snapshot_records = 0;
  Record record;
  for (;; ++loaded.records) {
    ASSIGN_OR_RETURN(const bool found, reader.Next(record));
    if (!found) break;
    RETURN_IF_ERROR(
        ApplyRecord(record, loaded.records, builder, snapshot_records)
            .WithContext(path + ": record at offset " + std::to_string(record.offset) + ": "));
  }
  loaded.end = reader.stop().offset;
  ASSIGN_OR_RETURN(loaded.torn, JudgeTail(reader, loaded.records, snapshot_records));
  RETURN_IF_ERROR(CheckVersion(builder.version()).WithContext(path + ": "));
  loaded.next_file_number = builder.next_file_number();
  loaded.state = std::move(builder).Finish();
  return loaded;
}

}  // namespace beachdb
