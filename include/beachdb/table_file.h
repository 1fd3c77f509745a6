// A table file made outside of any database, for Db::Ingest: sorted input becomes a file that a
// database takes in as it is, without sorting or merging anything.
//
//   auto table = TableFileBuilder::Create("/data/shells.sst");
//   for (const auto& [key, value] : sorted) RETURN(table->Add(key, value));
//   RETURN(table->Finish());
//   RETURN(db.Ingest({"/data/shells.sst"}));
//
// Any number of them can be made at the same time, by other processes and on other machines: they
// have identities of their own (docs/formats/sstable.md).
//
// Thread safety: none. Memory: about 1.5 MiB and 8 bytes for every key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "beachdb/options.h"
#include "beachdb/result.h"

namespace beachdb {

class TableFile;

// As the fields of Options by these names, which a database that ingests the file cannot change.
struct TableFileOptions {
  std::size_t block_size = 4096;
  int filter_bits_per_key = 10;
  Compression compression = Compression::kLz4;
  bool direct_writes = true;
  Environment* environment = nullptr;  // not owned; nullptr: the real world
};

class TableFileBuilder {
 public:
  // kInvalidArgument: there already is a file of this name, or an option is out of range.
  static Result<TableFileBuilder> Create(const std::string& path,
                                         const TableFileOptions& options = {});
  TableFileBuilder(TableFileBuilder&&) noexcept;
  TableFileBuilder& operator=(TableFileBuilder&&) noexcept;
  TableFileBuilder(const TableFileBuilder&) = delete;
  TableFileBuilder& operator=(const TableFileBuilder&) = delete;
  ~TableFileBuilder();  // removes the file unless Finish succeeded

  // kInvalidArgument: the key is not above the one before, or beyond the limits. After an error
  // every later call returns it.
  Status Add(std::string_view key, std::string_view value);
  // Writes the rest; the file and its name are durable. kInvalidArgument: nothing was added.
  Status Finish();

  std::uint64_t entries() const;
  // Of the file so far.
  std::uint64_t bytes() const;

 private:
  explicit TableFileBuilder(std::unique_ptr<TableFile> file);
  std::unique_ptr<TableFile> file_;
};

}  // namespace beachdb
