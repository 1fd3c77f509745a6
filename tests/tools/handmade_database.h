// A closed database made by hand, table by table, so that a test can say exactly what stands where,
// and make any part of it lie while every checksum is right.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "format/file_header.h"
#include "kv/internal_key.h"
#include "kv/range_tombstones.h"
#include "manifest/file_metadata.h"
#include "sstable/table_builder.h"
#include "sstable/table_format.h"

namespace beachdb {

struct HandEntry {
  std::string key;
  Seqno seqno = 0;
  std::string value;
  Kind kind = Kind::kPut;
};

class HandmadeDatabase {
 public:
  explicit HandmadeDatabase(std::string directory);

  // Writes a table. REQUIRES: entries in internal key order, ranges in stored order.
  void AddTable(int level, std::uint64_t number, const std::vector<HandEntry>& entries,
                const TableOptions& options = {}, std::span<const RangeTombstone> ranges = {});
  // What the MANIFEST will say of that table.
  FileMetadata& Metadata(std::uint64_t number);
  // Changes the contents of a block, seals it again, and puts the file's new checksum into the
  // metadata. REQUIRES: `change` keeps the size. Of data blocks the first one.
  void ChangeBlock(std::uint64_t number, BlockType type,
                   const std::function<void(std::string& contents)>& change);
  // A log of single puts, from `first_seqno` on. Give it a number above that of every table.
  void AddLog(std::uint64_t number, Seqno first_seqno, const std::vector<HandEntry>& entries);
  // Writes IDENTITY, the MANIFEST and CURRENT. Tables of level 0 stand there newest first.
  void Finish();

  std::string Path(std::uint64_t table_number) const;
  const DatabaseId& id() const { return id_; }

 private:
  std::string directory_;
  DatabaseId id_{};
  std::vector<std::pair<int, FileMetadata>> tables_;
  std::uint64_t log_number_ = 0;
};

}  // namespace beachdb
