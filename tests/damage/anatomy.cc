#include "tests/damage/anatomy.h"

#include <memory>
#include <set>

#include "base/check.h"
#include "format/current.h"
#include "format/file_names.h"
#include "format/identity.h"
#include "manifest/manifest_reader.h"
#include "record/record_reader.h"
#include "wal/log_format.h"

namespace beachdb {
namespace {

struct FoundRecord {
  std::string file;
  std::size_t index;
  std::uint64_t durable_seqno;
};

}  // namespace

Anatomy::Anatomy(const Sample& sample) : sample_(sample) {
  ImageFileSystem fs(sample.image);
  const auto database = DecodeIdentity(sample.Bytes("IDENTITY"));
  const auto manifest = DecodeCurrent(sample.Bytes("CURRENT"));
  CHECK(database.ok() && manifest.ok());
  const auto loaded = LoadManifest(fs, "db", *manifest, *database);
  CHECK(loaded.ok());
  std::set<std::uint64_t> tables;
  for (const auto& level : loaded->state.version->levels) {
    for (const FileRef& file : level) tables.insert(file->number);
  }
  std::vector<FoundRecord> found;
  for (const auto& [name, bytes] : sample.image) {
    FilePlan& plan = files_[name];
    const auto parsed = ParseFileName(name);
    CHECK(parsed.has_value());
    const std::uint64_t number = parsed->number;
    std::uint64_t start = 0;
    if (parsed->type == FileType::kCurrent) plan.role = Role::kCurrent;
    if (parsed->type == FileType::kIdentity) plan.role = Role::kIdentity;
    if (parsed->type == FileType::kLock) plan.role = Role::kLock;
    if (parsed->type == FileType::kTable && tables.contains(number)) plan.role = Role::kTable;
    if (parsed->type == FileType::kManifest && number == *manifest) {
      plan.role = Role::kManifest;
      start = kFileHeaderSize;
    }
    if (parsed->type == FileType::kLog && number >= loaded->state.log_number) {
      plan.role = Role::kLog;
      start = kLogDataStart;
    }
    if (start == 0) continue;
    const auto file = fs.Open(name, OpenMode::kRead, IoMode::kBuffered);
    CHECK(file.ok());
    auto reader = RecordReader::Open(**file, {*database, number}, start);
    CHECK(reader.ok());
    Record record;
    for (;;) {
      const auto more = reader->Next(record);
      CHECK(more.ok());
      if (!*more) break;
      Piece piece{.offset = record.offset, .end = reader->offset()};
      if (plan.role == Role::kLog) {
        const auto entry = ParseLogRecord(record.offset, record.payload);
        CHECK(entry.ok());
        piece.first_seqno = entry->first_seqno;
        found.push_back({name, plan.pieces.size(), entry->durable_seqno});
      }
      plan.pieces.push_back(piece);
    }
  }
  // Names of logs ascend with their numbers, so `found` is in the order of commits.
  std::uint64_t claimed = 0;
  for (auto it = found.rbegin(); it != found.rend(); ++it) {
    Piece& piece = files_.at(it->file).pieces[it->index];
    piece.vouched = claimed >= piece.first_seqno;
    claimed = std::max(claimed, it->durable_seqno);
  }
}

const Model* Anatomy::OlderFor(const std::string& file, std::uint64_t offset) const {
  const FilePlan& plan = files_.at(file);
  if (plan.role != Role::kLog) return nullptr;
  for (const Piece& piece : plan.pieces) {
    if (offset < piece.offset || offset >= piece.end) continue;
    return piece.vouched ? nullptr : &sample_.states.at(piece.first_seqno - 1);
  }
  return nullptr;
}

const Model* Anatomy::OlderForCut(const std::string& file, std::uint64_t size) const {
  const FilePlan& plan = files_.at(file);
  if (plan.role != Role::kLog) return nullptr;
  // Nothing behind the cut is left to vouch for it, unless it stands in a later log.
  for (const auto& [later, other] : files_) {
    if (later > file && other.role == Role::kLog && !other.pieces.empty()) return nullptr;
  }
  for (const Piece& piece : plan.pieces) {
    if (piece.end > size) return &sample_.states.at(piece.first_seqno - 1);
  }
  return nullptr;
}

const char* Anatomy::WhyHarmless(const std::string& file, std::uint64_t offset) const {
  const FilePlan& plan = files_.at(file);
  switch (plan.role) {
    case Role::kLock:
      return "LOCK: a line for people";
    case Role::kLeftover:
      return "a leftover that nothing names";
    case Role::kLog:
      if (plan.pieces.empty()) return "a log without a record";
      if (offset >= plan.pieces.back().end) return "the unused space of a log";
      return nullptr;
    case Role::kManifest:
      if (offset >= plan.pieces.back().offset && plan.pieces.size() > 1) {
        return "the last edit of a MANIFEST, when its tables are as good as those that it replaced";
      }
      return nullptr;
    case Role::kCurrent:
    case Role::kIdentity:
    case Role::kTable:
      return nullptr;
  }
  return nullptr;
}

}  // namespace beachdb
