// Sorted input straight into tables: as a bulk load, and as a table file that was made elsewhere.
// Leaves its database in ./harvest.
#include <cstdio>
#include <string>
#include <vector>

#include "beachdb/db.h"

namespace {

using beachdb::BulkLoad;
using beachdb::Code;
using beachdb::Db;
using beachdb::Error;
using beachdb::IngestMode;
using beachdb::Status;
using beachdb::TableFileBuilder;

std::string Key(int i) {
  char key[16];
  std::snprintf(key, sizeof key, "shell%07d", i);
  return key;
}

// Nothing is seen before Commit; afterwards all of it is there, and durable.
Status Load(Db& db) {
  auto load = db.NewBulkLoad();
  if (!load.ok()) return load.error();
  for (int i = 0; i < 100'000; ++i) {
    if (auto added = load->Add(Key(i), "from the load"); !added.ok()) return added;
  }
  if (db.Get(Key(1))->has_value()) return Error(Code::kInvalidArgument, "seen too early");
  return load->Commit();
}

// Could be another process, on another machine: no database is needed to make a table.
Status MakeTable(const std::string& path) {
  auto table = TableFileBuilder::Create(path);
  if (!table.ok()) return table.error();
  for (int i = 50'000; i < 60'000; ++i) {
    if (auto added = table->Add(Key(i), "from outside"); !added.ok()) return added;
  }
  return table->Finish();
}

Status Run() {
  auto db = Db::Open("harvest");
  if (!db.ok()) return db.error();
  if (auto loaded = Load(*db); !loaded.ok()) return loaded;
  if (auto made = MakeTable("more.sst"); !made.ok()) return made;
  // The file becomes a part of the database; kCopy would leave it where it is.
  const std::vector<std::string> paths = {"more.sst"};
  if (auto taken = db->Ingest(paths, IngestMode::kMove); !taken.ok()) return taken;
  std::printf("%s: %s\n%s: %s\n", Key(1).c_str(), db->Get(Key(1))->value_or("none").c_str(),
              Key(55'000).c_str(), db->Get(Key(55'000))->value_or("none").c_str());
  // One record, whatever it deletes.
  if (auto deleted = db->DeleteRange(Key(0), Key(90'000)); !deleted.ok()) return deleted;
  int left = 0;
  {
    auto it = db->NewIterator();
    for (it.SeekToFirst(); it.Valid(); it.Next()) ++left;
    if (!it.status().ok()) return it.status();
  }
  std::printf("left: %d\n", left);
  return db->Close();
}

}  // namespace

int main() {
  const Status status = Run();
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
