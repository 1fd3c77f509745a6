#include "base/epoch.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/mutex.h"

namespace beachdb {

namespace epoch_internal {

namespace {

struct Retired {
  void* object;
  void (*free)(void*);
  std::uint64_t tag;  // the epoch in which it was retired
};

// What retirers and collectors share; readers never touch it.
//
// Invariants:
//   1. `shared.epoch` changes under `mu` only, so that a tag is never older than the epoch that a
//      reader can have found before the object was unlinked.
//   2. `waiting` is in order of tag, and objects are freed in that order, by one thread at a time.
struct Domain {
  std::atomic<Slot*> slots{nullptr};  // a list that only grows
  Mutex mu;
  std::deque<Retired> waiting GUARDED_BY(mu);
  std::uint64_t retired GUARDED_BY(mu) = 0;  // objects ever
  std::size_t gathered_objects GUARDED_BY(mu) = 0;
  std::size_t gathered_bytes GUARDED_BY(mu) = 0;
  std::atomic<std::uint64_t> pending{0};   // retired and not yet freed
  std::atomic<std::uint64_t> freed{0};     // objects ever
  std::atomic<std::uint32_t> requests{0};  // to collect; whoever makes it 1 does the work
};

// Objects that wait before those who retire more of them are slowed down, a little or much.
constexpr std::uint64_t kPendingMany = 1024;
constexpr std::uint64_t kPendingTooMany = 16 * kPendingMany;

constinit thread_local bool collecting = false;

// Nobody waits for a collection to end, but many threads retire faster than one frees: without this
// they would fill the memory. It waits for nothing either, as the caller may be under a guard.
void GiveWay(std::uint64_t pending) {
  if (pending < kPendingMany || collecting) return;
  if (pending < kPendingTooMany) {
    std::this_thread::yield();
  } else {
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
}

long Membarrier(int command) { return ::syscall(SYS_membarrier, command, 0, 0); }

// Lives for ever: threads may still leave guards while the process ends.
Domain& TheDomain() {
  static Domain& domain = *[] {
    const bool works = Membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0 &&
                       Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0;
    shared.asymmetric.store(works, std::memory_order_relaxed);
    return new Domain;
  }();
  return domain;
}

// Gives the slot back when its thread ends.
struct SlotOwner {
  Slot* slot = nullptr;
  SlotOwner() = default;
  SlotOwner(const SlotOwner&) = delete;
  SlotOwner& operator=(const SlotOwner&) = delete;
  ~SlotOwner() {
    CHECK(slot->depth == 0);
    this_slot = nullptr;
    slot->owned.store(false, std::memory_order_release);
  }
};

// The oldest epoch in which a living guard began, or UINT64_MAX. Every guard that this misses
// begins after all that happened before the call, so it cannot find what was unlinked by then.
std::uint64_t OldestGuard(const Domain& domain) {
  const bool asymmetric = shared.asymmetric.load(std::memory_order_relaxed);
  if (asymmetric) CHECK(Membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0);
  std::uint64_t oldest = UINT64_MAX;
  Slot* slot = domain.slots.load(std::memory_order_acquire);
  for (; slot != nullptr; slot = slot->next) {
    // Without membarrier: a read-modify-write comes either after the guard's exchange and sees it,
    // or before it, and then the guard sees all that we did.
    const std::uint64_t epoch = asymmetric ? slot->epoch.load(std::memory_order_acquire)
                                           : slot->epoch.fetch_add(0, std::memory_order_seq_cst);
    if (epoch != 0) oldest = std::min(oldest, epoch);
  }
  return oldest;
}

void CollectOnce(Domain& domain) {
  std::uint64_t now = 0;
  {
    MutexLock lock(domain.mu);
    if (domain.waiting.empty()) return;
    now = shared.epoch.load(std::memory_order_relaxed);
  }
  // Before the slots are read: a guard that leaves from here on either shows as gone, or finds this
  // and collects.
  shared.awaited.store(now - 1, std::memory_order_seq_cst);
  const std::uint64_t limit = std::min(now, OldestGuard(domain));
  std::vector<Retired> unseen;
  {
    MutexLock lock(domain.mu);
    while (!domain.waiting.empty() && domain.waiting.front().tag < limit) {
      unseen.push_back(domain.waiting.front());
      domain.waiting.pop_front();
    }
    // Only the guards that delay the oldest object need to knock.
    const bool delayed = !domain.waiting.empty() && domain.waiting.front().tag < now;
    shared.awaited.store(delayed ? domain.waiting.front().tag : 0, std::memory_order_seq_cst);
  }
  for (const Retired& retired : unseen) {
    retired.free(retired.object);
    domain.pending.fetch_sub(1, std::memory_order_relaxed);
    domain.freed.fetch_add(1, std::memory_order_release);
  }
}

void AdvanceEpoch(Domain& domain) REQUIRES(domain.mu) {
  domain.gathered_objects = 0;
  domain.gathered_bytes = 0;
  shared.epoch.store(shared.epoch.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

}  // namespace

Slot* AcquireSlot() {
  Domain& domain = TheDomain();
  thread_local SlotOwner owner;
  Slot* slot = domain.slots.load(std::memory_order_acquire);
  for (; slot != nullptr; slot = slot->next) {
    bool owned = slot->owned.load(std::memory_order_relaxed);
    if (!owned && slot->owned.compare_exchange_strong(owned, true, std::memory_order_acquire))
      break;
  }
  if (slot == nullptr) {
    slot = new Slot;
    slot->next = domain.slots.load(std::memory_order_relaxed);
    while (!domain.slots.compare_exchange_weak(slot->next, slot, std::memory_order_release)) {
    }
  }
  owner.slot = slot;
  this_slot = slot;
  return slot;
}

// One thread at a time; whoever finds it busy leaves a note, and the busy one goes round again. So
// nobody waits, `free` may retire, and no request is lost.
void Collect() {
  Domain& domain = TheDomain();
  if (domain.requests.fetch_add(1, std::memory_order_acq_rel) != 0) return;
  std::uint32_t answered = 1;
  collecting = true;
  do {
    answered = domain.requests.load(std::memory_order_acquire);
    CollectOnce(domain);
  } while (domain.requests.fetch_sub(answered, std::memory_order_acq_rel) != answered);
  collecting = false;
}

}  // namespace epoch_internal

void Retire(void* object, void (*free)(void*), std::size_t bytes) {
  using namespace epoch_internal;
  Domain& domain = TheDomain();
  GiveWay(domain.pending.load(std::memory_order_relaxed));
  {
    MutexLock lock(domain.mu);
    domain.pending.fetch_add(1, std::memory_order_relaxed);
    domain.retired += 1;
    domain.waiting.push_back({object, free, shared.epoch.load(std::memory_order_relaxed)});
    domain.gathered_objects += 1;
    domain.gathered_bytes += std::min(bytes, kRetireGatherBytes);  // cannot overflow
    if (domain.gathered_objects < kRetireGatherObjects &&
        domain.gathered_bytes < kRetireGatherBytes) {
      return;
    }
    AdvanceEpoch(domain);
  }
  Collect();
}

void DrainRetired() {
  using namespace epoch_internal;
  Domain& domain = TheDomain();
  CHECK(this_slot == nullptr || this_slot->depth == 0);
  std::uint64_t target = 0;
  {
    MutexLock lock(domain.mu);
    target = domain.retired;
    AdvanceEpoch(domain);
  }
  for (int round = 0;; ++round) {
    Collect();
    if (domain.freed.load(std::memory_order_acquire) >= target) return;
    // Guards last microseconds.
    if (round < 100) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }
}

std::uint64_t RetiredCount() {
  return epoch_internal::TheDomain().pending.load(std::memory_order_relaxed);
}

}  // namespace beachdb
