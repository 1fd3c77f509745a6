// Is what many threads saw of one key explained by some order in which each operation happened at
// one moment between its call and its return?
//
// The search is that of Wing and Gong (1993), with the memory of Lowe (2017): a set of operations
// that have happened, with the value they leave, is looked at once. Keys are independent of each
// other (linearisability is local, Herlihy and Wing 1990), so each is checked by itself.
//
// Time is any counter that all threads share. An operation whose outcome nobody learnt (the process
// died, an error came back) returned never: it may have happened at any time after its call, or not
// at all. Reads without an answer are left out by the caller.
#pragma once

#include <cstdint>
#include <vector>

namespace beachdb::concurrency {

inline constexpr std::uint64_t kNever = UINT64_MAX;

struct KeyOp {
  enum class Kind : std::uint8_t { kRead, kWrite };

  Kind kind = Kind::kRead;
  std::uint64_t value = 0;  // that was read, or is written; 0: no value (deleted)
  std::uint64_t called = 0;
  std::uint64_t returned = kNever;
};

// Of one key, which had no value before the first of them. The order of `ops` does not matter.
bool IsLinearizable(std::vector<KeyOp> ops);

}  // namespace beachdb::concurrency
