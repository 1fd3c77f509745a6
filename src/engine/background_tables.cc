// Background::InstallTables: where tables from outside go, beside compactions that are running.
#include <algorithm>
#include <string_view>
#include <utility>

#include "base/failpoint.h"
#include "engine/background.h"

namespace beachdb {

int Background::LevelForLocked(const Version& version, const FileMetadata& table) const {
  const std::string_view smallest = table.smallest;
  const std::string_view largest = table.largest;
  int level = 0;
  for (int deeper = 0; deeper < kLevels; ++deeper) {
    if (!version.Overlapping(deeper, &smallest, &largest).empty()) break;
    const bool contested =
        std::any_of(writing_.begin(), writing_.end(), [&](const Writing& writing) {
          return writing.level == deeper && writing.smallest <= table.largest &&
                 table.smallest <= writing.largest;
        });
    if (!contested) level = deeper;
  }
  return level;
}

Status Background::InstallTables(const std::vector<FileMetadata>& tables, Seqno last_seqno) {
  const std::uint64_t started = context_.clock.MonotonicNanos();
  VersionEdit edit;
  edit.last_seqno = last_seqno;
  Event event{.kind = EventKind::kIngest, .output_level = 0};
  {
    MutexLock lock(mu_);
    ++installing_;  // until it is in, the picker does not know of it
    const VersionRef version = tree_.version();
    for (const FileMetadata& table : tables) {
      const int level = LevelForLocked(*version, table);
      edit.added.push_back({level, table});
      event.output_level = std::max(event.output_level, level);
      event.outputs.push_back(table.number);
      event.bytes_written += table.size;
      event.entries += table.entries;
    }
  }
  Status installed = ErrorPoint("ingest_publish_error");  // FAILPOINT: ingest_publish_error
  if (installed.ok()) installed = tree_.InstallEdit(std::move(edit));
  {
    MutexLock lock(mu_);
    --installing_;
    progress_.NotifyAll();
  }
  // What the manifest holds now is unknown, unless it was only the disk that was full.
  if (!installed.ok() && installed.error().code() != Code::kNoSpace) Poison(installed.error());
  Kick();
  if (!installed.ok()) return installed;
  CrashPoint("ingest_after_publish");  // FAILPOINT: ingest_after_publish
  NoteShape();
  Announce(std::move(event), started);
  return OkStatus();
}

}  // namespace beachdb
