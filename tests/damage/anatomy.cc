#include "tests/damage/anatomy.h"

#include <algorithm>
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

bool Hits(const std::vector<Range>& damage, const std::string& file, std::uint64_t from,
          std::uint64_t to) {
  return std::any_of(damage.begin(), damage.end(), [&](const Range& range) {
    return range.file == file && range.from < to && from < range.to;
  });
}

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
  for (const auto& [name, bytes] : sample.image) {
    FilePlan& plan = files_[name];
    const auto parsed = ParseFileName(name);
    CHECK(parsed.has_value());
    const std::uint64_t number = parsed->number;
    std::uint64_t start = 0;
    if (parsed->type == FileType::kCurrent) plan.role = Role::kCurrent;
    if (parsed->type == FileType::kIdentity) plan.role = Role::kIdentity;
    if (parsed->type == FileType::kLock) plan.role = Role::kLock;
    if (parsed->type == FileType::kEvents) plan.role = Role::kEvents;
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
        piece.durable_seqno = entry->durable_seqno;
      }
      plan.pieces.push_back(piece);
    }
  }
}

const Model* Anatomy::OlderFor(const std::vector<Range>& damage) const {
  // Names of logs ascend with their numbers, so this is the order of commits.
  const Piece* first = nullptr;
  for (const auto& [file, plan] : files_) {
    if (plan.role != Role::kLog) continue;
    for (const Piece& piece : plan.pieces) {
      if (Hits(damage, file, piece.offset, piece.end)) {
        if (first == nullptr) first = &piece;
      } else if (first != nullptr && piece.durable_seqno >= first->first_seqno) {
        return nullptr;
      }
    }
  }
  return first == nullptr ? nullptr : &sample_.states.at(first->first_seqno - 1);
}

const char* Anatomy::WhyHarmless(const std::vector<Range>& damage) const {
  const char* why = nullptr;
  for (const Range& range : damage) {
    const std::uint64_t end = std::min(range.to, sample_.SizeOf(range.file) + 1);
    for (std::uint64_t at = range.from; at < end; ++at) {
      why = WhyHarmless(range.file, at);
      if (why == nullptr) return nullptr;
    }
  }
  return why;
}

const char* Anatomy::WhyHarmless(const std::string& file, std::uint64_t offset) const {
  const FilePlan& plan = files_.at(file);
  switch (plan.role) {
    case Role::kEvents:
      return "EVENTS.log: lines for people";
    case Role::kLock:
      return "LOCK: a line for people";
    case Role::kLeftover:
      return "a leftover that nothing names";
    case Role::kLog:
      if (plan.pieces.empty()) return "a log without a record";
      if (offset >= plan.pieces.back().end) return "the unused space of a log";
      return nullptr;
    case Role::kManifest:
      if (offset >= plan.pieces.back().end) return "behind the last edit of a MANIFEST";
      // All edits, for a cut; a flip in one that others follow is refused before anybody asks.
      if (offset >= plan.pieces.front().end) {
        return "an edit of a MANIFEST whose inputs are still there, and say the same";
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
