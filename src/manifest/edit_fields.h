// The fields of a manifest record, shared by edits and snapshots. Their contents are specified in
// docs/formats/manifest.md; the syntax around them is in field_reader.h.
//
// All tags are even: a build that does not know one must refuse the file. The next free one is 22.
// Odd tags are free for notes that an older build may skip.
#pragma once

#include <cstdint>

#include "beachdb/result.h"
#include "manifest/field_reader.h"
#include "manifest/version_edit.h"

namespace beachdb {

namespace edit_tag {
// In the snapshot record only.
inline constexpr std::uint32_t kComparator = 2;
inline constexpr std::uint32_t kLevelCount = 4;
inline constexpr std::uint32_t kRecordCount = 6;
// In snapshots and edits.
inline constexpr std::uint32_t kLogNumber = 8;
inline constexpr std::uint32_t kNextFileNumber = 10;
inline constexpr std::uint32_t kLastSeqno = 12;
inline constexpr std::uint32_t kDurableIndex = 14;
inline constexpr std::uint32_t kRemoved = 16;
inline constexpr std::uint32_t kAdded = 18;
inline constexpr std::uint32_t kAddedWithMore = 20;
}  // namespace edit_tag

// Adds the field that `in` stands on to the edit.
Status TakeEditField(FieldReader& in, VersionEdit& edit);

}  // namespace beachdb
