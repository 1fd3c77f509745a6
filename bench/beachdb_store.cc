// BeachDB, through its public headers alone.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "beachdb/db.h"
#include "bench/store.h"

namespace beachdb::bench {
namespace {

// The budget also holds the memtables, which the peers count beside their cache.
std::size_t Budget(const StoreConfig& config) {
  constexpr std::size_t kLeast = 4u << 20;
  if (config.only_reads) return std::max(config.cache_bytes, kLeast);
  return config.cache_bytes + 2 * config.write_buffer_bytes;
}

class BeachDbSession final : public Session {
 public:
  BeachDbSession(Db& db, const StoreConfig& config) : db_(db) {
    write_.durability = config.ack == Ack::kSynced ? Durability::kSync : Durability::kBuffered;
  }

  Status Put(std::string_view key, std::string_view value) override {
    return db_.Put(key, value, write_);
  }

  Status PutBatch(std::span<const Record> records) override {
    batch_.Clear();
    for (const Record& record : records) {
      if (Status s = batch_.Put(record.key, record.value); !s.ok()) return s;
    }
    return db_.Write(batch_, write_);
  }

  Status Delete(std::string_view key) override { return db_.Delete(key, write_); }
  Status DeleteRange(std::string_view from, std::string_view to) override {
    return db_.DeleteRange(from, to, write_);
  }

  Result<bool> Get(std::string_view key, RecordChecker& checker) override {
    const auto got = db_.GetPinned(key);
    if (!got.ok()) return got.error();
    if (!got->has_value()) return false;
    checker.Answer(key, (*got)->view());
    return true;
  }

  Result<std::size_t> MultiGet(std::span<const std::string_view> keys,
                               RecordChecker& checker) override {
    const auto got = db_.MultiGet(keys);
    if (!got.ok()) return got.error();
    std::size_t found = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (!(*got)[i].has_value()) continue;
      checker.Answer(keys[i], *(*got)[i]);
      ++found;
    }
    return found;
  }

  Status Walk(std::string_view start, std::uint64_t limit, Direction direction,
              RecordChecker& checker) override {
    Iterator it = db_.NewIterator();
    if (direction == Direction::kForward) {
      start.empty() ? it.SeekToFirst() : it.Seek(start);
      for (; limit > 0 && it.Valid(); --limit) {
        checker.Visit(it.key(), it.value());
        if (limit > 1) it.Next();
      }
    } else {
      start.empty() ? it.SeekToLast() : it.SeekForPrev(start);
      for (; limit > 0 && it.Valid(); --limit) {
        checker.Visit(it.key(), it.value());
        if (limit > 1) it.Prev();
      }
    }
    return it.status();
  }

 private:
  Db& db_;
  WriteOptions write_;
  WriteBatch batch_;
};

class BeachDbStore final : public Store {
 public:
  BeachDbStore(Db db, const StoreConfig& config) : db_(std::move(db)), config_(config) {}

  std::unique_ptr<Session> NewSession() override {
    return std::make_unique<BeachDbSession>(db_, config_);
  }
  bool Busy() override { return db_.GetStats().memtables_waiting != 0; }
  std::optional<double> WriteAmplification() override { return db_.GetStats().write_amplification; }
  Status Compact() override { return db_.CompactRange(); }
  Status Close() override { return db_.Close(); }

 private:
  Db db_;
  StoreConfig config_;
};

Options OptionsOf(const StoreConfig& config) {
  Options options;
  options.memory_budget = Budget(config);
  options.write_buffer = config.write_buffer_bytes;
  options.compaction_threads = config.background_jobs > 1 ? config.background_jobs - 1 : 1;
  options.filter_bits_per_key = config.bloom_bits;
  options.compression = config.packing == Packing::kLz4 ? Compression::kLz4 : Compression::kNone;
  options.bottom_compression = options.compression;
  options.direct_reads = config.direct_reads;
  return options;
}

Result<std::unique_ptr<Store>> OpenWith(const Options& options, const std::string& directory,
                                        const StoreConfig& config) {
  Result<Db> db = Db::Open(directory, options);
  if (!db.ok()) return db.error();
  return std::unique_ptr<Store>(std::make_unique<BeachDbStore>(std::move(*db), config));
}

Result<std::unique_ptr<Store>> Open(const std::string& directory, const StoreConfig& config) {
  return OpenWith(OptionsOf(config), directory, config);
}

Compression CompressionOf(std::uint64_t number) { return static_cast<Compression>(number); }

struct Knob {
  const char* name;
  std::uint64_t max;
  void (*turn)(Options& options, std::uint64_t value);
};

constexpr std::uint64_t kSizes = std::uint64_t{1} << 40;
constexpr Knob kKnobs[] = {
    {"memory_budget", kSizes, [](Options& o, std::uint64_t v) { o.memory_budget = v; }},
    {"write_buffer", kSizes, [](Options& o, std::uint64_t v) { o.write_buffer = v; }},
    {"compaction_threads", 64,
     [](Options& o, std::uint64_t v) { o.compaction_threads = static_cast<int>(v); }},
    {"block_size", kSizes, [](Options& o, std::uint64_t v) { o.block_size = v; }},
    {"table_size", kSizes, [](Options& o, std::uint64_t v) { o.table_size = v; }},
    {"filter_bits_per_key", 64,
     [](Options& o, std::uint64_t v) { o.filter_bits_per_key = static_cast<int>(v); }},
    {"compression", 2, [](Options& o, std::uint64_t v) { o.compression = CompressionOf(v); }},
    {"bottom_compression", 2,
     [](Options& o, std::uint64_t v) { o.bottom_compression = CompressionOf(v); }},
    {"direct_writes", 1, [](Options& o, std::uint64_t v) { o.direct_writes = v != 0; }},
    {"direct_reads", 1, [](Options& o, std::uint64_t v) { o.direct_reads = v != 0; }},
    {"memtable", 1,
     [](Options& o, std::uint64_t v) {
       o.memtable = v == 0 ? MemTableKind::kSkipList : MemTableKind::kRadixTree;
     }},
};

std::string Describe(const StoreConfig& config) {
  return fmt::format(
      "memory budget {} MiB (cache and two write buffers), 1 flush and {} compaction threads, "
      "checksums verified",
      Budget(config) >> 20, config.background_jobs > 1 ? config.background_jobs - 1 : 1);
}

}  // namespace

std::optional<Engine> BeachDbEngine() {
  return Engine{
      .name = "beachdb",
      .version = BEACHDB_VERSION,
      .unsynced_writes =
          "survive the death of the process; the end of the log may go in a power cut",
      .describe = Describe,
      .open = Open,
      .can_read_directly = true,
  };
}

Result<Engine> BeachDbVariant(std::string_view name) {
  constexpr std::string_view kPrefix = "beachdb:";
  const std::size_t equals = name.find('=');
  std::string known;
  for (const Knob& knob : kKnobs) {
    known += fmt::format(" {}=0..{}", knob.name, knob.max);
    if (!name.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    if (name.substr(kPrefix.size(), equals - kPrefix.size()) != knob.name) continue;
    std::uint64_t value = 0;
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + equals + 1, end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end || value > knob.max) break;
    Engine engine = *BeachDbEngine();
    engine.name = name;
    engine.open = [turn = knob.turn, value](const std::string& directory,
                                            const StoreConfig& config) {
      Options options = OptionsOf(config);
      turn(options, value);
      return OpenWith(options, directory, config);
    };
    return engine;
  }
  return Error(Code::kInvalidArgument,
               fmt::format("'{}': expected beachdb:OPTION=NUMBER, one of{}", name, known));
}

}  // namespace beachdb::bench
