#include "manifest/version_builder.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/try.h"

namespace beachdb {

VersionBuilder::VersionBuilder(const Version& base) : version_(base) {
  for (int level = 0; level < kLevels; ++level) {
    for (const FileRef& file : version_.levels[level]) {
      live_.emplace(file->number, Live{level, file.get()});
    }
  }
}

Status VersionBuilder::Apply(const VersionEdit& edit) {
  for (const auto& removed : edit.removed) RETURN_IF_ERROR(Remove(removed));
  for (const auto& added : edit.added) RETURN_IF_ERROR(Add(added));
  return OkStatus();
}

Status VersionBuilder::Remove(const VersionEdit::Removed& removed) {
  const auto live = live_.find(removed.number);
  if (live == live_.end() || live->second.level != removed.level) {
    const std::string where = live == live_.end()
                                  ? "it is in no level"
                                  : "it is in level " + std::to_string(live->second.level);
    return Error(Code::kCorruption, "table " + std::to_string(removed.number) +
                                        " is removed from level " + std::to_string(removed.level) +
                                        ", but " + where);
  }
  const auto place = PlaceOf(removed.level, *live->second.file);
  CHECK((*place)->number == removed.number);
  live_.erase(live);
  version_.levels[removed.level].erase(place);
  return OkStatus();
}

Status VersionBuilder::Add(const VersionEdit::Added& added) {
  const auto live = live_.find(added.file.number);
  if (live != live_.end()) {
    return Error(Code::kCorruption, "table " + std::to_string(added.file.number) +
                                        " is added to level " + std::to_string(added.level) +
                                        ", but it is in level " +
                                        std::to_string(live->second.level));
  }
  auto file = std::make_shared<const FileMetadata>(added.file);
  std::vector<FileRef>& files = version_.levels[added.level];
  const auto place = PlaceOf(added.level, *file);
  if (place != files.begin()) {
    RETURN_IF_ERROR(CheckNeighbours(added.level, **std::prev(place), *file));
  }
  if (place != files.end()) RETURN_IF_ERROR(CheckNeighbours(added.level, *file, **place));
  live_.emplace(file->number, Live{added.level, file.get()});
  files.insert(place, std::move(file));
  return OkStatus();
}

std::vector<FileRef>::iterator VersionBuilder::PlaceOf(int level, const FileMetadata& file) {
  std::vector<FileRef>& files = version_.levels[level];
  return std::partition_point(files.begin(), files.end(),
                              [&](const FileRef& f) { return ComesBefore(level, *f, file); });
}

VersionRef VersionBuilder::Finish() && {
  return std::make_shared<const Version>(std::move(version_));
}

}  // namespace beachdb
