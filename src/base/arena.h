// Memory that is handed out in order and freed all at once, with the memtable that it belongs to.
//
// Chunks come straight from mmap. The first is 16 KiB, each next one twice as large, up to 2 MiB;
// those lie on 2 MiB boundaries and ask for huge pages, so that a walk through a large memtable
// misses the cache, but not the TLB as well. They may come from a pool and go back to it.
//
// Thread safety: one thread allocates; any thread may read MemoryUsage(), BytesUsed() and the
// memory itself.
// Limits: none; a request that would waste much of a chunk gets one of its own.
// Errors: when the system has no memory left, the process stops: nothing can be written any more,
// and all that was acknowledged is in the log.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/huge_pages.h"
#include "base/page_pool.h"

namespace beachdb {

class Arena {
 public:
  // `pool`: where chunks of a huge page come from; it outlives the arena. nullptr: the system.
  explicit Arena(PagePool* pool = nullptr) : pool_(pool) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Memory of any content, unaligned. Never nullptr; 0 bytes are allowed.
  char* Allocate(std::size_t bytes) {
    if (bytes > static_cast<std::size_t>(end_ - next_)) [[unlikely]] {
      return AllocateSlow(bytes, 1);
    }
    return Take(0, bytes);
  }

  // The same at an address that is a multiple of `align`, a power of two up to 4096.
  char* AllocateAligned(std::size_t bytes, std::size_t align = 8) {
    const std::size_t padding = -reinterpret_cast<std::uintptr_t>(next_) & (align - 1);
    if (bytes + padding > static_cast<std::size_t>(end_ - next_)) [[unlikely]] {
      return AllocateSlow(bytes, align);
    }
    return Take(padding, bytes);
  }

  // Bytes taken from the system: what the memory budget is charged. Grows by whole chunks, small
  // ones first, so that an empty memtable is small.
  std::size_t MemoryUsage() const { return usage_.load(std::memory_order_relaxed); }
  // Bytes handed out, padding included: what decides that a memtable is full.
  std::size_t BytesUsed() const { return used_.load(std::memory_order_relaxed); }

 private:
  struct Chunk {
    char* data;
    std::size_t size;
  };

  char* Take(std::size_t padding, std::size_t bytes) {
    char* result = next_ + padding;
    next_ = result + bytes;
    CountUsed(padding + bytes);
    return result;
  }
  // One writer: a load and a store, no locked instruction.
  void CountUsed(std::size_t bytes) {
    used_.store(used_.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
  }

  bool IsPooled(std::size_t size) const { return pool_ != nullptr && size == kHugePage; }
  char* AllocateSlow(std::size_t bytes, std::size_t align);
  char* NewChunk(std::size_t size);

  PagePool* const pool_;
  char nothing_ = 0;  // so that the empty arena has an address to hand out for 0 bytes
  char* next_ = &nothing_;
  char* end_ = &nothing_;
  std::size_t chunk_size_ = 16u << 10;  // of the next chunk
  std::vector<Chunk> chunks_;
  std::atomic<std::size_t> usage_{0};
  std::atomic<std::size_t> used_{0};
};

}  // namespace beachdb
