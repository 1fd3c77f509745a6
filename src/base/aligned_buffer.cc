#include "base/aligned_buffer.h"

#include <new>

#include "base/huge_pages.h"

namespace beachdb {
namespace {

constexpr std::size_t kFromSystem = 128u << 10;  // bytes; from here on
constexpr std::size_t kInHugePages = 4u << 20;   // the same
constexpr std::align_val_t kAlign{AlignedBuffer::kAlignment};

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t size)
    : size_((size + kAlignment - 1) / kAlignment * kAlignment) {
  if (size_ < kFromSystem) {
    data_ = static_cast<char*>(::operator new(size_, kAlign));
    return;
  }
  data_ = size_ < kInHugePages ? MapPages(size_) : MapHugePages(size_);
  if (data_ == nullptr) throw std::bad_alloc();
}

AlignedBuffer::~AlignedBuffer() {
  if (data_ == nullptr) return;
  if (size_ < kFromSystem) {
    ::operator delete(static_cast<void*>(data_), kAlign);
  } else {
    UnmapPages(data_, size_);
  }
}

}  // namespace beachdb
