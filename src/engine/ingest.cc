#include "engine/ingest.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/failpoint.h"
#include "base/strings.h"
#include "base/try.h"
#include "compaction/table_writer.h"
#include "format/file_names.h"
#include "sstable/table.h"
#include "sstable/table_file_writer.h"

namespace beachdb {
namespace {

constexpr std::size_t kCopyPiece = 1u << 20;  // bytes

struct Candidate {
  std::string path;
  FileMetadata file;
};

// Opens the table by the identity that it claims, and believes nothing else.
Result<Candidate> Examine(EngineContext& context, const std::string& path) {
  ASSIGN_OR_RETURN(auto file, context.fs.Open(path, OpenMode::kRead));
  char bytes[kFileHeaderSize];
  RETURN_IF_ERROR(ReadExactly(*file, 0, bytes).WithContext(path + ": header: "));
  auto header = DecodeFileHeader({bytes, sizeof bytes}, kTableMagic);
  if (!header.ok()) return header.error().WithContext(path + ": ");
  ASSIGN_OR_RETURN(const auto table,
                   Table::Open(std::move(file), header->identity, 0, context.blocks, nullptr));
  const TableProperties& properties = table->properties();
  if (properties.job.origin != TableOrigin::kIngest || properties.largest_seqno != 0 ||
      properties.range_tombstones != 0) {
    return Error(Code::kInvalidArgument,
                 path +
                     ": it is a table of a database, not made for others: export and load it, "
                     "or use a checkpoint");
  }
  Table::VerifyResult found = table->Verify();
  if (!found.problems.empty()) return Error(Code::kCorruption, found.problems.front());
  ASSIGN_OR_RETURN(const std::uint64_t size, context.fs.FileSize(path));
  Candidate candidate{
      .path = path,
      .file = MetadataOf(
          0, {.properties = properties, .file_size = size, .file_checksum = found.file_checksum})};
  candidate.file.origin = FileOrigin{.identity = header->identity};
  return candidate;
}

Status CheckDisjoint(std::vector<Candidate>& candidates) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.file.smallest < b.file.smallest;
  });
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    const Candidate& left = candidates[i - 1];
    const Candidate& right = candidates[i];
    if (left.file.largest < right.file.smallest) continue;
    return Error(Code::kInvalidArgument,
                 left.path + " and " + right.path + " overlap at key '" +
                     EscapeBytes(right.file.smallest) +
                     "': which of them is newer? Ingest them one after the other");
  }
  return OkStatus();
}

Status Copy(EngineContext& context, const Candidate& candidate, const std::string& to) {
  ASSIGN_OR_RETURN(auto from, context.fs.Open(candidate.path, OpenMode::kRead));
  ASSIGN_OR_RETURN(auto file, context.fs.Open(to, OpenMode::kCreate));
  TableFileWriter writer(std::move(file));
  std::string piece;
  for (std::uint64_t offset = 0; offset < candidate.file.size; offset += piece.size()) {
    piece.resize(std::min<std::uint64_t>(kCopyPiece, candidate.file.size - offset));
    RETURN_IF_ERROR(ReadExactly(*from, offset, piece).WithContext(candidate.path + ": "));
    RETURN_IF_ERROR(writer.Append(piece));
  }
  RETURN_IF_ERROR(writer.Finish());
  if (writer.checksum() == candidate.file.checksum) return OkStatus();
  return Error(Code::kCorruption, candidate.path + ": it changed while it was being copied");
}

// A second name. Whoever made the file may not have synced it.
Status Link(EngineContext& context, const Candidate& candidate, const std::string& to) {
  // FAILPOINT: ingest_link
  RETURN_IF_ERROR(Step("ingest_link", [&] { return context.fs.Link(candidate.path, to); }));
  ASSIGN_OR_RETURN(auto file, context.fs.Open(to, OpenMode::kRead));
  // FAILPOINT: ingest_sync
  return SyncStep("ingest_sync", [&] { return file->Sync(); });
}

}  // namespace

NewFiles::~NewFiles() {
  for (const std::uint64_t number : numbers_) {
    // What cannot be removed now is an orphan, which the next opening removes.
    // FAILPOINT: ingest_discard
    static_cast<void>(Step("ingest_discard", [&] {
      return context_.fs.RemoveFile(JoinPath(context_.directory, TableName(number)));
    }));
  }
}

Result<std::vector<FileMetadata>> PrepareIngest(EngineContext& context, LsmTree& tree,
                                                std::span<const std::string> paths, IngestMode mode,
                                                NewFiles& made) {
  std::vector<Candidate> candidates;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(Candidate candidate, Examine(context, path));
    candidates.push_back(std::move(candidate));
  }
  RETURN_IF_ERROR(CheckDisjoint(candidates));
  std::vector<FileMetadata> files;
  for (Candidate& candidate : candidates) {
    candidate.file.number = tree.NewFileNumber();
    const std::string to = JoinPath(context.directory, TableName(candidate.file.number));
    made.Add(candidate.file.number);
    RETURN_IF_ERROR(mode == IngestMode::kMove ? Link(context, candidate, to)
                                              : Copy(context, candidate, to));
    files.push_back(std::move(candidate.file));
  }
  // FAILPOINT: ingest_directory_sync
  RETURN_IF_ERROR(SyncStep("ingest_directory_sync",
                           [&] { return context.fs.SyncDirectory(context.directory); }));
  return files;
}

}  // namespace beachdb
