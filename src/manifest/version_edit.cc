#include "manifest/version_edit.h"

#include <algorithm>

#include "base/coding.h"
#include "base/strings.h"
#include "base/try.h"
#include "beachdb/options.h"
#include "manifest/edit_fields.h"
#include "manifest/version.h"

namespace beachdb {

namespace {

void PutRemoved(std::string& out, const VersionEdit::Removed& removed) {
  std::string contents;
  PutVarint32(contents, static_cast<std::uint32_t>(removed.level));
  PutVarint64(contents, removed.number);
  PutField(out, edit_tag::kRemoved, contents);
}

bool HasMore(const FileMetadata& file) {
  return file.range_tombstones != 0 || file.origin.has_value();
}

void PutAdded(std::string& out, const VersionEdit::Added& added) {
  const FileMetadata& file = added.file;
  std::string contents;
  PutVarint32(contents, static_cast<std::uint32_t>(added.level));
  PutVarint64(contents, file.number);
  PutVarint64(contents, file.size);
  PutFixed32(contents, file.checksum);
  PutVarint64(contents, file.entries);
  PutVarint64(contents, file.tombstones);
  PutVarint64(contents, file.distinct_keys);
  PutVarint64(contents, file.smallest_seqno);
  PutVarint64(contents, file.largest_seqno);
  PutLengthPrefixed(contents, file.smallest);
  PutLengthPrefixed(contents, file.largest);
  if (!HasMore(file)) {
    PutField(out, edit_tag::kAdded, contents);
    return;
  }
  PutVarint64(contents, file.range_tombstones);
  PutVarint64(contents, file.base_seqno());
  if (file.origin.has_value()) {
    const FileIdentity& identity = file.origin->identity;
    contents.append(identity.database.begin(), identity.database.end());
    PutVarint64(contents, identity.number);
  }
  PutField(out, edit_tag::kAddedWithMore, contents);
}

Status TakeLevel(FieldReader& in, int& level) {
  std::uint64_t number = 0;
  RETURN_IF_ERROR(in.TakeVarint("level", number));
  if (number >= kLevels) {
    return in.Damage("level " + std::to_string(number) + ", but levels go from 0 to " +
                     std::to_string(kLevels - 1));
  }
  level = static_cast<int>(number);
  return OkStatus();
}

Status TakeKey(FieldReader& in, std::string_view what, std::string& key) {
  RETURN_IF_ERROR(in.TakeLengthPrefixed(what, key));
  if (key.size() >= kMinKeySize && key.size() <= kMaxKeySize) return OkStatus();
  return in.Damage(std::string(what) + " has " + std::to_string(key.size()) +
                   " bytes, keys have 1 to " + std::to_string(kMaxKeySize));
}

Status CheckMetadata(const FieldReader& in, const FileMetadata& file) {
  if (file.number == 0) return in.Damage("file number 0");
  if (file.tombstones > file.entries) {
    return in.Damage(std::to_string(file.tombstones) + " tombstones among " +
                     std::to_string(file.entries) + " entries");
  }
  if (file.distinct_keys > file.entries) {
    return in.Damage(std::to_string(file.distinct_keys) + " distinct keys among " +
                     std::to_string(file.entries) + " entries");
  }
  if (file.smallest_seqno > file.largest_seqno || file.largest_seqno > kMaxSeqno) {
    return in.Damage("impossible seqno range " + std::to_string(file.smallest_seqno) + " to " +
                     std::to_string(file.largest_seqno));
  }
  if (file.smallest > file.largest) {
    return in.Damage("smallest key \"" + EscapeBytes(file.smallest) +
                     "\" is above the largest, \"" + EscapeBytes(file.largest) + "\"");
  }
  return OkStatus();
}

Status TakeRemoved(FieldReader& in, std::vector<VersionEdit::Removed>& out) {
  VersionEdit::Removed removed;
  RETURN_IF_ERROR(TakeLevel(in, removed.level));
  RETURN_IF_ERROR(in.TakeVarint("file number", removed.number));
  RETURN_IF_ERROR(in.Finish());
  if (removed.number == 0) return in.Damage("file number 0");
  out.push_back(removed);
  return OkStatus();
}

// What kAddedWithMore says beyond kAdded.
Status TakeMore(FieldReader& in, FileMetadata& file) {
  Seqno base_seqno = 0;
  RETURN_IF_ERROR(in.TakeVarint("range tombstones", file.range_tombstones));
  RETURN_IF_ERROR(in.TakeVarint("base seqno", base_seqno));
  if (base_seqno > file.smallest_seqno) {
    return in.Damage("base seqno " + std::to_string(base_seqno) + " above the smallest seqno " +
                     std::to_string(file.smallest_seqno));
  }
  if (base_seqno == 0) return OkStatus();
  FileOrigin& origin = file.origin.emplace();
  origin.base_seqno = base_seqno;
  for (unsigned char& byte : origin.identity.database) {
    RETURN_IF_ERROR(in.TakeByte("original database", byte));
  }
  return in.TakeVarint("original file number", origin.identity.number);
}

Status TakeAdded(FieldReader& in, std::vector<VersionEdit::Added>& out) {
  VersionEdit::Added added;
  FileMetadata& file = added.file;
  RETURN_IF_ERROR(TakeLevel(in, added.level));
  RETURN_IF_ERROR(in.TakeVarint("file number", file.number));
  RETURN_IF_ERROR(in.TakeVarint("size", file.size));
  RETURN_IF_ERROR(in.TakeFixed32("checksum", file.checksum));
  RETURN_IF_ERROR(in.TakeVarint("entries", file.entries));
  RETURN_IF_ERROR(in.TakeVarint("tombstones", file.tombstones));
  RETURN_IF_ERROR(in.TakeVarint("distinct keys", file.distinct_keys));
  RETURN_IF_ERROR(in.TakeVarint("smallest seqno", file.smallest_seqno));
  RETURN_IF_ERROR(in.TakeVarint("largest seqno", file.largest_seqno));
  RETURN_IF_ERROR(TakeKey(in, "smallest key", file.smallest));
  RETURN_IF_ERROR(TakeKey(in, "largest key", file.largest));
  if (in.tag() == edit_tag::kAddedWithMore) RETURN_IF_ERROR(TakeMore(in, file));
  RETURN_IF_ERROR(in.Finish());
  RETURN_IF_ERROR(CheckMetadata(in, file));
  out.push_back(std::move(added));
  return OkStatus();
}

Status TakeOnce(FieldReader& in, std::string_view what, std::optional<std::uint64_t>& out) {
  std::uint64_t value = 0;
  RETURN_IF_ERROR(in.OnlyVarint(what, out.has_value(), value));
  out = value;
  return OkStatus();
}

}  // namespace

void SortAdded(VersionEdit& edit) {
  std::stable_partition(edit.added.begin(), edit.added.end(),
                        [](const VersionEdit::Added& added) { return !HasMore(added.file); });
}

std::string EncodeVersionEdit(const VersionEdit& edit) {
  std::string out;
  if (edit.log_number) PutVarintField(out, edit_tag::kLogNumber, *edit.log_number);
  if (edit.next_file_number) PutVarintField(out, edit_tag::kNextFileNumber, *edit.next_file_number);
  if (edit.last_seqno) PutVarintField(out, edit_tag::kLastSeqno, *edit.last_seqno);
  if (edit.durable_index) PutVarintField(out, edit_tag::kDurableIndex, *edit.durable_index);
  for (const auto& removed : edit.removed) PutRemoved(out, removed);
  for (const auto& added : edit.added) PutAdded(out, added);
  return out;
}

Status TakeEditField(FieldReader& in, VersionEdit& edit) {
  switch (in.tag()) {
    case edit_tag::kLogNumber:
      return TakeOnce(in, "log number", edit.log_number);
    case edit_tag::kNextFileNumber:
      RETURN_IF_ERROR(TakeOnce(in, "next file number", edit.next_file_number));
      if (*edit.next_file_number > kMaxFileNumber) return in.Damage("next file number beyond 2^62");
      return OkStatus();
    case edit_tag::kLastSeqno:
      RETURN_IF_ERROR(TakeOnce(in, "last seqno", edit.last_seqno));
      if (*edit.last_seqno > kMaxSeqno) return in.Damage("last seqno beyond 56 bits");
      return OkStatus();
    case edit_tag::kDurableIndex:
      return TakeOnce(in, "durable index", edit.durable_index);
    case edit_tag::kRemoved:
      return TakeRemoved(in, edit.removed);
    case edit_tag::kAdded:
    case edit_tag::kAddedWithMore:
      return TakeAdded(in, edit.added);
    default:
      return in.Unknown();
  }
}

Result<VersionEdit> DecodeVersionEdit(std::string_view bytes) {
  VersionEdit edit;
  FieldReader in(bytes);
  while (!in.AtEnd()) {
    RETURN_IF_ERROR(in.Next());
    RETURN_IF_ERROR(TakeEditField(in, edit));
  }
  return edit;
}

}  // namespace beachdb
