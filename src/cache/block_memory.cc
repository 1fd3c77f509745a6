#include "cache/block_memory.h"

#include <bit>
#include <new>
#include <utility>

#include "base/check.h"
#include "base/huge_pages.h"

namespace beachdb {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::align_val_t kLineAlignment{kLine};
constexpr std::size_t kSteps = 16;                // sizes to a doubling
constexpr std::size_t kFineMax = kSteps * kLine;  // up to here they are cache lines apart
constexpr std::size_t kChunkHeader = kLine;

#if defined(BEACHDB_SANITIZED)
constexpr auto kSourceOfProcess = BlockMemory::Source::kGeneralAllocator;
#else
constexpr auto kSourceOfProcess = BlockMemory::Source::kChunks;
#endif

}  // namespace

BlockMemory& BlockMemory::OfProcess() {
  static auto* const memory = new BlockMemory(kSourceOfProcess);
  return *memory;
}

BlockMemory::~BlockMemory() {
  for (Size& size : sizes_) {
    MutexLock lock(size.mu);
    CHECK(size.outside == 0);
    if (size.with_room == nullptr) continue;
    CHECK(size.with_room->used == 0 && size.with_room->next == nullptr);
    UnmapPages(reinterpret_cast<char*>(size.with_room), kHugePage);
  }
}

// ---- sizes --------------------------------------------------------------------------------------

std::size_t BlockMemory::IndexOf(std::size_t bytes) {
  if (bytes <= kFineMax) return bytes == 0 ? 0 : (bytes - 1) / kLine;
  const auto doubling = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;  // 2^it < bytes
  const std::size_t step = (std::size_t{1} << doubling) / kSteps;
  const std::size_t within = (bytes - 1 - (std::size_t{1} << doubling)) / step;
  return kSteps + (doubling - 10) * kSteps + within;
}

std::size_t BlockMemory::SizeAt(std::size_t index) {
  if (index < kSteps) return (index + 1) * kLine;
  const std::size_t doubling = 10 + (index - kSteps) / kSteps;
  const std::size_t base = std::size_t{1} << doubling;
  return base + (index % kSteps + 1) * (base / kSteps);
}

std::size_t BlockMemory::CellSize(std::size_t bytes) {
  return bytes > kCellMax ? (bytes + kLine - 1) / kLine * kLine : SizeAt(IndexOf(bytes));
}

std::uint32_t BlockMemory::CellsOf(std::size_t size) {
  return static_cast<std::uint32_t>((kHugePage - kChunkHeader) / size);
}

// ---- cells --------------------------------------------------------------------------------------

BlockMemory::Cell BlockMemory::New(std::size_t bytes) {
  const std::size_t cell_size = CellSize(bytes);
  if (bytes <= kCellMax) {
    Size& size = sizes_[IndexOf(bytes)];
    MutexLock lock(size.mu);
    Chunk* chunk = size.with_room;
    if (chunk == nullptr && size.outside >= kHugePage && source_ == Source::kChunks) {
      chunk = NewChunk();
      if (chunk != nullptr) Link(size, chunk);
    }
    if (chunk != nullptr) {
      char* memory = nullptr;
      if (chunk->free != nullptr) {
        memory = reinterpret_cast<char*>(std::exchange(chunk->free, chunk->free->next));
      } else {
        memory = reinterpret_cast<char*>(chunk) + kChunkHeader + chunk->fresh++ * cell_size;
      }
      ++chunk->used;
      const bool full = chunk->free == nullptr && chunk->fresh == CellsOf(cell_size);
      if (full) Unlink(size, chunk);
      return {memory, true};
    }
    size.outside += cell_size;
  }
  return {static_cast<char*>(::operator new(cell_size, kLineAlignment)), false};
}

void BlockMemory::Delete(Cell cell, std::size_t bytes) {
  const std::size_t cell_size = CellSize(bytes);
  if (!cell.in_chunk) {
    ::operator delete(cell.memory, kLineAlignment);
    if (bytes > kCellMax) return;
    Size& size = sizes_[IndexOf(bytes)];
    MutexLock lock(size.mu);
    size.outside -= cell_size;
    return;
  }
  auto* const chunk = reinterpret_cast<Chunk*>(reinterpret_cast<std::uintptr_t>(cell.memory) &
                                               ~std::uintptr_t{kHugePage - 1});
  Size& size = sizes_[IndexOf(bytes)];
  MutexLock lock(size.mu);
  const bool was_full = chunk->free == nullptr && chunk->fresh == CellsOf(cell_size);
  chunk->free = new (cell.memory) FreeCell{chunk->free};
  if (was_full) Link(size, chunk);
  const bool only_one = chunk->previous == nullptr && chunk->next == nullptr;
  if (--chunk->used > 0 || only_one) return;
  Unlink(size, chunk);
  UnmapPages(reinterpret_cast<char*>(chunk), kHugePage);
  chunk_bytes_.fetch_sub(kHugePage, std::memory_order_relaxed);
}

// ---- chunks -------------------------------------------------------------------------------------

BlockMemory::Chunk* BlockMemory::NewChunk() {
  char* pages = MapHugePages(kHugePage);
  if (pages == nullptr) return nullptr;
  chunk_bytes_.fetch_add(kHugePage, std::memory_order_relaxed);
  return new (pages) Chunk{};
}

void BlockMemory::Link(Size& size, Chunk* chunk) {
  chunk->previous = nullptr;
  chunk->next = size.with_room;
  if (chunk->next != nullptr) chunk->next->previous = chunk;
  size.with_room = chunk;
}

void BlockMemory::Unlink(Size& size, Chunk* chunk) {
  (chunk->previous != nullptr ? chunk->previous->next : size.with_room) = chunk->next;
  if (chunk->next != nullptr) chunk->next->previous = chunk->previous;
  chunk->previous = chunk->next = nullptr;
}

}  // namespace beachdb
