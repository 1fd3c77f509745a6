// The memory of cached blocks: cells of few sizes, cut out of huge pages. A block that is read at
// random otherwise misses the TLB each time it misses the cache.
//
// A chunk of one huge page holds cells of one size. There are 16 sizes to a doubling, so a cell
// wastes at most a sixteenth. A size gets chunks only once a chunk's worth of it is in use: until
// then, and above 64 KiB, its cells come from the general allocator, so that a small database stays
// small. A chunk whose last cell is freed goes back to the system, but for one of each size.
//
// Under a sanitizer all cells come from the general allocator, which the sanitizer watches.
//
// Thread safety: all of it; cells of different sizes do not share a lock.
// Limits: chunks that are not full count for nothing in the budget of a cache. New cells of their
// size fill them first.
// Errors: when the system has no memory left, the process stops.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/mutex.h"

namespace beachdb {

class BlockMemory {
 public:
  struct Cell {
    char* memory;
    bool in_chunk;
  };

  enum class Source : std::uint8_t { kChunks, kGeneralAllocator };

  explicit BlockMemory(Source source = Source::kChunks) : source_(source) {}
  ~BlockMemory();  // REQUIRES: no cell in use
  BlockMemory(const BlockMemory&) = delete;
  BlockMemory& operator=(const BlockMemory&) = delete;

  // The one of the process, which is never destroyed: a block may outlive every cache.
  static BlockMemory& OfProcess();

  // At least `bytes` bytes, at the begin of a cache line.
  Cell New(std::size_t bytes);
  // `bytes` as they were asked for.
  void Delete(Cell cell, std::size_t bytes);

  // What a cell for `bytes` bytes takes.
  static std::size_t CellSize(std::size_t bytes);
  // Taken from the system for chunks.
  std::size_t chunk_bytes() const { return chunk_bytes_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kCellMax = 64u << 10;
  static constexpr std::size_t kSizes = 16 + 16 * 6;  // up to 1 KiB, then 6 doublings

  struct FreeCell {
    FreeCell* next;
  };
  // At the begin of the huge page that it describes.
  struct Chunk {
    Chunk* previous;  // of those of its size that have room
    Chunk* next;
    FreeCell* free;
    std::uint32_t used;   // cells
    std::uint32_t fresh;  // the first that was never used; there is none behind it
  };
  struct Size {
    Mutex mu;
    Chunk* with_room GUARDED_BY(mu) = nullptr;
    std::size_t outside GUARDED_BY(mu) = 0;  // bytes from the general allocator
  };

  static std::size_t IndexOf(std::size_t bytes);
  static std::size_t SizeAt(std::size_t index);
  static std::uint32_t CellsOf(std::size_t size);
  static void Link(Size& size, Chunk* chunk) REQUIRES(size.mu);
  static void Unlink(Size& size, Chunk* chunk) REQUIRES(size.mu);
  Chunk* NewChunk();

  const Source source_;
  std::atomic<std::size_t> chunk_bytes_{0};
  std::array<Size, kSizes> sizes_;
};

}  // namespace beachdb
