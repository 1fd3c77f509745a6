#include "base/arena.h"

#include <algorithm>

#include "base/check.h"
#include "base/huge_pages.h"

namespace beachdb {

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kChunkMax = kHugePage;

std::size_t RoundUp(std::size_t bytes, std::size_t unit) {
  CHECK(bytes <= SIZE_MAX - unit);
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) {
    if (IsPooled(chunk.size)) {
      pool_->GiveBack(chunk.data);
    } else {
      UnmapPages(chunk.data, chunk.size);
    }
  }
}

char* Arena::AllocateSlow(std::size_t bytes, std::size_t align) {
  CHECK(align <= kPage && (align & (align - 1)) == 0);
  // A quarter is the most that abandoning the rest of a chunk may waste.
  while (bytes > chunk_size_ / 4 && chunk_size_ < kChunkMax) chunk_size_ *= 2;
  if (bytes > chunk_size_ / 4) {
    CountUsed(bytes);
    return NewChunk(RoundUp(bytes, kPage));  // the current chunk stays in use
  }
  next_ = NewChunk(chunk_size_);
  end_ = next_ + chunk_size_;
  chunk_size_ = std::min(chunk_size_ * 2, kChunkMax);
  return Take(0, bytes);  // a chunk begins on a page: aligned
}

char* Arena::NewChunk(std::size_t size) {
  char* data = IsPooled(size)      ? pool_->Take()
               : size >= kHugePage ? MapHugePages(size)
                                   : MapPages(size);
  CHECK(data != nullptr && "out of memory");
  chunks_.push_back({data, size});
  usage_.store(usage_.load(std::memory_order_relaxed) + size, std::memory_order_relaxed);
  return data;
}

}  // namespace beachdb
