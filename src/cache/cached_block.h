// A block in memory: a header, then the bytes, in one cell; and the handle that keeps it.
//
// The header is half a cache line and the bytes begin right behind it, so that marking a block as
// used costs no line that the search inside the block would not touch anyway.
//
// Thread safety: the bytes are immutable once published; references are counted atomically.
// Lifetime: a block lives while a BlockRef or the cache refers to it, and the cache's own reference
// outlives every EpochGuard under which the block could still be found.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace beachdb {

class CachedBlock {
 public:
  CachedBlock(const CachedBlock&) = delete;
  CachedBlock& operator=(const CachedBlock&) = delete;

  std::string_view bytes() const { return {data(), size_}; }
  const char* data() const { return reinterpret_cast<const char*>(this) + sizeof(CachedBlock); }
  // What a block of `size` bytes takes of the memory budget.
  static std::size_t FootprintOf(std::size_t size);
  // Before it is published.
  char* mutable_data() { return reinterpret_cast<char*>(this) + sizeof(CachedBlock); }

 private:
  friend class BlockCache;
  friend class BlockRef;
  friend class ClockRing;

  CachedBlock(std::size_t size, bool in_chunk) : size_(size), in_chunk_(in_chunk) {}
  ~CachedBlock() = default;

  static CachedBlock* New(std::size_t size);
  static void Free(CachedBlock* block);

  std::size_t Footprint() const { return FootprintOf(size_); }

  // Stores only when there is something to change, so that a hot block stays shared by all cores.
  void MarkUsed() {
    if (!used_.load(std::memory_order_relaxed)) used_.store(true, std::memory_order_relaxed);
  }
  // Whether it was used since the last call.
  bool TakeUsed() {
    if (!used_.load(std::memory_order_relaxed)) return false;
    used_.store(false, std::memory_order_relaxed);
    return true;
  }

  void Ref() { refs_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) Free(this);
  }

  std::atomic<std::uint32_t> refs_{1};
  std::uint32_t frame_ = 0;  // its place in a ring; under the cache's mutex
  const std::size_t size_;
  std::atomic<CachedBlock*>* slot_ = nullptr;  // where it is published; under the mutex
  std::atomic<bool> used_{false};
  bool on_probation_ = false;  // which ring; under the mutex
  const bool in_chunk_;        // as BlockMemory wants to know
};
static_assert(sizeof(CachedBlock) == 32);

// Counts as a reader of a block for as long as it lives; movable and copyable.
class BlockRef {
 public:
  BlockRef() = default;
  // Takes a reference to a block found under the EpochGuard that is still held.
  explicit BlockRef(CachedBlock* block) : block_(block) {
    if (block_ != nullptr) block_->Ref();
  }
  BlockRef(const BlockRef& other) : BlockRef(other.block_) {}
  BlockRef(BlockRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  BlockRef& operator=(BlockRef other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~BlockRef() {
    if (block_ != nullptr) block_->Unref();
  }

  explicit operator bool() const { return block_ != nullptr; }
  // REQUIRES: not empty, here and below.
  std::string_view bytes() const { return block_->bytes(); }
  CachedBlock* block() const { return block_; }

  // Gives the reference away as a bare pointer, for a handle of the public API that knows nothing
  // of blocks; ReleaseLeaked gives it back.
  void* Leak() && { return std::exchange(block_, nullptr); }
  static void ReleaseLeaked(void* block) { static_cast<CachedBlock*>(block)->Unref(); }

 private:
  friend class BlockCache;
  // Takes over the reference that the caller holds.
  static BlockRef Adopt(CachedBlock* block) {
    BlockRef ref;
    ref.block_ = block;
    return ref;
  }

  CachedBlock* block_ = nullptr;
};

}  // namespace beachdb
