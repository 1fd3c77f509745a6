#include "cache/cached_block.h"

#include <new>

namespace beachdb {
namespace {

// A header never straddles two cache lines.
constexpr std::align_val_t kBlockAlignment{64};

}  // namespace

CachedBlock* CachedBlock::New(std::size_t size) {
  void* memory = ::operator new(sizeof(CachedBlock) + size, kBlockAlignment);
  return new (memory) CachedBlock(size);
}

void CachedBlock::Free(CachedBlock* block) {
  block->~CachedBlock();
  ::operator delete(static_cast<void*>(block), kBlockAlignment);
}

}  // namespace beachdb
