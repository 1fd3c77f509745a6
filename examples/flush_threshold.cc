// When memory becomes files: a memtable that has grown to Options::write_buffer is written into a
// table, in the background, while writes go on into the next one. Leaves its database in ./sand.
#include <cstdio>
#include <string>

#include "beachdb/db.h"

namespace {

using beachdb::Code;
using beachdb::Db;
using beachdb::Error;
using beachdb::Status;

Status PutMany(Db& db, const char* prefix, int count) {
  const std::string value(1000, '.');
  for (int i = 0; i < count; ++i) {
    const beachdb::WriteOptions options = {.durability = beachdb::Durability::kBuffered};
    const std::string key = prefix + std::to_string(i);
    if (auto put = db.Put(key, value, options); !put.ok()) return put;
  }
  return beachdb::OkStatus();
}

void Print(const char* when, const beachdb::Stats& stats) {
  std::printf("%s: %llu KiB in memory, %llu flushes, %zu tables\n", when,
              static_cast<unsigned long long>(stats.memtable_bytes / 1024),
              static_cast<unsigned long long>(stats.flushes), stats.tables.size());
}

Status Fill() {
  // 256 KiB instead of 32 MiB, so that a few hundred records fill it.
  auto db = Db::Open("sand", {.write_buffer = 256u << 10});
  if (!db.ok()) return db.error();

  if (auto put = PutMany(*db, "a few ", 100); !put.ok()) return put;
  Print("below the threshold", db->GetStats());
  if (db->GetStats().flushes != 0) return Error(Code::kConflict, "flushed before it was full");

  if (auto put = PutMany(*db, "many ", 2000); !put.ok()) return put;
  Print("eight times over it", db->GetStats());

  // On request, without waiting for the threshold: it returns when the table is there.
  if (auto flushed = db->Flush(); !flushed.ok()) return flushed;
  const beachdb::Stats stats = db->GetStats();
  Print("after Flush", stats);
  if (stats.flushes < 4 || stats.tables.empty()) return Error(Code::kConflict, "too few flushes");
  return db->Close();
}

}  // namespace

int main() {
  const Status status = Fill();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
