// Epoch-based reclamation (Fraser 2004): readers announce that they are reading with one store to a
// slot of their own thread, and what is unlinked is freed only when every reader that might still
// see it has left. So a read pins the read state, the tables and the cached blocks it walks through
// with a single uncontended store, and takes no lock and no reference count.
//
// Thread safety: all of it, from any thread. A guard belongs to the thread that made it; guards
// nest. Keep one for microseconds, never across I/O that may block for long or user code: while it
// lives, nothing retired since is freed. To keep a thing longer, take a reference to it under the
// guard.
#pragma once

#include <cstdint>

namespace beachdb {

class EpochGuard {
 public:
  EpochGuard();
  ~EpochGuard();
  EpochGuard(const EpochGuard&) = delete;
  EpochGuard& operator=(const EpochGuard&) = delete;
};

// Calls `free(object)` once no guard that exists now is alive any more: soon, on some thread that
// retires or leaves later, or inside DrainRetired. `free` must not block and may itself retire.
// REQUIRES: `object` is already unreachable for new readers.
void Retire(void* object, void (*free)(void*));

// Frees everything retired before the call; waits for the guards alive now. Must not be called
// under a guard. Close uses it, so that nothing of a database outlives it.
void DrainRetired();

// Retired objects not yet freed.
std::uint64_t RetiredCount();

}  // namespace beachdb
