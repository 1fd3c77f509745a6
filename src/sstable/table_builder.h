// Writes one table file from entries in internal key order.
//
// The file is written in large chunks (past the page cache if the File is direct), synced by
// Finish, and not yet named by anyone: the caller syncs the directory and puts it into the
// manifest. Deterministic: the same entries, options and identity give the same bytes but for the
// creation time in the header and the job in the properties.
//
// Thread safety: none.
// Memory: about 1.5 MiB and 8 bytes for every key; an entry larger than a block passes through the
// write buffer alone.
// Errors: the first one sticks; every later call returns it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "beachdb/options.h"
#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/file_system.h"
#include "kv/internal_key.h"
#include "kv/range_tombstones.h"
#include "sstable/block_compression.h"
#include "sstable/data_block_builder.h"
#include "sstable/filter.h"
#include "sstable/index_block.h"
#include "sstable/table_file_writer.h"
#include "sstable/table_properties.h"
#include "sstable/warm_blocks.h"

namespace beachdb {

struct TableOptions {
  std::size_t block_size = 4096;
  int filter_bits_per_key = 10;
  Compression compression = Compression::kNone;
};

class TableBuilder {
 public:
  // `job` says who writes it and from what (table_properties.h).
  // `cache`: for the warm blocks; nullptr: none are kept.
  TableBuilder(std::unique_ptr<File> file, const FileIdentity& identity,
               const TableOptions& options, TableJob job, std::uint64_t created_micros,
               BlockCache* cache = nullptr);
  ~TableBuilder();  // an unfinished file is left for the caller to remove

  TableBuilder(const TableBuilder&) = delete;
  TableBuilder& operator=(const TableBuilder&) = delete;

  // kInvalidArgument: not after every entry added before in internal key order, or beyond the
  // limits of the data model (sources that are damaged in spite of their checksums; never written
  // on). `warm`: the entry comes from a cached block; a block that is made of more such entries
  // than others is kept.
  Status Add(std::string_view user_key, std::uint64_t trailer, std::string_view value,
             bool warm = false);

  // Bytes the file would have if it were finished now (an estimate, at most a block off).
  std::uint64_t EstimatedSize() const { return estimated_size_ + block_.EstimatedSize(); }
  std::uint64_t entries() const { return properties_.entries; }

  // Writes what is left, syncs, closes. `ranges`: the range tombstones of the table, in stored
  // order (kv/range_tombstones.h). REQUIRES: an entry or a range. A table has an entry: where there
  // are only ranges, that is a tombstone for the first key of the first one, which says nothing
  // new.
  Result<TableSummary> Finish(std::span<const RangeTombstone> ranges = {});
  // After Finish.
  WarmBlocks TakeWarmBlocks() { return std::move(warm_blocks_); }

 private:
  // The last entry that was added; before the first one: what comes before all.
  std::string_view LastKey() const;
  std::uint64_t LastTrailer() const;
  // `order`: the last key against the entry's.
  bool MayFollow(const EntryView& entry, int order) const;
  Error WhyNot(const EntryView& entry) const;
  Status AddToNextBlock(const EntryView& entry, bool warm);
  void Count(const EntryView& entry, bool is_new_key);
  Status FlushBlock();
  Status WriteDataBlock(std::span<const EntryView> entries);
  Result<BlockHandle> WriteMetaBlock(std::string_view contents, BlockType type);
  void CountRanges(std::span<const RangeTombstone> ranges);
  Status WriteTail(std::span<const RangeTombstone> ranges);
  std::uint64_t EstimateSize() const;

  const TableOptions options_;
  const std::uint32_t seed_;
  TableFileWriter writer_;
  BlockCompressor compressor_;
  DataBlockBuilder block_;
  IndexBlockBuilder index_;
  FilterBuilder filter_;
  TableProperties properties_;
  std::uint64_t estimated_size_ = 0;  // of the file, without the current block
  // The last entry of the block before the current one: what its separator must be greater than.
  std::string previous_block_key_;
  std::uint64_t previous_block_trailer_ = 0;
  std::string scratch_;  // a block before compression
  WarmBlocks warm_blocks_;
  int warm_balance_ = 0;  // warm entries of the current block less the others
  Status status_;
};

}  // namespace beachdb
