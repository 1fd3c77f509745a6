// Comparing and copying short byte strings in place: a call into the C library costs more than the
// work when they have the size of keys.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "base/coding.h"

namespace beachdb {

// The last 8 bytes are looked at first: neighbouring keys share their beginnings.
inline bool EqualBytes(std::string_view a, std::string_view b) {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  if (LoadFixed64(a.data() + size - 8) != LoadFixed64(b.data() + size - 8)) return false;
  for (std::size_t i = 0; i + 8 < size; i += 8) {
    if (LoadFixed64(a.data() + i) != LoadFixed64(b.data() + i)) return false;
  }
  return true;
}

// In words, the last of which may overlap the one before. REQUIRES: `to` and `from` do not overlap.
inline void CopyBytes(char* to, std::string_view from) {
  const std::size_t size = from.size();
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
    return;
  }
  for (std::size_t i = 0; i + 8 < size; i += 8) std::memcpy(to + i, from.data() + i, 8);
  std::memcpy(to + size - 8, from.data() + size - 8, 8);
}

}  // namespace beachdb
