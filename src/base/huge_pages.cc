#include "base/huge_pages.h"

#include <sys/mman.h>

#include <cstdint>

#include "base/check.h"

namespace beachdb {

char* MapPages(std::size_t size) {
  void* p = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? nullptr : static_cast<char*>(p);
}

// Maps a huge page more than asked for, and gives back what lies before and after the boundaries.
char* MapHugePages(std::size_t size) {
  char* mapped = MapPages(size + kHugePage);
  if (mapped == nullptr) return nullptr;
  const std::size_t before = -reinterpret_cast<std::uintptr_t>(mapped) & (kHugePage - 1);
  char* aligned = mapped + before;
  if (before > 0) UnmapPages(mapped, before);
  UnmapPages(aligned + size, kHugePage - before);
  ::madvise(aligned, size, MADV_HUGEPAGE);  // a wish: without it all is only slower
  return aligned;
}

void UnmapPages(char* pages, std::size_t size) { CHECK(::munmap(pages, size) == 0); }

}  // namespace beachdb
