// An open table file: point lookups and iterators.
//
// Index, filter and properties are in memory (charged to the cache's budget) while it is open; data
// blocks come through the block cache, one slot each. Every block that comes from the device is
// verified; a bad one is kCorruption with file, offset, expected and found, is not cached, and
// leaves the rest of the table readable.
//
// Thread safety: all of it, from any thread.
// Lifetime: the cache and the counters outlive it; it outlives its iterators and every lookup.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "cache/block_cache.h"
#include "format/file_header.h"
#include "io/aligned_read.h"
#include "io/file_system.h"
#include "kv/internal_key.h"
#include "kv/range_tombstones.h"
#include "sstable/block_trace.h"
#include "sstable/data_block.h"
#include "sstable/filter.h"
#include "sstable/table_format.h"
#include "sstable/table_index.h"
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

class Table : public std::enable_shared_from_this<Table> {
 public:
  // Opens and checks header, footer, index, filter and properties. `file_size` is what the manifest
  // says (0: unknown, take the file's). kCorruption when the file is not exactly that. `counters`
  // may be nullptr. `base_seqno`: of a table that was made before it had a place in the order of
  // writes (FileMetadata::origin): added to the seqno of every entry as it is read.
  static Result<std::unique_ptr<Table>> Open(std::unique_ptr<File> file,
                                             const FileIdentity& identity, std::uint64_t file_size,
                                             BlockCache& cache, TableCounters* counters,
                                             Seqno base_seqno = 0);
  ~Table();  // evicts its blocks
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // One cache line each; call for all candidate tables before testing the first.
  void PrefetchFilter(std::uint64_t key_hash) const { filter_.Prefetch(key_hash); }
  // False: the key is certainly absent. Always true without a filter.
  bool MayContain(std::uint64_t key_hash) const { return filter_.MayContain(key_hash); }

  // The newest version of `key` with seqno <= snapshot, tombstones included; false: none here. Does
  // not ask the filter. `notes`: NoBlockNotes, or BlockNotes of whoever wants to know the way
  // (block_trace.h). REQUIRES: an EpochGuard.
  template <typename Notes = NoBlockNotes>
  Result<bool> Get(std::string_view key, Seqno snapshot, bool fill_cache, TableHit* hit,
                   Notes notes = {});

  // Data block i as the builder has made it, for whoever asks next. It is the first to go until
  // somebody does.
  void Warm(std::uint32_t i, BlockRef block) {
    cache_.Insert(slots_[i], std::move(block), CachePriority::kScan);
  }

  bool has_ranges() const { return has_ranges_; }
  // Good as long as the table is open.
  const RangeTombstones& ranges() const { return ranges_; }

  // As the file has them: seqnos without the base.
  const TableProperties& properties() const { return properties_; }
  // Index, filter, properties, slots: as charged.
  std::size_t memory_usage() const { return memory_usage_; }
  const std::string& path() const { return file_->path(); }

  // Reads and checks every byte: all blocks, order of entries, filter without false negatives,
  // properties true. Adds one line per problem; goes on behind a bad block.
  struct VerifyResult {
    std::uint64_t bytes = 0, blocks = 0, entries = 0;
    std::uint32_t file_checksum = 0;  // CRC-32C of the whole file, to hold against the manifest's
    std::vector<std::string> problems;
  };
  VerifyResult Verify();

 private:
  friend class BlockBatch;
  friend class BlockScanner;
  friend class TableIterator;
  friend class TableProbe;
  friend class TableVerifier;

  Table(std::unique_ptr<File> file, const FileIdentity& identity, BlockCache& cache,
        TableCounters* counters, Seqno base_seqno);
  Status Load(const FileIdentity& identity, std::uint64_t file_size);
  Status LoadMeta(const Footer& footer);
  Status CheckProperties(const Footer& footer) const;

  // Whether data block i is worth a place in the cache, now that it has been read. One that cost a
  // read of the device always is.
  bool Admits(std::uint32_t i) const {
    return file_->alignment() != 1 || cache_.Admits(index_.block(i).size);
  }
  // Data block i, read, verified, expanded and validated; not cached.
  Result<BlockRef> ReadBlock(std::uint32_t i);
  // Its steps: could it be a block, by its size;
  Status CheckBlockSize(std::uint32_t i) const;
  // memory for the stored bytes, which becomes the block itself if they are not compressed;
  BlockRef AllocateStored(std::uint32_t i) const;
  // the block, when a read into that memory has returned `got`;
  Result<BlockRef> KeepBlock(std::uint32_t i, BlockRef stored, const Result<std::size_t>& got);
  // the block, when a read of `range`, which covers it, into `memory` has returned `got`;
  Result<BlockRef> CopyBlock(std::uint32_t i, const CoveringRange& range, const char* memory,
                             const Result<std::size_t>& got);
  // the block from its stored bytes.
  Result<BlockRef> MakeBlock(std::uint32_t i, std::string_view stored);
  bool Search(CachedBlock* block, std::string_view key, std::uint64_t trailer, TableHit* hit) const;
  bool FindIn(const DataBlock& data, std::uint32_t aim, std::string_view key, std::uint64_t trailer,
              CachedBlock* block, TableHit* hit) const;
  // A trailer to seek to, as the blocks have it. What is older than the base is behind everything.
  std::uint64_t StoredTrailer(std::uint64_t trailer) const {
    return trailer >= base_trailer_ ? trailer - base_trailer_ : 0;
  }
  void CountRead(std::uint64_t bytes) const;
  Error BlockError(std::uint32_t i, const Error& error) const;

  const std::unique_ptr<File> file_;
  const std::uint32_t seed_;          // IdentityChecksum
  const std::uint64_t base_trailer_;  // the base seqno, where a trailer has its seqno
  bool has_ranges_ = false;           // in the line that every lookup touches
  BlockCache& cache_;
  TableCounters* const counters_;

  TableIndex index_;
  Filter filter_;
  std::unique_ptr<BlockCache::Slot[]> slots_;
  std::string range_bytes_;  // that ranges_ points into
  RangeTombstones ranges_;
  TableProperties properties_;
  std::uint64_t file_size_ = 0;
  std::uint64_t data_end_ = 0;
  std::size_t memory_usage_ = 0;
};

// Fills `out` from `offset`, whatever the file's alignment. kCorruption: the file ends before.
Status ReadExactly(File& file, std::uint64_t offset, std::span<char> out);

}  // namespace beachdb
