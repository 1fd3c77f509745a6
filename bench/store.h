// The one shape that every engine is given, so that all of them run the same loops.
//
// An adapter (<engine>_store.cc) uses its engine as an expert would: the fastest call for each
// job, per-thread state kept, no copy that the engine does not need. What differs between engines
// in safety is said in Engine::unsynced_writes and printed beside the numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "bench/records.h"

namespace beachdb::bench {

enum class Ack : std::uint8_t {
  kUnsynced,  // a write returns once the operating system has it
  kSynced,    // a write returns once stable storage has it
};

enum class Packing : std::uint8_t { kPlain, kLz4 };

// The same sizes for every engine.
struct StoreConfig {
  std::size_t cache_bytes = 256u << 20;  // blocks
  std::size_t write_buffer_bytes = 32u << 20;
  int background_jobs = 2;
  int bloom_bits = 10;
  Packing packing = Packing::kPlain;
  Ack ack = Ack::kUnsynced;
  std::uint64_t expected_bytes = 0;  // of all keys and values: LMDB must size its map
  bool direct_reads = false;         // past the page cache; only for engines that can
  // Nothing will be written: a budget that holds memtables, too, needs no room for them.
  bool only_reads = false;
};

struct Record {
  std::string_view key;
  std::string_view value;
};

enum class Direction : std::uint8_t { kForward, kReverse };

// One thread's handle on a store. Must be gone before the store closes.
class Session {
 public:
  virtual ~Session() = default;

  virtual Status Put(std::string_view key, std::string_view value) = 0;
  // All of them or none.
  virtual Status PutBatch(std::span<const Record> records) = 0;
  virtual Status Delete(std::string_view key) = 0;
  // Every key from `from` up to `to`, which stays; all of them or none.
  virtual Status DeleteRange(std::string_view from, std::string_view to) = 0;

  // Shows the value to checker.Answer; false: absent.
  virtual Result<bool> Get(std::string_view key, RecordChecker& checker) = 0;
  // The same for many keys at one state; returns how many were found.
  virtual Result<std::size_t> MultiGet(std::span<const std::string_view> keys,
                                       RecordChecker& checker) = 0;
  // Shows up to `limit` records to checker.Visit, from `start` on (empty: from the end that the
  // direction begins with): at or after it going forward, at or before it in reverse. Opens its
  // iterator anew, as a query of an application does.
  virtual Status Walk(std::string_view start, std::uint64_t limit, Direction direction,
                      RecordChecker& checker) = 0;
};

class Store {
 public:
  virtual ~Store() = default;  // closes

  // From any thread.
  virtual std::unique_ptr<Session> NewSession() = 0;
  // Whether the engine says that background work is under way. Asked beside the process's own
  // processor time and writes (Settle in runner.cc).
  virtual bool Busy() { return false; }
  // Table bytes written per user byte, as the engine counts, if it does.
  virtual std::optional<double> WriteAmplification() { return std::nullopt; }
  // Merges all that can be merged, as an operator does by hand; nothing, where there is no such
  // call. REQUIRES: no session lives.
  virtual Status Compact() { return {}; }
  // REQUIRES: no session lives.
  virtual Status Close() = 0;
};

struct Engine {
  std::string name;
  std::string version;
  std::string unsynced_writes;  // what they survive
  std::function<std::string(const StoreConfig& config)> describe;
  std::function<Result<std::unique_ptr<Store>>(const std::string& directory,
                                               const StoreConfig& config)>
      open;
  bool has_log = true;  // that opening must read
  bool can_read_directly = false;
};

// nullopt: not part of this build.
std::optional<Engine> BeachDbEngine();
// BeachDB with one option changed, to measure what the option does: "beachdb:block_size=16384".
// kInvalidArgument names the options that there are.
Result<Engine> BeachDbVariant(std::string_view name);
std::optional<Engine> RocksDbEngine();
std::optional<Engine> LevelDbEngine();
std::optional<Engine> LmdbEngine();
std::optional<Engine> WiredTigerEngine();

// Those of this build, in the order of the report.
std::vector<Engine> AllEngines();

}  // namespace beachdb::bench
