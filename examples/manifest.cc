// What lies in a database's directory, and which of it is alive: the MANIFEST knows. Looks the way
// a backup or a disk-usage tool would. Leaves its database in ./strand.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>

#include "beachdb/db.h"

namespace {

using beachdb::Code;
using beachdb::Db;
using beachdb::Error;
using beachdb::Status;

// docs/formats/README.md tells the rest.
const char* Meaning(const std::string& name) {
  if (name == "CURRENT") return "the name of the MANIFEST that counts";
  if (name == "IDENTITY") return "who this database is: files of another one are refused";
  if (name == "EVENTS.log") return "what the database did by itself, for people";
  if (name == "LOCK") return "held by the process that has the database open";
  if (name.starts_with("MANIFEST")) return "every change to the set of live tables, in order";
  if (name.ends_with(".sst")) return "a table: sorted records that never change again";
  if (name.ends_with(".wal")) return "a log: writes that are in no table yet";
  if (name.ends_with(".tmp")) return "half made: removed by the next opening";
  return "?";
}

Status MakeTables(Db& db) {
  for (const char* season : {"spring", "summer", "autumn"}) {
    if (auto put = db.Put(season, "driftwood"); !put.ok()) return put;
    if (auto flushed = db.Flush(); !flushed.ok()) return flushed;
  }
  return db.Put("winter", "ice");  // stays in the log
}

Status LookAround() {
  auto db = Db::Open("strand");
  if (!db.ok()) return db.error();
  if (auto made = MakeTables(*db); !made.ok()) return made;

  std::map<std::string, std::uintmax_t> files;
  for (const auto& entry : std::filesystem::directory_iterator("strand")) {
    std::error_code gone;  // a compaction may remove a file meanwhile
    const std::uintmax_t bytes = entry.file_size(gone);
    if (!gone) files[entry.path().filename()] = bytes;
  }
  for (const auto& [name, bytes] : files) {
    std::printf("%-20s %8ju bytes  %s\n", name.c_str(), bytes, Meaning(name));
    if (Meaning(name) == std::string("?")) return Error(Code::kConflict, "what is " + name + "?");
  }

  // The live tables, as the MANIFEST has them, with what each holds.
  const beachdb::Stats stats = db->GetStats();
  for (const beachdb::TableStats& table : stats.tables) {
    std::printf("table %06llu on level %d: \"%s\" to \"%s\"\n",
                static_cast<unsigned long long>(table.number), table.level,
                table.smallest_key.c_str(), table.largest_key.c_str());
  }
  if (stats.tables.empty()) return Error(Code::kConflict, "three flushes, and no table");
  return db->Close();
}

}  // namespace

int main() {
  const Status status = LookAround();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
