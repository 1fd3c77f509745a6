// Every knob there is: 16. Each states its unit, its default, and what turning it does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace beachdb {

class Environment;  // the world (files, clock, threads, seed); src/io/environment.h
class Snapshot;

// What an acknowledged write has survived.
enum class Durability : std::uint8_t {
  kSync,      // stable storage: survives power loss
  kBuffered,  // the kernel: survives the death of the process; power loss may take a suffix
};

enum class Compression : std::uint8_t { kNone = 0, kLz4 = 1, kZstd = 2 };

// Who makes writes durable before a flush puts them into tables.
enum class LogOwner : std::uint8_t {
  kDatabase,  // the database's own write-ahead log
  kCaller,    // an outside log (Raft): the database writes none, and after a crash it holds exactly
              // the batches up to Db::DurableIndex(); the caller applies the later ones again
};

enum class MemTableKind : std::uint8_t { kSkipList, kRadixTree };

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

struct Options {
  // Make the directory's database if there is none. Without it Open fails on an empty directory.
  bool create_if_missing = true;
  // Fail if there already is a database: for tools that must not touch an old one.
  bool error_if_exists = false;

  // Bytes of memory in all: memtables, block cache, indexes and filters of open tables, iterators.
  // What the memtables and the open tables do not use caches blocks. At least 4 MiB.
  std::size_t memory_budget = 256u << 20;
  // Bytes of one memtable; a full one is flushed to a table of level 0. Larger: fewer, larger
  // flushes and less write amplification, longer recovery. 64 KiB to a quarter of the budget
  // (a larger value is clamped to it).
  std::size_t write_buffer = 32u << 20;
  // Threads that compact. One more flushes. At least 1.
  int compaction_threads = 1;

  // Target bytes of an uncompressed data block: the unit of reading and caching.
  std::size_t block_size = 4096;
  // Target bytes of one table file: the unit of compaction.
  std::size_t table_size = 32u << 20;
  // Bloom filter bits per key; 10 lets about 1% of absent keys through to a block. 0: no filters.
  int filter_bits_per_key = 10;
  // How data blocks of level 1 and deeper are stored. Level 0 is never compressed.
  Compression compression = Compression::kLz4;
  // The same for the deepest level, which holds nine tenths of the data.
  Compression bottom_compression = Compression::kLz4;
  // Write tables past the page cache (O_DIRECT) where the file system can: a twelfth of the CPU
  // cost, and reads keep their cached pages. Falls back by itself where it cannot.
  bool direct_writes = true;
  // Read tables past the page cache (O_DIRECT) where the file system can: for data far larger than
  // memory, of which the page cache would hold the hot blocks a second time. All memory that reads
  // take is then within memory_budget, but for a buffer of at most 512 KiB a thread. The price: a
  // block that is not in memory_budget costs a read from the device, and scans and compactions have
  // no read-ahead but their own. MultiGet reads all its blocks at once. Where the file system
  // cannot, reads are buffered, and the log says so once.
  bool direct_reads = false;

  LogOwner log_owner = LogOwner::kDatabase;
  MemTableKind memtable = MemTableKind::kRadixTree;

  // Receives the engine's log lines, one call per line, from any thread; must not call back into
  // the database. Empty: lines of kWarning and above go to stderr.
  std::function<void(LogLevel, std::string_view)> log;

  // The world to run in; not owned, must outlive the database. nullptr: the real one.
  Environment* environment = nullptr;
};

struct WriteOptions {
  Durability durability = Durability::kSync;
  // Position of this batch in an outside log, stored atomically with it. 0: none. Otherwise larger
  // than that of every batch before. See Db::AppliedIndex and Db::DurableIndex.
  std::uint64_t applied_index = 0;
};

struct ReadOptions {
  // Read this state; nullptr: the newest committed one. Must be of the same database, and alive for
  // the length of the call (for an iterator: of its creation).
  const Snapshot* snapshot = nullptr;
  // Keep the blocks that this read loads. Turn off for bulk scans.
  bool fill_cache = true;
};

// What an iterator shows: the keys that satisfy all of the bounds given. An empty bound is none.
// The bytes are copied at creation.
struct IteratorOptions : ReadOptions {
  std::string_view lower;   // inclusive
  std::string_view upper;   // exclusive
  std::string_view prefix;  // keys that begin with it
};

// Limits of the data model; a call beyond them is kInvalidArgument.
inline constexpr std::size_t kMinKeySize = 1;
inline constexpr std::size_t kMaxKeySize = 64u << 10;                   // bytes
inline constexpr std::size_t kMaxValueSize = 1u << 30;                  // bytes
inline constexpr std::size_t kMaxBatchSize = (1u << 30) + (64u << 20);  // bytes, encoded

}  // namespace beachdb
