#include "sstable/block_trace.h"

namespace beachdb {

void BlockNotes::Search(const BlockHandle& handle, const DataBlock& block, std::string_view key,
                        std::uint64_t trailer) const {
  trace_->handle = handle;
  trace_->entries = block.size();
  trace_->compared = block.HeadsCompared();
  trace_->newer = 0;
  // Versions stand side by side, the newest first.
  for (std::uint32_t i = block.LowerBound(key, ~std::uint64_t{0}); i < block.size(); ++i) {
    if (!block.KeyEquals(i, key) || block.At(i).trailer <= trailer) break;
    ++trace_->newer;
  }
}

}  // namespace beachdb
