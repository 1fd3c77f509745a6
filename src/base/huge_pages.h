// Memory straight from the system, in huge pages where it grants them: a walk at random through it
// misses the cache, but not the TLB as well.
//
// Thread safety: all of it. Errors: nullptr when the system has no memory left.
#pragma once

#include <cstddef>

namespace beachdb {

inline constexpr std::size_t kHugePage = 2u << 20;

// Zeroed. REQUIRES: `size` is a multiple of 4096.
char* MapPages(std::size_t size);
// The same on a boundary of huge pages.
char* MapHugePages(std::size_t size);
void UnmapPages(char* pages, std::size_t size);

}  // namespace beachdb
