#include "compaction/keys_below.h"

#include <algorithm>

namespace beachdb {

KeysBelow::KeysBelow(const Version& version, int level) {
  for (int deeper = level + 1; deeper < kLevels; ++deeper) {
    const std::vector<FileRef>& files = version.levels[deeper];
    if (!files.empty()) levels_.push_back({files});
  }
}

bool KeysBelow::MayHold(std::string_view begin, std::string_view end) const {
  return std::any_of(levels_.begin(), levels_.end(), [&](const Level& level) {
    const auto file = std::partition_point(level.files.begin(), level.files.end(),
                                           [&](const FileRef& f) { return f->largest < begin; });
    return file != level.files.end() && (*file)->smallest <= end;
  });
}

}  // namespace beachdb
