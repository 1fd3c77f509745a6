// Epoch-based reclamation (Fraser 2004): readers announce that they are reading with one store to a
// slot of their own thread, and what is unlinked is freed only when every reader that might still
// see it has left. So a read pins the read state, the tables and the cached blocks it walks through
// with a single uncontended store, and takes no lock and no reference count.
//
// How: a global epoch counts up. A guard writes the epoch that it found into its thread's slot; an
// object is tagged with the epoch in which it was retired, and freed once the epoch has moved on
// and no slot holds a number up to the tag. The order between a reader's store to its slot and its
// loads afterwards is enforced by the side that frees (membarrier(2)), which is rare, instead of by
// each reader. docs/decisions/0006-epochs-with-membarrier.md has the measurements.
//
// Thread safety: all of it, from any thread. A guard belongs to the thread that made it; guards
// nest. Keep one for microseconds, never across I/O that may block for long or user code: while it
// lives, nothing retired since is freed. To keep a thing longer, take a reference to it under the
// guard.
// Lifetime: not for the destructors of thread-local objects.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace beachdb {

namespace epoch_internal {

// One per thread that ever had a guard; never freed, taken over by a new thread when its own ends.
struct alignas(64) Slot {
  std::atomic<std::uint64_t> epoch{0};  // in which the outermost guard began; 0: none lives
  std::uint32_t depth = 0;              // guards alive; only the owning thread looks
  std::atomic<bool> owned{true};
  Slot* next = nullptr;  // set before the slot is published
};

struct alignas(64) Shared {
  std::atomic<std::uint64_t> epoch{1};
  // A guard that began in this epoch or before it delays an object: it collects when it leaves.
  std::atomic<std::uint64_t> awaited{0};
  // membarrier works. Settled before the first slot is made.
  std::atomic<bool> asymmetric{false};
};

inline constinit Shared shared;
inline constinit thread_local Slot* this_slot = nullptr;

Slot* AcquireSlot();  // for this thread, which has none
void Collect();       // frees what no guard can see

}  // namespace epoch_internal

class EpochGuard {
 public:
  EpochGuard() : slot_(epoch_internal::this_slot) {
    if (slot_ == nullptr) [[unlikely]]
      slot_ = epoch_internal::AcquireSlot();
    if (slot_->depth++ == 0) Enter();
  }
  ~EpochGuard() {
    if (--slot_->depth == 0) Leave();
  }
  EpochGuard(const EpochGuard&) = delete;
  EpochGuard& operator=(const EpochGuard&) = delete;

 private:
  // The store must be seen by whoever frees before any load under the guard is done. With
  // membarrier it is enough that the compiler keeps the order.
  void Enter() {
    using epoch_internal::shared;
    const std::uint64_t epoch = shared.epoch.load(std::memory_order_acquire);
    if (shared.asymmetric.load(std::memory_order_relaxed)) [[likely]] {
      slot_->epoch.store(epoch, std::memory_order_release);
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      slot_->epoch.exchange(epoch, std::memory_order_seq_cst);
    }
  }
  void Leave() {
    using epoch_internal::shared;
    const std::uint64_t epoch = slot_->epoch.load(std::memory_order_relaxed);
    if (shared.asymmetric.load(std::memory_order_relaxed)) [[likely]] {
      slot_->epoch.store(0, std::memory_order_release);
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      slot_->epoch.exchange(0, std::memory_order_seq_cst);
    }
    if (epoch <= shared.awaited.load(std::memory_order_relaxed)) [[unlikely]] {
      epoch_internal::Collect();
    }
  }

  epoch_internal::Slot* slot_;
};

// Calls `free(object)` once no guard that exists now is alive any more: soon, on some thread that
// retires or leaves later, or inside DrainRetired. `free` must not block and may itself retire.
// To look at the slots costs about a microsecond. Whoever retires often and little says how many
// `bytes` freeing gives back: then 64 objects or 256 KiB are gathered first. By default an object
// is freed as soon as the last guard that may see it leaves. Where thousands of objects wait,
// Retire takes its time, so that many threads do not retire faster than one frees. REQUIRES:
// `object` is already unreachable for new readers.
inline constexpr std::size_t kRetireGatherBytes = 256u << 10;
inline constexpr std::size_t kRetireGatherObjects = 64;
void Retire(void* object, void (*free)(void*), std::size_t bytes = kRetireGatherBytes);

// Frees everything retired before the call; waits for the guards alive now. Must not be called
// under a guard or from a `free`. Close uses it, so that nothing of a database outlives it.
void DrainRetired();

// Retired objects not yet freed.
std::uint64_t RetiredCount();

}  // namespace beachdb
