// Memory that is handed out in order and freed all at once, with the memtable that it belongs to.
//
// Thread safety: one thread allocates; any thread may read MemoryUsage() and the memory itself.
// Limits: none; a request larger than a chunk gets a chunk of its own.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

namespace beachdb {

class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  char* Allocate(std::size_t bytes);                             // unaligned
  char* AllocateAligned(std::size_t bytes, std::size_t align = 8);

  // Bytes taken from the system: what the memory budget is charged. Grows by whole chunks, small
  // ones first, so that an empty memtable is small.
  std::size_t MemoryUsage() const { return usage_.load(std::memory_order_relaxed); }
  // Bytes handed out: what decides that a memtable is full.
  std::size_t BytesUsed() const { return used_.load(std::memory_order_relaxed); }

 private:
  char* AllocateSlow(std::size_t bytes, std::size_t align);

  struct Chunk {
    char* data;
    std::size_t size;
  };
  char* next_ = nullptr;
  char* end_ = nullptr;
  std::vector<Chunk> chunks_;
  std::atomic<std::size_t> usage_{0};
  std::atomic<std::size_t> used_{0};
};

}  // namespace beachdb
