// What reads have paid because level 0 was not merged yet, and when that is enough to merge it.
//
// Every run of level 0 makes each seek search one table more, each step a merge, and each get ask a
// filter more; and what the deletions in it hide must be stepped over by every scan. Writes alone
// ask for the merge only once there are several runs; until then a database that is merely read
// would pay for ever. So reads count what the runs cost them, and once that is as much as the merge
// would cost, it is due. Whatever comes then, both together are at most twice the lesser of the two
// (the ski rental of Karlin et al. 1988).
//
// All is in nanoseconds of processor time, by estimates that were measured once: no clock is read.
//
// Thread safety: all of it; Charge writes to memory of its own thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

#include "base/counter.h"

namespace beachdb {

class ReadDebt {
 public:
  static constexpr std::uint64_t kSeek = 700;  // for each run, with the steps right after it
  static constexpr std::uint64_t kStep = 15;
  static constexpr std::uint64_t kDead = 25;         // an entry that the merge would drop
  static constexpr std::uint64_t kGet = 40;          // for each run
  static constexpr std::uint64_t kJob = 10'000'000;  // a merge of next to nothing
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};
  // A merge that reads `bytes`.
  static constexpr std::uint64_t PriceOf(std::uint64_t bytes) { return kJob + bytes * 3 / 2; }

  // Who is told that a merge is due, by the thread that charges. REQUIRES: before the first Charge.
  void OnDue(std::function<void()> tell) { tell_ = std::move(tell); }

  void Charge(std::uint64_t nanos) {
    const std::uint64_t paid = paid_.Add(nanos);
    if ((paid ^ (paid - nanos)) >= kLookEvery && Due()) tell_();
  }
  bool Due() const {
    return paid_.Sum() - forgiven_.load(std::memory_order_relaxed) >=
           price_.load(std::memory_order_relaxed);
  }

  void SetPrice(std::uint64_t nanos) { price_.store(nanos, std::memory_order_relaxed); }
  // The merge is done.
  void Forgive() { forgiven_.store(paid_.Sum(), std::memory_order_relaxed); }

 private:
  static constexpr std::uint64_t kLookEvery = 1u << 20;  // of what one thread has paid

  Counter paid_;
  std::atomic<std::uint64_t> forgiven_{0};
  std::atomic<std::uint64_t> price_{kNever};
  std::function<void()> tell_;
};

}  // namespace beachdb
