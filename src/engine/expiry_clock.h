// The time by which puts with an end are judged (Db::SetClock): the wall clock, or the caller's.
//
// A compaction removes what has ended, for good. So it goes by this clock only once somebody has
// used it, by setting it or by writing or meeting a put with an end: a caller whose clock is behind
// the wall clock (a replica that goes by its log) and who sets it right after opening loses nothing
// before that.
//
// Thread safety: all of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "base/mutex.h"
#include "io/clock.h"

namespace beachdb {

class ExpiryClock {
 public:
  explicit ExpiryClock(Clock& wall) : wall_(wall) {}

  // Empty: the wall clock. It is called from any thread and must not call back into the database.
  void Set(std::function<std::uint64_t()> seconds) {
    Use();
    MutexLock lock(mu_);
    seconds_ = seconds ? std::make_shared<const Seconds>(std::move(seconds)) : nullptr;
  }

  // Seconds, for a reader who meets a put with an end.
  std::uint64_t Now() {
    in_use_.store(true, std::memory_order_relaxed);
    return Read();
  }
  bool in_use() const { return in_use_.load(std::memory_order_relaxed); }
  // Somebody has written one.
  void Use() { in_use_.store(true, std::memory_order_relaxed); }
  // Puts that end by then may be removed; 0: none may.
  std::uint64_t Horizon() { return in_use_.load(std::memory_order_relaxed) ? Read() : 0; }

 private:
  using Seconds = std::function<std::uint64_t()>;
  std::uint64_t Read() {
    std::shared_ptr<const Seconds> seconds;
    {
      MutexLock lock(mu_);
      seconds = seconds_;
    }
    return seconds != nullptr ? (*seconds)() : wall_.WallMicros() / 1'000'000;
  }

  Clock& wall_;
  std::atomic<bool> in_use_{false};
  Mutex mu_;
  std::shared_ptr<const Seconds> seconds_ GUARDED_BY(mu_);
};

}  // namespace beachdb
