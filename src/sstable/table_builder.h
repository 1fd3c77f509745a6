// Writes one table file from entries in internal key order.
//
// The file is written in large chunks (past the page cache if the File is direct), synced by
// Finish, and not yet named by anyone: the caller syncs the directory and puts it into the manifest.
// Deterministic: the same entries, options and identity give the same bytes but for the creation
// time in the header and the job in the properties.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/options.h"
#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/file_system.h"
#include "kv/internal_key.h"
#include "sstable/table_properties.h"

namespace beachdb {

struct TableOptions {
  std::size_t block_size = 4096;
  int filter_bits_per_key = 10;
  Compression compression = Compression::kNone;
};

class TableBuilder {
 public:
  // `job` says who writes it and from what (table_properties.h).
  TableBuilder(std::unique_ptr<File> file, const FileIdentity& identity, const TableOptions& options,
               TableJob job, std::uint64_t created_micros);
  ~TableBuilder();  // an unfinished file is left for the caller to remove

  // REQUIRES: after every entry added before, in internal key order.
  Status Add(std::string_view user_key, std::uint64_t trailer, std::string_view value);

  // Bytes the file would have if it were finished now (an estimate, at most a block off).
  std::uint64_t EstimatedSize() const;
  std::uint64_t entries() const;

  // Writes what is left, syncs, closes. REQUIRES: at least one entry.
  Result<TableSummary> Finish();
};

}  // namespace beachdb
