#include "tests/damage/allocation_limit.h"

#include <cstdint>

extern "C" {
// Of the runtime of the address and the thread sanitizer; absent without one.
__attribute__((weak)) int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void*, std::size_t),
    void (*free_hook)(const volatile void*));
}

namespace beachdb {
namespace {

thread_local std::size_t limit = SIZE_MAX;
thread_local std::size_t largest_above = 0;

void OnMalloc(const volatile void* /*memory*/, std::size_t bytes) {
  if (bytes > limit && bytes > largest_above) largest_above = bytes;
}
void OnFree(const volatile void* /*memory*/) {}

}  // namespace

AllocationLimit::AllocationLimit(std::size_t bytes) {
  [[maybe_unused]] static const bool installed = [] {
    return __sanitizer_install_malloc_and_free_hooks != nullptr &&
           __sanitizer_install_malloc_and_free_hooks(OnMalloc, OnFree) != 0;
  }();
  limit = bytes;
  largest_above = 0;
}

AllocationLimit::~AllocationLimit() { limit = SIZE_MAX; }

std::size_t AllocationLimit::largest() const { return largest_above; }

}  // namespace beachdb
