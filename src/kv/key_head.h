// The first 16 bytes of a key as a number that orders as the bytes do: most comparisons of a merge
// are settled by it, those of keys up to that length almost always. Short keys are padded with
// zeros, so equal heads still need the full comparison.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/coding.h"

namespace beachdb {

__extension__ using KeyHead128 = unsigned __int128;

inline constexpr std::size_t kKeyHeadSize = sizeof(KeyHead128);

inline KeyHead128 HeadOf(std::string_view key) {
  const char* p = key.data();
  const std::size_t size = key.size();
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  if (size >= 16) [[likely]] {
    high = __builtin_bswap64(LoadFixed64(p));
    low = __builtin_bswap64(LoadFixed64(p + 8));
  } else if (size > 8) {
    high = __builtin_bswap64(LoadFixed64(p));
    // The last 8 bytes, of which those that `high` has already are shifted out.
    low = __builtin_bswap64(LoadFixed64(p + size - 8)) << (8 * (16 - size));
  } else {
    high = KeyHead64(key);
  }
  return KeyHead128{high} << 64 | low;
}

}  // namespace beachdb
