#include "tools/salvage/table_cursor.h"

#include <memory>

#include "base/try.h"

namespace beachdb::tools {

Result<bool> TableCursor::Next() {
  if (next_entry_ == size_) {
    if (next_block_ == blocks_->blocks.size()) return false;
    ASSIGN_OR_RETURN(const std::unique_ptr<File> file, fs_->Open(blocks_->path, OpenMode::kRead));
    const BlockHandle& handle = blocks_->blocks[next_block_++];
    const auto raw = ReadDataBlock(*file, blocks_->seed, handle, buffer_);
    if (!raw.ok()) return raw.error().WithContext(blocks_->path + ": ");
    block_ = DataBlock(raw->data());
    size_ = block_.size();
    next_entry_ = 0;
  }
  block_.CopyKey(next_entry_, &key_);
  entry_ = block_.At(next_entry_++);
  return true;
}

}  // namespace beachdb::tools
