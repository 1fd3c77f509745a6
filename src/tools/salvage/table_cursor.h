// The entries of the readable blocks of one table, in order.
//
// Thread safety: none. Memory: one block. No file stays open between two reads, as there may be
// thousands of tables.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "io/file_system.h"
#include "sstable/data_block.h"
#include "tools/salvage/table_blocks.h"

namespace beachdb::tools {

class TableCursor {
 public:
  // `blocks` must outlive it.
  TableCursor(FileSystem& fs, const TableBlocks& blocks) : fs_(&fs), blocks_(&blocks) {}

  // False: the end. kIoError, kCorruption: a block that could be read before cannot any more.
  Result<bool> Next();
  // REQUIRES: Next has returned true; good until it is called again.
  const std::string& key() const { return key_; }
  std::uint64_t trailer() const { return entry_.trailer + (blocks_->base_seqno << 8); }
  std::string_view value() const { return entry_.value; }

 private:
  FileSystem* fs_;
  const TableBlocks* blocks_;
  std::size_t next_block_ = 0;
  std::string buffer_;
  DataBlock block_;
  std::uint32_t next_entry_ = 0;
  std::uint32_t size_ = 0;  // entries of the block
  std::string key_;
  DataBlock::Entry entry_{};
};

}  // namespace beachdb::tools
