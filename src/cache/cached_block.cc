#include "cache/cached_block.h"

#include <new>

#include "cache/block_memory.h"

namespace beachdb {

CachedBlock* CachedBlock::New(std::size_t size) {
  const BlockMemory::Cell cell = BlockMemory::OfProcess().New(sizeof(CachedBlock) + size);
  return new (cell.memory) CachedBlock(size, cell.in_chunk);
}

void CachedBlock::Free(CachedBlock* block) {
  const std::size_t bytes = sizeof(CachedBlock) + block->size_;
  const bool in_chunk = block->in_chunk_;
  block->~CachedBlock();
  BlockMemory::OfProcess().Delete({reinterpret_cast<char*>(block), in_chunk}, bytes);
}

std::size_t CachedBlock::FootprintOf(std::size_t size) {
  return BlockMemory::CellSize(sizeof(CachedBlock) + size);
}

}  // namespace beachdb
