// A snapshot keeps showing one state while the database goes on: two reads that must agree, made
// minutes apart. Leaves its database in ./tides.
#include <cstdio>
#include <string>

#include "beachdb/db.h"

namespace {

using beachdb::Code;
using beachdb::Db;
using beachdb::Error;
using beachdb::Status;

Status Expect(const Db& db, const beachdb::ReadOptions& options, const char* who,
              const std::string& want) {
  auto level = db.Get("level", options);
  if (!level.ok()) return level.error();
  const std::string found = level->value_or("gone");
  std::printf("%s: %s\n", who, found.c_str());
  return found == want ? beachdb::OkStatus() : Error(Code::kConflict, "expected " + want);
}

Status WatchTheTide() {
  auto db = Db::Open("tides");
  if (!db.ok()) return db.error();
  if (auto put = db->Put("level", "high"); !put.ok()) return put;
  {
    const beachdb::Snapshot at_high_tide = db->GetSnapshot();
    const beachdb::ReadOptions back_then = {.snapshot = &at_high_tide};

    if (auto put = db->Put("level", "low"); !put.ok()) return put;
    if (auto now = Expect(*db, {}, "now", "low"); !now.ok()) return now;
    if (auto then = Expect(*db, back_then, "snapshot", "high"); !then.ok()) return then;

    // Neither a deletion nor a compaction takes away what a snapshot can see.
    if (auto deleted = db->Delete("level"); !deleted.ok()) return deleted;
    if (auto compacted = db->CompactRange(); !compacted.ok()) return compacted;
    if (auto then = Expect(*db, back_then, "snapshot, compacted", "high"); !then.ok()) return then;

    // A database with a living snapshot does not close: it would pull the ground from under it.
    const Status busy = db->Close();
    if (busy.ok() || busy.error().code() != Code::kBusy) {
      return Error(Code::kConflict, "closing under a snapshot must be refused");
    }
    std::printf("closing: %s\n", busy.error().message().c_str());
  }
  return db->Close();
}

}  // namespace

int main() {
  const Status status = WatchTheTide();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
