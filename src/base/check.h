// CHECK stops the process on a broken assumption of our own (a bug, never bad input or a bad disk).
// It is always on, so its condition must be cheap. INVARIANT is for the dear ones: it runs in test,
// fuzz and simulation builds and is compiled in all of them, so that it cannot rot.
#pragma once

namespace beachdb {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

#if defined(BEACHDB_INVARIANTS) && BEACHDB_INVARIANTS
inline constexpr bool kInvariants = true;
#else
inline constexpr bool kInvariants = false;
#endif

}  // namespace beachdb

#define CHECK(condition)                                                                      \
  (__builtin_expect(!(condition), 0) ? ::beachdb::CheckFailed(__FILE__, __LINE__, #condition) \
                                     : static_cast<void>(0))

#define INVARIANT(condition)                                \
  do {                                                      \
    if constexpr (::beachdb::kInvariants) CHECK(condition); \
  } while (false)
