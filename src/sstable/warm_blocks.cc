#include "sstable/warm_blocks.h"

#include <cstring>

#include "sstable/data_block.h"

namespace beachdb {
namespace {

constexpr std::size_t kShareBeyondFree = 8;

}  // namespace

void WarmBlocks::Keep(std::uint32_t i, std::string_view contents) {
  if (cache_ == nullptr) return;
  const std::size_t size = contents.size() + kBlockSlack;
  const std::size_t taken = cache_->block_bytes() + cache_->charged_bytes();
  const bool free = taken + size <= cache_->budget();
  if (!free && bytes_ + size > cache_->budget() / kShareBeyondFree) return;
  BlockRef block = BlockCache::Allocate(size);
  std::memcpy(block.block()->mutable_data(), contents.data(), contents.size());
  cache_->Charge(static_cast<std::int64_t>(size));
  bytes_ += size;
  blocks_.push_back({i, std::move(block)});
}

void WarmBlocks::Publish(Table& table) {
  Uncharge();
  for (Block& block : blocks_) table.Warm(block.number, std::move(block.ref));
  blocks_.clear();
}

void WarmBlocks::Uncharge() {
  if (bytes_ > 0) cache_->Charge(-static_cast<std::int64_t>(std::exchange(bytes_, 0)));
}

}  // namespace beachdb
