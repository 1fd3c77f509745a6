// Threads. Background work is scheduled here, and every wait of the engine passes through here, so
// that a simulated executor can run all tasks on one thread in a seeded order.
//
// Thread safety: all calls, from any thread, tasks included.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/mutex.h"

namespace beachdb {

enum class Lane : std::uint8_t {
  kLog,      // one thread: prepares logs ahead of the writers; behind nothing else
  kFlush,    // one thread: flushes
  kRemove,   // one thread: closes and removes tables, milliseconds each; nobody waits for it
  kCompact,  // as many threads as asked for
  kLoad,     // kLoadThreads: the tables of bulk loads; started by the first task
};
inline constexpr std::size_t kLanes = 5;
// One that computes, one that waits for the device. Beside them the loading thread itself builds
// tables. Measured: 57% of the device's rate with one, 64% with two, 67% with three.
inline constexpr int kLoadThreads = 2;

// What a waiter knows of how long it will take.
enum class WaitFor : std::uint8_t {
  kProcessor,  // another thread has to run for some microseconds: let it, before going to sleep
  kDevice,     // longer than falling asleep and being woken up takes
};

class Executor {
 public:
  // Returns after every scheduled task has run.
  virtual ~Executor() = default;

  // Runs `task` once, soon, on a thread of the lane. Tasks of one lane start in order.
  virtual void Schedule(Lane lane, std::function<void()> task) = 0;

  // Releases `mu`, waits for a NotifyAll on `cv` (or a spurious wake-up), locks again.
  virtual void Wait(Mutex& mu, CondVar& cv) REQUIRES(mu) = 0;

  // A futex: returns once `word` no longer holds `value` (checked before sleeping).
  virtual void WaitWhile(std::atomic<std::uint32_t>& word, std::uint32_t value,
                         WaitFor what = WaitFor::kDevice) = 0;
  virtual void WakeAll(std::atomic<std::uint32_t>& word) = 0;
};

// Real threads: one each for kLog, kFlush and kRemove, `compaction_threads` for kCompact,
// kLoadThreads.
std::unique_ptr<Executor> MakeThreadExecutor(int compaction_threads);

}  // namespace beachdb
