// The bytes of a simulated file: pages that copies share until one of them is written, and nothing
// at all for pages of zeros. So an image of a whole disk is copied in microseconds, and a log of a
// MiB that is mostly preallocated zeros costs what was written to it.
//
// Thread safety: none, and copies count as one object: they share pages.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beachdb {

class SparseBytes {
 public:
  static constexpr std::size_t kPage = 4096;  // bytes

  std::uint64_t size() const { return size_; }
  // Bytes gained read as zeros, also those that were there before they were cut off.
  void Resize(std::uint64_t size);

  // Fills `out` from `offset`; returns the bytes read, fewer only at the end.
  std::size_t Read(std::uint64_t offset, std::span<char> out) const;
  std::string ToString() const;

  // Both grow the file if need be.
  void Write(std::uint64_t offset, std::string_view data);
  void WriteZeros(std::uint64_t offset, std::uint64_t size);

  // kPage bytes; nullptr: all of them zero, or behind the end.
  const char* PageAt(std::uint64_t index) const;

 private:
  using Page = std::array<char, kPage>;
  char* MutablePage(std::uint64_t index);

  std::uint64_t size_ = 0;
  std::vector<std::shared_ptr<Page>> pages_;  // behind the end of the vector: zeros
};

// Whether `data` holds nothing but zeros.
bool AllZeros(std::string_view data);

}  // namespace beachdb
