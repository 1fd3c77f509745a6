// What flush and compaction jobs share: sorted entries in, finished tables out.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "beachdb/options.h"
#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/clock.h"
#include "io/file_system.h"
#include "kv/range_tombstones.h"
#include "manifest/file_metadata.h"
#include "sstable/table_builder.h"

namespace beachdb {

// Where outputs go and how they are made; one per database, shared by its jobs.
struct OutputContext {
  FileSystem& fs;
  Clock& clock;
  std::string directory;
  DatabaseId database;
  IoMode io = IoMode::kDirect;
  std::function<std::uint64_t()> new_file_number;  // safe from any thread
  // Of the database, for warm blocks (sstable/warm_blocks.h); nullptr: none are kept.
  BlockCache* cache = nullptr;
  // Is told by a flush, now and then, how many entries it has taken in; nullptr: nobody asks.
  std::atomic<std::uint64_t>* entries_in = nullptr;
  // Jobs stop with kShutDown soon after it becomes true, and remove what they wrote.
  const std::atomic<bool>& stop;
};

struct JobResult {
  std::vector<FileMetadata> outputs;  // synced, their names durable; in key order
  std::vector<WarmBlocks> warm;       // of each output
  std::uint64_t bytes_read = 0;       // of table files
  std::uint64_t bytes_written = 0;
  std::uint64_t entries_in = 0;
  std::uint64_t entries_dropped = 0;
  std::uint64_t tombstones_dropped = 0;  // of those
};

// What the manifest says of a table that was built, or read from front to back.
FileMetadata MetadataOf(std::uint64_t number, TableSummary summary);

// Where a row of tables is cut into files.
struct TableCuts {
  // A table is full at this size, and somewhat before it where a grandparent ends.
  std::uint64_t table_size = UINT64_MAX;
  // The files two levels down, in key order: a table that overlaps more than ten tables of them is
  // cut, so that the compaction out of it will not be a huge one.
  std::vector<FileRef> grandparents;
};

// Writes sorted entries into as many tables as they need. All versions of a user key go into one.
//
// Thread safety: none. Lifetime: `output` must outlive it; unless Finish succeeded, the destructor
// removes every file that it made.
// Errors: of the file system and the table builder; kShutDown once output.stop is true. After an
// error: only destroy it.
class TableWriter {
 public:
  TableWriter(OutputContext& output, const TableOptions& options, TableJob job, TableCuts cuts);
  ~TableWriter();
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;

  // The range tombstones, in stored order; before the first entry. A table gets those parts of them
  // that lie behind the table before it, up to its own last key (the last table: all the rest), so
  // tables stay disjoint and nothing between two of them is forgotten.
  void SetRanges(std::vector<RangeTombstone> ranges) { ranges_ = std::move(ranges); }

  // REQUIRES: after every entry added before, in internal key order. `warm`: table_builder.h.
  Status Add(std::string_view user_key, std::uint64_t trailer, std::string_view value,
             bool warm = false);

  // Completes the last table and makes all names durable. No entries and no ranges: no tables.
  Result<std::vector<FileMetadata>> Finish();
  // After Finish: those of each table.
  std::vector<WarmBlocks> TakeWarmBlocks() { return std::move(warm_); }

 private:
  Status OpenTable();
  // `last`: no table comes after it.
  enum class Place : std::uint8_t { kInside, kLast };
  Status FinishTable(Place place);
  std::vector<RangeTombstone> RangesUpTo(std::string_view bound) const;
  bool PassesGrandparent(std::string_view user_key);
  std::string PathOf(std::uint64_t number) const;

  OutputContext& output_;
  const TableOptions options_;
  const TableJob job_;
  const TableCuts cuts_;

  std::optional<TableBuilder> builder_;  // of the last number in numbers_
  std::string full_after_;               // the table is full: cut behind this key; empty: it is not
  std::size_t next_grandparent_ = 0;     // the first that does not end before the last key
  std::uint64_t grandparent_bytes_ = 0;  // that this table has passed
  unsigned adds_ = 0;

  std::vector<RangeTombstone> ranges_;
  std::string ranges_from_;  // those before it are in finished tables
  std::string last_key_;

  std::vector<std::uint64_t> numbers_;  // of every file made
  std::vector<FileMetadata> finished_;
  std::vector<WarmBlocks> warm_;
  bool kept_ = false;
};

}  // namespace beachdb
