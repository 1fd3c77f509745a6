#include "manifest/version.h"

#include <algorithm>
#include <string>

#include "base/strings.h"
#include "base/try.h"

namespace beachdb {

std::uint64_t Version::LevelBytes(int level) const {
  std::uint64_t bytes = 0;
  for (const FileRef& file : levels[level]) bytes += file->size;
  return bytes;
}

int Version::DeepestLevel() const {
  for (int level = kLevels - 1; level > 0; --level) {
    if (!levels[level].empty()) return level;
  }
  return 0;
}

std::vector<FileRef> Version::Overlapping(int level, const std::string_view* from,
                                          const std::string_view* to) const {
  const std::vector<FileRef>& files = levels[level];
  const auto below = [&](const FileRef& f) { return from != nullptr && f->largest < *from; };
  const auto not_above = [&](const FileRef& f) { return to == nullptr || f->smallest <= *to; };
  if (level == 0) {  // in order of age: every run may hold any key
    std::vector<FileRef> found;
    std::copy_if(files.begin(), files.end(), std::back_inserter(found),
                 [&](const FileRef& f) { return !below(f) && not_above(f); });
    return found;
  }
  const auto first = std::partition_point(files.begin(), files.end(), below);
  return {first, std::partition_point(first, files.end(), not_above)};
}

bool ComesBefore(int level, const FileMetadata& a, const FileMetadata& b) {
  return level == 0 ? a.largest_seqno > b.largest_seqno : a.smallest < b.smallest;
}

Status CheckNeighbours(int level, const FileMetadata& first, const FileMetadata& second) {
  const bool disjoint =
      level == 0 ? first.smallest_seqno > second.largest_seqno : first.largest < second.smallest;
  if (disjoint) return OkStatus();
  std::string what = "level " + std::to_string(level) + ": tables " + std::to_string(first.number) +
                     " and " + std::to_string(second.number);
  if (level == 0) {
    what += " overlap in seqnos: " + std::to_string(first.smallest_seqno) + ".." +
            std::to_string(first.largest_seqno) + " and " + std::to_string(second.smallest_seqno) +
            ".." + std::to_string(second.largest_seqno) + "; the newest run stands first";
  } else {
    what += " overlap: the first ends at \"" + EscapeBytes(first.largest) +
            "\", the second begins at \"" + EscapeBytes(second.smallest) + "\"";
  }
  return Error(Code::kCorruption, std::move(what));
}

Status CheckVersion(const Version& version) {
  for (int level = 0; level < kLevels; ++level) {
    const std::vector<FileRef>& files = version.levels[level];
    for (std::size_t i = 1; i < files.size(); ++i) {
      RETURN_IF_ERROR(CheckNeighbours(level, *files[i - 1], *files[i]));
    }
  }
  return OkStatus();
}

}  // namespace beachdb
