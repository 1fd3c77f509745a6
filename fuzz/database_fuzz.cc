// Opens a database one of whose files was replaced, or changed in one place, by the input. It is
// refused, or shows nothing that was never written. One that is opened read-only shows what an
// ordinary opening shows, and changes nothing.
//
// The first byte chooses the file (log, table, MANIFEST, CURRENT, IDENTITY), and whether the rest
// replaces it or is laid over it at the offset that the next two bytes give.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "beachdb/db.h"
#include "sim/sim_disk.h"
#include "sim/sim_world.h"

namespace beachdb {
namespace {

// A database of two levels and a log, as the death of its process has left it.
struct Specimen {
  DiskImage image;
  std::vector<std::string> files;              // by the number that the input gives
  std::map<std::string, std::string> written;  // "key|value"
};

Options OptionsIn(Environment& world) {
  Options options;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;
  options.block_size = 256;
  options.log = [](LogLevel, std::string_view) {};
  options.environment = &world;
  return options;
}

Specimen MakeSpecimen() {
  Specimen specimen;
  SimDisk disk;
  std::uint64_t end = 0;
  {
    SimWorld world(disk, 1, SimWorld::Threads::kInline);
    auto db = Db::Open("/db", OptionsIn(world));
    CHECK(db.ok());
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 20; ++i) {
        const std::string key = "key" + std::to_string(i * 7 % 20);
        const std::string value = std::to_string(round) + std::string(10 + i, 'v');
        specimen.written[key + '|' + value] = value;
        CHECK(db->Put(key, value).ok());
      }
      if (round == 0) CHECK(db->CompactRange().ok());
      if (round == 1) CHECK(db->Flush().ok());
    }
    CHECK(db->Delete("key3").ok());
    end = disk.Mark();
    CHECK(db->Close().ok());
  }
  const DiskJournal journal = disk.TakeJournal();
  DiskHistory history(journal);
  history.AdvanceTo(end);
  specimen.image = history.Cut({DataFate::kKept, NameFate::kKept}, 1);
  for (const char* part : {".wal", ".sst", "MANIFEST", "CURRENT", "IDENTITY"}) {
    for (const auto& [path, bytes] : specimen.image.files) {
      if (path.find(part) != std::string::npos) specimen.files.push_back(path);
    }
  }
  CHECK(specimen.files.size() >= 5);
  return specimen;
}

void Use(Db& db, const Specimen& specimen) {
  static_cast<void>(db.Verify());
  Iterator it = db.NewIterator();
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    CHECK(specimen.written.contains(std::string(it.key()) + '|' + std::string(it.value())));
  }
  for (it.SeekToLast(); it.Valid(); it.Prev()) {
  }
  for (int i = 0; i < 20; ++i) {
    const std::string key = "key" + std::to_string(i);
    const auto value = db.Get(key);
    if (value.ok() && value->has_value()) CHECK(specimen.written.contains(key + '|' + **value));
  }
}

// What a scan shows; nullopt: it met damage.
std::optional<std::vector<std::string>> Scan(const Db& db) {
  std::vector<std::string> records;
  Iterator it = db.NewIterator();
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    records.push_back(std::string(it.key()) + '|' + std::string(it.value()));
  }
  if (!it.status().ok()) return std::nullopt;
  return records;
}

std::optional<std::vector<std::string>> TryReadOnly(SimDisk& disk, SimWorld& world,
                                                    const Specimen& specimen) {
  const std::uint64_t events = disk.event_count();
  std::optional<std::vector<std::string>> shown;
  {
    auto reader = Db::OpenReadOnly("/db", OptionsIn(world));
    if (reader.ok()) {
      Use(*reader, specimen);
      shown = Scan(*reader);
    }
  }
  CHECK(disk.event_count() == events);
  return shown;
}

}  // namespace
}  // namespace beachdb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace beachdb;
  static const Specimen specimen = MakeSpecimen();
  if (size < 3) return 0;
  const std::string path = specimen.files[data[0] / 2 % specimen.files.size()];
  const std::size_t offset = data[1] * 256u + data[2];
  const std::string bytes(data + 3, data + size);
  SimDisk disk(specimen.image);
  std::string contents = disk.Contents(path);
  if (data[0] % 2 == 0) {
    contents = bytes;
  } else {
    if (contents.size() < offset + bytes.size()) contents.resize(offset + bytes.size());
    contents.replace(offset, bytes.size(), bytes);
  }
  disk.SetContents(path, contents);
  SimWorld world(disk, 1, SimWorld::Threads::kInline);
  const auto read_only = TryReadOnly(disk, world, specimen);
  auto db = Db::Open("/db", OptionsIn(world));
  if (!db.ok()) {
    CHECK(!db.error().message().empty());
    return 0;
  }
  const auto shown = Scan(*db);
  if (shown.has_value() && read_only.has_value()) CHECK(*shown == *read_only);
  Use(*db, specimen);
  static_cast<void>(db->Put("key", "value"));
  static_cast<void>(db->Close());
  return 0;
}
