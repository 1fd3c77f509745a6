#include "tests/damage/sample.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/random.h"
#include "beachdb/db.h"
#include "format/current.h"
#include "format/file_names.h"
#include "tests/damage/world.h"

namespace beachdb {
namespace {

// Bytes that are left of a log behind its last record.
constexpr std::uint64_t kUnused = 1000;

constexpr std::uint64_t kNeverEnds = 1'000'000'000'000;  // seconds

Options SmallOptions() {
  Options options;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;
  options.table_size = 64u << 10;
  options.block_size = 256;
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

// Writes a database and keeps the books.
class Scribe {
 public:
  Scribe(std::string name, Options options, std::uint64_t seed)
      : world_(fs_, seed * 1000), random_(seed) {
    sample_.name = std::move(name);
    sample_.options = std::move(options);
    Open();
  }

  void Open() {
    Options options = sample_.options;
    options.environment = &world_;
    auto db = Db::Open("db", options);
    CHECK(db.ok());
    db_.emplace(std::move(*db));
  }
  void Close() {
    snapshots_.clear();
    CHECK(db_->Close().ok());
    db_.reset();
  }
  void Reopen() {
    Close();
    Open();
  }

  // `count` operations on the keys of `family`, as one batch.
  void Write(const std::string& family, int count, Durability durability = Durability::kSync) {
    WriteBatch batch;
    for (int i = 0; i < count; ++i) {
      const std::string key = fmt::format("{}/{:02}", family, random_.Uniform(12));
      keys_.insert(key);
      if (random_.OneIn(10)) {
        const std::string end = key + '~';
        CHECK(batch.DeleteRange(key, end).ok());
        auto& answers = sample_.answers;
        answers.erase(answers.lower_bound(key), answers.lower_bound(end));
      } else if (random_.OneIn(4)) {
        CHECK(batch.Delete(key).ok());
        sample_.answers.erase(key);
      } else {
        std::string value = fmt::format("{} at {} ", key, seqno_ + batch.count());
        value.append(random_.Uniform(3) * 20, static_cast<char>('a' + random_.Uniform(26)));
        CHECK((random_.OneIn(8) ? batch.PutExpiring(key, value, kNeverEnds) : batch.Put(key, value))
                  .ok());
        sample_.answers[key] = std::move(value);
      }
    }
    Commit(batch, durability);
  }
  void Put(const std::string& key, const std::string& value) {
    WriteBatch batch;
    CHECK(batch.Put(key, value).ok());
    keys_.insert(key);
    sample_.answers[key] = value;
    Commit(batch, Durability::kSync);
  }

  // Straight into a table.
  void Load(const std::string& family) {
    auto load = db_->NewBulkLoad();
    CHECK(load.ok());
    for (int i = 0; i < 12; ++i) {
      const std::string key = fmt::format("{}/{:02}", family, i);
      const std::string value = fmt::format("{} loaded", key);
      CHECK(load->Add(key, value).ok());
      keys_.insert(key);
      sample_.answers[key] = value;
    }
    CHECK(load->Commit().ok());
    seqno_ += 1;
    sample_.states[seqno_] = sample_.answers;
    sample_.earlier.push_back(fs_.Capture());
  }

  Db& db() { return *db_; }
  Random& random() { return random_; }
  ImageFileSystem& fs() { return fs_; }
  void Flush() { CHECK(db_->Flush().ok()); }
  void Compact(std::string_view from = {}, std::string_view to = {}) {
    CHECK(db_->CompactRange(from, to).ok());
  }
  // Lives until the next Close: the versions that it sees are kept.
  void HoldSnapshot() { snapshots_.push_back(db_->GetSnapshot()); }

  // The sample as a crash at this moment leaves it.
  Sample Crash() { return Take(fs_.Capture()); }
  Sample CloseAndTake() {
    Close();
    return Take(fs_.Capture());
  }
  // The sample as a crash leaves it just before `call` (ImageFileSystem::OnNameChange) in `work`.
  Sample CrashBefore(std::string_view call, const std::function<void()>& work) {
    std::optional<Image> image;
    fs_.OnNameChange([&](std::string_view what) {
      if (!image && what.starts_with(call)) image = fs_.Capture();
    });
    work();
    fs_.OnNameChange({});
    CHECK(image.has_value());
    return Take(std::move(*image));
  }
  ~Scribe() { snapshots_.clear(); }

 private:
  void Commit(const WriteBatch& batch, Durability durability) {
    CHECK(db_->Write(batch, {.durability = durability}).ok());
    seqno_ += batch.count();
    sample_.states[seqno_] = sample_.answers;
    sample_.earlier.push_back(fs_.Capture());
  }
  Sample Take(Image image) {
    Sample sample = sample_;
    sample.states.try_emplace(0);
    for (auto& [file, contents] : image) {
      // A MiB of unused space in every log would take nine tenths of the time of every case.
      if (!file.ends_with(".wal")) continue;
      contents.size = std::min<std::uint64_t>(contents.size, contents.stored->size() + kUnused);
    }
    sample.image = std::move(image);
    sample.keys.assign(keys_.begin(), keys_.end());
    for (const char* absent : {"a", "log/05x", "zz"}) sample.keys.emplace_back(absent);
    return sample;
  }

  ImageFileSystem fs_;
  OneThreadWorld world_;
  Random random_;
  Sample sample_;
  std::uint64_t seqno_ = 0;
  std::set<std::string> keys_;
  std::optional<Db> db_;
  std::vector<Snapshot> snapshots_;
};

Sample LogsOnly(std::uint64_t seed) {
  Scribe scribe("one log, never flushed", SmallOptions(), seed);
  for (int i = 0; i < 8; ++i) {
    scribe.Write("log", 1 + i % 3, i % 4 == 2 ? Durability::kBuffered : Durability::kSync);
  }
  return scribe.Crash();
}

// The memtable of the first log is full and waits for its flush when the crash comes.
Sample TwoLogs(std::uint64_t seed) {
  Scribe scribe("two logs", SmallOptions(), seed);
  scribe.Write("deep", 6);
  scribe.Flush();
  for (int i = 0; i < 4; ++i) scribe.Write("log", 2);
  scribe.Put("log/large", std::string(66'000, 'l'));
  for (int i = 0; i < 4; ++i) scribe.Write("log", 2);
  return scribe.Crash();
}

// Tables of level 0, with old versions for a snapshot, above two tables of the deepest level.
void WriteLevels(Scribe& scribe) {
  for (int i = 0; i < 4; ++i) scribe.Write("a", 5);
  scribe.Compact();
  for (int i = 0; i < 4; ++i) scribe.Write("k", 5);
  scribe.Compact("k", "l");
  scribe.Load("m");
  for (int i = 0; i < 2; ++i) {
    scribe.Write("a", 4);
    scribe.HoldSnapshot();
    scribe.Write("k", 4);
    scribe.HoldSnapshot();
    scribe.Write("a", 4);
    scribe.Flush();
  }
}

Sample Closed(std::uint64_t seed, Compression compression) {
  Options options = SmallOptions();
  options.compression = options.bottom_compression = compression;
  if (compression == Compression::kZstd) {
    options.memtable = MemTableKind::kSkipList;
    options.filter_bits_per_key = 0;
    options.block_size = 512;
  }
  static constexpr const char* kNames[] = {"not compressed", "lz4", "zstd, no filters"};
  Scribe scribe(fmt::format("closed, {}", kNames[static_cast<int>(compression)]), options, seed);
  WriteLevels(scribe);
  return scribe.CloseAndTake();
}

// The MANIFEST ends with the edit of a flush whose log is gone.
Sample CrashedAfterFlush(std::uint64_t seed) {
  Scribe scribe("crashed after a flush", SmallOptions(), seed);
  scribe.Write("a", 8);
  scribe.Reopen();
  scribe.Write("b", 8);
  scribe.Flush();
  return scribe.Crash();
}

// The same with writes behind it in a recycled log, none of which was ever synced.
Sample CrashedInRecycledLog(std::uint64_t seed, Durability durability) {
  Scribe scribe(fmt::format("crashed with a recycled log, {}",
                            durability == Durability::kSync ? "synced" : "buffered"),
                SmallOptions(), seed);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 6; ++j) scribe.Write("log", 2, durability);
    if (i < 2) scribe.Flush();
    if (i == 2) break;
  }
  return scribe.Crash();
}

Sample CrashedAfterCompaction(std::uint64_t seed) {
  Scribe scribe("crashed after a compaction, its inputs still there", SmallOptions(), seed);
  scribe.Write("a", 8);
  scribe.Flush();
  scribe.Write("a", 8);
  scribe.Flush();
  return scribe.CrashBefore("remove 0", [&] {
    scribe.Compact();
    scribe.Close();
  });
}

Sample CrashedInRotation(std::uint64_t seed) {
  Scribe scribe("crashed in the rotation of the MANIFEST", SmallOptions(), seed);
  WriteLevels(scribe);
  scribe.Close();
  scribe.Open();
  scribe.Write("log", 3);
  return scribe.CrashBefore("remove MANIFEST", [&] { scribe.Reopen(); });
}

}  // namespace

std::string Sample::Bytes(const std::string& file) const {
  const FileImage& contents = image.at(file);
  std::string bytes = *contents.stored;
  bytes.resize(contents.size);
  return bytes;
}

std::string Sample::LiveManifest() const {
  const auto number = DecodeCurrent(Bytes("CURRENT"));
  CHECK(number.ok());
  return ManifestName(*number);
}

std::vector<Sample> MakeSamples(std::uint64_t seed) {
  std::vector<Sample> samples;
  samples.push_back(LogsOnly(seed));
  samples.push_back(TwoLogs(seed));
  for (const Compression compression :
       {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
    samples.push_back(Closed(seed, compression));
  }
  samples.push_back(CrashedAfterFlush(seed));
  samples.push_back(CrashedInRecycledLog(seed, Durability::kSync));
  samples.push_back(CrashedInRecycledLog(seed, Durability::kBuffered));
  samples.push_back(CrashedAfterCompaction(seed));
  samples.push_back(CrashedInRotation(seed));
  return samples;
}

Sample MakeLargeSample(std::uint64_t seed) {
  Options options = SmallOptions();
  options.block_size = 1024;
  options.compression = options.bottom_compression = Compression::kNone;
  Scribe scribe("large", options, seed);
  for (int i = 0; i < 400; ++i) {
    std::string value(900, '\0');
    for (char& c : value) c = static_cast<char>(scribe.random().Next());
    scribe.Put(fmt::format("key{:04}", i * 7 % 400), value);
    if (i == 300) scribe.Compact();
  }
  return scribe.CloseAndTake();
}

Image With(const Image& image, const std::string& file, std::string bytes) {
  Image out = image;
  const std::uint64_t size = bytes.size();
  out[file] = {std::make_shared<const std::string>(std::move(bytes)), size};
  return out;
}

Image WithFlip(const Image& image, const std::string& file, std::uint64_t at, unsigned bit) {
  Image out = image;
  FileImage& contents = out.at(file);
  std::string bytes = *contents.stored;
  if (bytes.size() <= at) bytes.resize(at + 1);
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
  contents.stored = std::make_shared<const std::string>(std::move(bytes));
  return out;
}

Image WithSize(const Image& image, const std::string& file, std::uint64_t size) {
  Image out = image;
  FileImage& contents = out.at(file);
  if (size < contents.stored->size()) {
    contents.stored = std::make_shared<const std::string>(contents.stored->substr(0, size));
  }
  contents.size = size;
  return out;
}

Image Without(const Image& image, const std::string& file) {
  Image out = image;
  out.erase(file);
  return out;
}

}  // namespace beachdb
