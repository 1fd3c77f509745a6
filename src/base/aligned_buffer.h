// A buffer that direct I/O accepts: it begins on a page.
//
// Large ones come straight from the system and go back to it, past malloc: its arenas would keep
// the memory of every thread that ever ran a compaction, between what lives long.
//
// Thread safety: none; movable. Errors: std::bad_alloc, as from operator new.
#pragma once

#include <cstddef>
#include <utility>

namespace beachdb {

class AlignedBuffer {
 public:
  static constexpr std::size_t kAlignment = 4096;

  AlignedBuffer() = default;
  // Of at least `size` bytes, any content.
  explicit AlignedBuffer(std::size_t size);
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    AlignedBuffer taken(std::move(other));
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    return *this;
  }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer();

  char* data() const { return data_; }
  std::size_t size() const { return size_; }  // a multiple of kAlignment

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace beachdb
