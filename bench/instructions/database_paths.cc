// Whole operations of a database, single-threaded: its background work runs before the counting
// begins (SimWorld, kInline), its files are real.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "beachdb/db.h"
#include "bench/instructions/path.h"
#include "format/file_names.h"
#include "io/file_system.h"
#include "sim/sim_world.h"

namespace beachdb::instructions {
namespace {

constexpr std::uint64_t kKeys = 60'000;
constexpr std::size_t kSmallBuffer = 256u << 10;  // holds about 1,500 records
constexpr std::size_t kLargeBuffer = 32u << 20;   // all of them
constexpr std::size_t kInMemTable = 500;
constexpr int kBottom = 6;  // the deepest level
constexpr WriteOptions kBuffered{.durability = Durability::kBuffered};

std::string ValueOf(const fixed::Key& key) {
  std::string value(kValueBytes, 'v');
  value.replace(0, fixed::kKeyBytes, key.view());
  return value;
}
bool IsValueOf(std::string_view value, std::string_view key) {
  return value.size() == kValueBytes && value.starts_with(key);
}

struct Database {
  Database(const std::string& directory, std::size_t write_buffer)
      : world(PosixFileSystem(), 1, SimWorld::Threads::kInline) {
    Options options;
    options.write_buffer = write_buffer;
    options.table_size = 256u << 10;
    options.compression = Compression::kNone;
    options.bottom_compression = Compression::kNone;
    options.environment = &world;
    auto opened = Db::Open(JoinPath(directory, "db"), options);
    CHECK(opened.ok());
    db.emplace(*std::move(opened));
  }

  void Put(const fixed::Key& key) {
    CHECK(db->Put(key.view(), ValueOf(key), kBuffered).ok());
    // Often, so that flushes and compactions see what they would see beside the writes.
    if (++puts % 256 == 0) world.RunTasks();
  }

  std::uint64_t TablesIn(int level) const {
    for (const LevelStats& stats : db->GetStats().levels) {
      if (stats.level == level) return stats.files;
    }
    return 0;
  }

  SimWorld world;
  std::optional<Db> db;
  std::uint64_t puts = 0;
  std::vector<fixed::Key> targets;
  std::vector<std::string_view> views;  // of the targets
  std::optional<Iterator> iterator;
  std::uint64_t operations = 0;
};

// In the middle of its life: every key written and many of them again, in random order; two runs in
// level 0, two levels below, a memtable that has begun to fill. All that reads need is cached.
std::shared_ptr<Database> Settled(const Job& job) {
  auto state = std::make_shared<Database>(job.directory, kSmallBuffer);
  state->operations = job.operations;
  const fixed::KeySpace keys = Keys(kKeys);
  // A stride that shares no factor with the count visits every key once.
  for (std::uint64_t i = 0; i < kKeys; ++i) state->Put(keys.At(i * 7919 % kKeys));
  std::size_t again = 0;
  const std::vector<fixed::Key> drawn = Draw(keys, kKeys);
  for (; again < kKeys / 4 || again % 128 != 0 || state->TablesIn(0) != 2; ++again) {
    state->Put(drawn[again]);
  }
  for (std::size_t i = 0; i < kInMemTable; ++i) state->Put(drawn[again + i]);
  CHECK(state->TablesIn(0) == 2 && state->TablesIn(kBottom - 1) > 0 &&
        state->TablesIn(kBottom) > 1);
  Iterator it = state->db->NewIterator();
  std::uint64_t count = 0;
  for (it.SeekToFirst(); it.Valid(); it.Next()) ++count;
  CHECK(it.status().ok() && count == kKeys);
  // What only point lookups touch, too.
  for (std::uint64_t i = 0; i < kKeys; ++i) {
    const auto got = state->db->GetPinned(keys.At(i).view());
    CHECK(got.ok() && got->has_value());
  }
  return state;
}

Loop Put(const Job& job) {
  auto state = std::make_shared<Database>(job.directory, kLargeBuffer);
  const fixed::KeySpace keys = Keys(job.operations + kKeys);
  for (std::uint64_t i = 0; i < kKeys; ++i) state->Put(keys.At(i * 7919 % keys.count()));
  for (std::uint64_t i = kKeys; i < keys.count(); ++i) {
    state->targets.push_back(keys.At(i * 7919 % keys.count()));
  }
  return Owning(state, [](Database& s) {
    const std::string value(kValueBytes, 'v');
    std::uint64_t right = 0;
    for (const fixed::Key& key : s.targets) {
      right += s.db->Put(key.view(), value, kBuffered).ok() ? 1 : 0;
    }
    return right;
  });
}

std::uint64_t CountHits(Database& database) {
  std::uint64_t right = 0;
  for (const fixed::Key& key : database.targets) {
    const auto got = database.db->GetPinned(key.view());
    right += got.ok() && got->has_value() && IsValueOf((*got)->view(), key.view()) ? 1 : 0;
  }
  return right;
}

Loop GetHit(const Job& job) {
  auto state = Settled(job);
  state->targets = Draw(Keys(kKeys), job.operations);
  return Owning(state, CountHits);
}

Loop GetMiss(const Job& job) {
  auto state = Settled(job);
  const fixed::KeySpace keys = Keys(kKeys);
  Random random(1);
  for (std::uint64_t i = 0; i < job.operations; ++i) {
    state->targets.push_back(keys.Absent(random.Uniform(kKeys)));
  }
  return Owning(state, [](Database& s) {
    std::uint64_t right = 0;
    for (const fixed::Key& key : s.targets) {
      const auto got = s.db->GetPinned(key.view());
      right += got.ok() && !got->has_value() ? 1 : 0;
    }
    return right;
  });
}

// What a reader meets beside a writer: a memtable that has begun to fill and one that waits for its
// flush, over the rest. Keys are drawn evenly, so most of them are found below all that.
Loop GetBesideWrites(const Job& job) {
  auto state = Settled(job);
  const std::vector<fixed::Key> fresh = Draw(Keys(kKeys), kKeys);
  std::size_t next = 0;
  const auto put = [&] {
    CHECK(state->db->Put(fresh[next].view(), ValueOf(fresh[next]), kBuffered).ok());
    ++next;
  };
  while (state->db->GetStats().memtables_waiting == 0) put();
  for (std::size_t i = 0; i < kInMemTable; ++i) put();
  CHECK(state->db->GetStats().memtables_waiting == 1);
  state->targets = Draw(Keys(kKeys), job.operations);
  return Owning(state, CountHits);
}

constexpr std::uint64_t kTogether = 16;

Loop MultiGet16(const Job& job) {
  auto state = Settled(job);
  state->targets = Draw(Keys(kKeys), job.operations * kTogether);
  for (const fixed::Key& key : state->targets) state->views.push_back(key.view());
  return Owning(state, [](Database& s) {
    std::uint64_t right = 0;
    for (std::uint64_t i = 0; i < s.operations; ++i) {
      const auto keys = std::span(s.views).subspan(i * kTogether, kTogether);
      const auto got = s.db->MultiGet(keys);
      bool all = got.ok();
      for (std::uint64_t k = 0; all && k < kTogether; ++k) {
        all = (*got)[k].has_value() && IsValueOf(*(*got)[k], keys[k]);
      }
      right += all ? 1 : 0;
    }
    return right;
  });
}

enum class Way : std::uint8_t { kNext, kPrev };

// Steps from one end.
template <Way kWay>
Loop Steps(const Job& job) {
  CHECK(job.operations < kKeys);
  auto state = Settled(job);
  state->iterator.emplace(state->db->NewIterator());
  if (kWay == Way::kNext) {
    state->iterator->SeekToFirst();
  } else {
    state->iterator->SeekToLast();
  }
  return Owning(state, [](Database& s) {
    Iterator& it = *s.iterator;
    std::uint64_t right = 0;
    for (std::uint64_t i = 0; i < s.operations; ++i) {
      if (kWay == Way::kNext) {
        it.Next();
      } else {
        it.Prev();
      }
      right += it.Valid() && IsValueOf(it.value(), it.key()) ? 1 : 0;
    }
    return right;
  });
}

// As the workload seek+10 does it: a new iterator, a seek, ten records.
Loop SeekTen(const Job& job) {
  constexpr int kRecords = 10;
  auto state = Settled(job);
  const fixed::KeySpace keys = Keys(kKeys);
  Random random(1);
  for (std::uint64_t i = 0; i < job.operations; ++i) {
    state->targets.push_back(keys.At(random.Uniform(kKeys - kRecords)));
  }
  return Owning(state, [](Database& s) {
    std::uint64_t right = 0;
    for (const fixed::Key& key : s.targets) {
      Iterator it = s.db->NewIterator();
      it.Seek(key.view());
      int records = 0;
      for (; records < kRecords && it.Valid() && IsValueOf(it.value(), it.key()); ++records) {
        if (records + 1 < kRecords) it.Next();
      }
      right += records == kRecords ? 1 : 0;
    }
    return right;
  });
}

constexpr Path kPaths[] = {
    {"db-put", "one buffered put of a new key", 20'000, Put},
    {"db-get-hit", "one key that is there, cached", 20'000, GetHit},
    {"db-get-beside-writes", "the same under a memtable that waits for its flush", 20'000,
     GetBesideWrites},
    {"db-get-miss", "one key that is not there", 20'000, GetMiss},
    {"db-multiget-16", "16 keys that are there, cached, in one call", 2'000, MultiGet16},
    {"db-next", "one step of a scan", 50'000, Steps<Way::kNext>},
    {"db-prev", "one step of a scan backwards", 50'000, Steps<Way::kPrev>},
    {"db-seek-10", "a new iterator, a seek, ten records", 2'000, SeekTen},
};

}  // namespace

std::span<const Path> DatabasePaths() { return kPaths; }

}  // namespace beachdb::instructions
