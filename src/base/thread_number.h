// A number for every living thread, the smallest that no other has: the index of its own cell in
// what is kept by thread. A thread takes it up at its first call and gives it back when it ends.
// Thread safety: all of it. Lifetime: not for the destructors of thread-local objects.
#pragma once

#include <cstdint>

namespace beachdb {

namespace thread_number_internal {

inline constexpr std::uint32_t kNone = ~std::uint32_t{0};
inline constinit thread_local std::uint32_t mine = kNone;

std::uint32_t Take();  // for this thread, which has none

}  // namespace thread_number_internal

inline std::uint32_t ThreadNumber() {
  const std::uint32_t mine = thread_number_internal::mine;
  return mine != thread_number_internal::kNone ? mine : thread_number_internal::Take();
}

}  // namespace beachdb
