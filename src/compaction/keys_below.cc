#include "compaction/keys_below.h"

namespace beachdb {

KeysBelow::KeysBelow(const Version& version, int level) {
  for (int deeper = level + 1; deeper < kLevels; ++deeper) {
    const std::vector<FileRef>& files = version.levels[deeper];
    if (!files.empty()) levels_.push_back({files});
  }
}

}  // namespace beachdb
