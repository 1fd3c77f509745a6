// A copy of a key, made again and again: no allocation while keys are short, no call of the C
// library.
// Thread safety: none. Views stay good until the next Assign.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace beachdb {

class KeyBuffer {
 public:
  KeyBuffer() = default;
  KeyBuffer(const KeyBuffer&) = delete;
  KeyBuffer& operator=(const KeyBuffer&) = delete;

  std::string_view view() const { return {data_, size_}; }
  bool operator==(std::string_view key) const { return EqualBytes(view(), key); }
  // `key` must not lie in this buffer.
  void Assign(std::string_view key) {
    if (key.size() > capacity_) [[unlikely]]
      Grow(key.size());
    CopyBytes(data_, key);
    size_ = key.size();
  }

 private:
  static constexpr std::size_t kShort = 64;

  void Grow(std::size_t size) {
    capacity_ = 2 * size;
    long_ = std::make_unique_for_overwrite<char[]>(capacity_);
    data_ = long_.get();
  }

  std::array<char, kShort> short_;
  std::unique_ptr<char[]> long_;
  char* data_ = short_.data();
  std::size_t size_ = 0;
  std::size_t capacity_ = kShort;
};

}  // namespace beachdb
