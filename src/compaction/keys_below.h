// Whether anything of a key lies in the levels below a compaction: a tombstone may go only if not.
//
// Asked for ascending keys it walks along the files of each level, so a question costs a comparison
// or two per level.
//
// Valid for as long as the compaction runs, although the version grows old meanwhile: what another
// compaction brings into deeper levels comes from levels that count here too, or from files of the
// output level that this compaction does not overlap.
//
// Thread safety: none. Lifetime: keeps the files' metadata. Technique: LevelDB's IsBaseLevelForKey.
#pragma once

#include <string_view>
#include <vector>

#include "manifest/version.h"

namespace beachdb {

class KeysBelow {
 public:
  // Of the levels deeper than `level`.
  KeysBelow(const Version& version, int level);

  // False: no version of `key` is there. REQUIRES: keys come in ascending order.
  bool MayHold(std::string_view key) {
    for (Level& level : levels_) {
      while (level.next < level.files.size() && level.files[level.next]->largest < key) {
        ++level.next;
      }
      if (level.next < level.files.size() && level.files[level.next]->smallest <= key) return true;
    }
    return false;
  }

  // False: no version of any key in [begin, end] is there. In any order.
  bool MayHold(std::string_view begin, std::string_view end) const;

 private:
  struct Level {
    std::vector<FileRef> files;
    std::size_t next = 0;  // the first file that does not lie wholly before the last key
  };
  std::vector<Level> levels_;
};

}  // namespace beachdb
