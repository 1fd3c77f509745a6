// Backups while a program goes on writing: each costs what has changed, any of them can be
// restored, and old ones are pruned. Leaves the database in ./diary, its backups in
// ./diary-backups, and a restored one in ./diary-of-monday.
#include "beachdb/backup.h"

#include <cstdio>
#include <string>

#include "beachdb/db.h"

namespace {

using beachdb::Code;
using beachdb::Db;
using beachdb::Error;
using beachdb::Status;

constexpr const char* kBackups = "diary-backups";

Status BackUp(Db& db, const char* day) {
  auto made = beachdb::CreateBackup(db, kBackups);
  if (!made.ok()) return made.error();
  std::printf("%s: backup %llu, %llu files, %llu of them new\n", day,
              static_cast<unsigned long long>(made->id),
              static_cast<unsigned long long>(made->files),
              static_cast<unsigned long long>(made->new_files));
  return beachdb::OkStatus();
}

Status KeepADiary() {
  auto db = Db::Open("diary");
  if (!db.ok()) return db.error();
  // 1: the first backup holds everything.
  if (auto put = db->Put("monday", "found a conch"); !put.ok()) return put;
  if (auto backup = BackUp(*db, "monday"); !backup.ok()) return backup;
  // 2: the second shares with it what did not change.
  if (auto put = db->Put("tuesday", "lost the conch"); !put.ok()) return put;
  if (auto backup = BackUp(*db, "tuesday"); !backup.ok()) return backup;

  // A mistake; and the program may be gone, too: a restore needs the repository alone.
  if (auto deleted = db->Delete("monday"); !deleted.ok()) return deleted;
  if (auto closed = db->Close(); !closed.ok()) return closed;
  const Status restored = beachdb::RestoreBackup(kBackups, 1, "diary-of-monday");
  if (!restored.ok()) return restored;
  auto monday = Db::Open("diary-of-monday");
  if (!monday.ok()) return monday.error();
  auto entry = monday->Get("monday");
  if (!entry.ok()) return entry.error();
  std::printf("restored: %s\n", entry->value_or("nothing").c_str());
  if (*entry != "found a conch") return Error(Code::kConflict, "that was not in the diary");

  // Every byte of every backup is checked; then only the newest is kept.
  auto report = beachdb::VerifyBackups(kBackups);
  if (!report.ok()) return report.error();
  for (const std::string& problem : report->problems) std::printf("damaged: %s\n", problem.c_str());
  auto pruned = beachdb::PruneBackups(kBackups, 1);
  if (!pruned.ok()) return pruned.error();
  std::printf("%zu problems; pruned %zu backup, kept %llu\n", report->problems.size(),
              pruned->removed.size(), static_cast<unsigned long long>(pruned->kept));
  return monday->Close();
}

}  // namespace

int main() {
  const Status status = KeepADiary();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
