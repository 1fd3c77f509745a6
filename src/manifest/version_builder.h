// Turns a version and a row of edits into the next version.
//
// Every edit is checked against what is there: a table that is removed must be there, one that is
// added must not, and its new neighbours must keep the invariants 1 and 2 of version.h. A new
// neighbour is the only way to break them, so looking at two files per addition checks the whole
// version.
//
// Thread safety: none.
// Errors: kCorruption naming the tables. After an error the builder is useless: drop it.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "beachdb/result.h"
#include "manifest/version.h"
#include "manifest/version_edit.h"

namespace beachdb {

class VersionBuilder {
 public:
  VersionBuilder() = default;
  explicit VersionBuilder(const Version& base);

  // Removals first, then additions: a table moves to another level within one edit.
  Status Apply(const VersionEdit& edit);

  const Version& version() const { return version_; }
  VersionRef Finish() &&;

 private:
  Status Remove(const VersionEdit::Removed& removed);
  Status Add(const VersionEdit::Added& added);

  // Where in its level a file stands, or belongs if it is not there: the first file that does not
  // come before it.
  std::vector<FileRef>::iterator PlaceOf(int level, const FileMetadata& file);

  struct Live {
    int level = 0;
    const FileMetadata* file = nullptr;  // owned by version_
  };

  Version version_;
  std::unordered_map<std::uint64_t, Live> live_;  // by table number
};

}  // namespace beachdb
