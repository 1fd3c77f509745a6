// An open table file: point lookups and iterators.
//
// Index, filter and properties are in memory (charged to the cache's budget) while it is open; data
// blocks come through the block cache, one slot each. Every block that comes from the device is
// verified; a bad one is kCorruption with file, offset, expected and found, is not cached, and
// leaves the rest of the table readable.
//
// Thread safety: all of it, from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "cache/block_cache.h"
#include "format/file_header.h"
#include "io/file_system.h"
#include "kv/internal_key.h"
#include "sstable/table_properties.h"

namespace beachdb {

// Counters of what reads did; each adds with relaxed atomics only off the cached path.
struct TableCounters {
  std::atomic<std::uint64_t> blocks_read{0};
  std::atomic<std::uint64_t> bytes_read{0};
};

// The answer of a point lookup. `value` is good while the EpochGuard of the lookup is held if the
// block was cached, and while `pin` lives if it was not (pin is then set).
struct TableHit {
  std::uint64_t trailer = 0;
  std::string_view value;
  CachedBlock* block = nullptr;  // where value lies: BlockRef(block) keeps it beyond the guard
  BlockRef pin;
};

class Table {
 public:
  // Opens and checks header, footer, index, filter and properties. `file_size` is what the manifest
  // says (0: unknown, take the file's). kCorruption when the file is not exactly that.
  static Result<std::unique_ptr<Table>> Open(std::unique_ptr<File> file, const FileIdentity& identity,
                                             std::uint64_t file_size, BlockCache& cache,
                                             TableCounters* counters);
  ~Table();  // evicts its blocks

  // One cache line each; call for all candidate tables before testing the first.
  void PrefetchFilter(std::uint64_t key_hash) const;
  // False: the key is certainly absent. Always true without a filter.
  bool MayContain(std::uint64_t key_hash) const;

  // The newest version of `key` with seqno <= snapshot, tombstones included; false: none here. Does
  // not ask the filter. REQUIRES: an EpochGuard.
  Result<bool> Get(std::string_view key, Seqno snapshot, bool fill_cache, TableHit* hit);

  // Hints for staged lookups: touch the index / block lines that Get will need.
  void PrefetchBlock(std::string_view key) const;

  const TableProperties& properties() const;
  std::size_t memory_usage() const;  // index, filter, properties: as charged
  const std::string& path() const;

  // Reads and checks every byte: all blocks, order of entries, filter without false negatives,
  // properties true. Adds one line per problem; goes on behind a bad block.
  struct VerifyResult {
    std::uint64_t bytes = 0, blocks = 0, entries = 0;
    std::vector<std::string> problems;
  };
  VerifyResult Verify();
};

}  // namespace beachdb
