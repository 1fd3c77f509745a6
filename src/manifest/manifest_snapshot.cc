#include "manifest/manifest_snapshot.h"

#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "manifest/edit_fields.h"

namespace beachdb {

namespace {

constexpr std::size_t kMaxComparatorName = 64;  // bytes

Status TakeSnapshotField(FieldReader& in, ManifestSnapshot& out) {
  switch (in.tag()) {
    case edit_tag::kComparator:
      if (!out.comparator.empty()) return in.Damage("comparator is there twice");
      out.comparator = in.contents();
      if (out.comparator.empty() || out.comparator.size() > kMaxComparatorName) {
        return in.Damage("comparator name of " + std::to_string(out.comparator.size()) +
                         " bytes, want 1 to " + std::to_string(kMaxComparatorName));
      }
      return OkStatus();
    case edit_tag::kLevelCount:
      return in.OnlyVarint("level count", out.levels != 0, out.levels);
    case edit_tag::kRecordCount:
      return in.OnlyVarint("record count", out.records != 0, out.records);
    default:
      return TakeEditField(in, out.edit);
  }
}

}  // namespace

std::vector<std::string> EncodeSnapshot(const ManifestState& state, std::uint64_t next_file_number,
                                        std::size_t record_bytes) {
  // The tables, cut into edits. The first also carries the numbers.
  std::vector<std::string> parts;
  VersionEdit part;
  part.log_number = state.log_number;
  part.next_file_number = next_file_number;
  part.last_seqno = state.last_seqno;
  part.durable_index = state.durable_index;
  std::size_t part_bytes = 0;
  for (int level = 0; level < kLevels; ++level) {
    for (const FileRef& file : state.version->levels[level]) {
      part.added.push_back({level, *file});
      part_bytes += sizeof(FileMetadata) + file->smallest.size() + file->largest.size();
      if (part_bytes < record_bytes) continue;
      SortAdded(part);
      parts.push_back(EncodeVersionEdit(std::exchange(part, {})));
      part_bytes = 0;
    }
  }
  SortAdded(part);
  if (parts.empty() || !part.added.empty()) parts.push_back(EncodeVersionEdit(part));

  std::string head;
  PutField(head, edit_tag::kComparator, kComparatorName);
  PutVarintField(head, edit_tag::kLevelCount, kLevels);
  PutVarintField(head, edit_tag::kRecordCount, parts.size());
  parts.front().insert(0, head);
  return parts;
}

Result<ManifestSnapshot> DecodeSnapshot(std::string_view bytes) {
  ManifestSnapshot out{.comparator = "", .levels = 0, .records = 0, .edit = {}};
  FieldReader in(bytes);
  while (!in.AtEnd()) {
    RETURN_IF_ERROR(in.Next());
    RETURN_IF_ERROR(TakeSnapshotField(in, out));
  }
  const VersionEdit& edit = out.edit;
  if (out.comparator.empty() || out.levels == 0 || out.records == 0 || !edit.log_number ||
      !edit.next_file_number || !edit.last_seqno || !edit.durable_index) {
    return Error(
        Code::kCorruption,
        "a snapshot must have comparator, level count, record count, log number, next file "
        "number, last seqno and durable index; one is missing or zero");
  }
  if (!edit.removed.empty()) {
    return Error(Code::kCorruption, "a snapshot removes tables; it can only add");
  }
  return out;
}

Status CheckSnapshot(const ManifestSnapshot& snapshot) {
  if (snapshot.comparator != kComparatorName) {
    return Error(Code::kNotSupported, "keys are ordered by \"" + EscapeBytes(snapshot.comparator) +
                                          "\", this build orders by \"" +
                                          std::string(kComparatorName) + "\"");
  }
  if (snapshot.levels > kLevels) {
    return Error(Code::kNotSupported, "the tree has " + std::to_string(snapshot.levels) +
                                          " levels, this build knows " + std::to_string(kLevels));
  }
  return OkStatus();
}

}  // namespace beachdb
