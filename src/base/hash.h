// XXH3, by xxHash: the hash of keys for filters and of bytes for sharding.
#pragma once

#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace beachdb {

// Stored in filters: must never change for a released format.
inline std::uint64_t Hash64(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace beachdb
