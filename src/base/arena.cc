#include "base/arena.h"

#include <sys/mman.h>

#include <algorithm>

#include "base/check.h"

namespace beachdb {

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = 2u << 20;
constexpr std::size_t kChunkMax = kHugePage;

std::size_t RoundUp(std::size_t bytes, std::size_t unit) {
  CHECK(bytes <= SIZE_MAX - unit);
  return (bytes + unit - 1) / unit * unit;
}

char* MapPages(std::size_t size) {
  void* p = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(p != MAP_FAILED && "out of memory");
  return static_cast<char*>(p);
}

// Maps a huge page more than asked for, and gives back what lies before and after the boundaries.
char* MapHugePages(std::size_t size) {
  char* mapped = MapPages(size + kHugePage);
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(mapped) & (kHugePage - 1);
  const std::size_t after = kHugePage - before;
  char* aligned = mapped + before;
  if (before > 0) ::munmap(mapped, before);
  if (after > 0) ::munmap(aligned + size, after);
  ::madvise(aligned, size, MADV_HUGEPAGE);  // a wish: without it the arena is only slower
  return aligned;
}

}  // namespace

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) ::munmap(chunk.data, chunk.size);
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
  char* data = size >= kHugePage ? MapHugePages(size) : MapPages(size);
  chunks_.push_back({data, size});
  usage_.store(usage_.load(std::memory_order_relaxed) + size, std::memory_order_relaxed);
  return data;
}

}  // namespace beachdb
