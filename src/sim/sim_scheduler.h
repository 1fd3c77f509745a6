// Threads that run one at a time, in an order that a seed decides: whatever they do together is
// then the same in every run with that seed.
//
//   SimScheduler scheduler(seed);
//   scheduler.Run([&] {
//     auto writer = scheduler.Spawn([&] { db.Put("a", "1"); });
//     db.Put("b", "2");
//     scheduler.Join(writer);
//   });
//
// The threads are real ones, but only the one that holds the baton runs. It hands it on where it
// would have to wait (Executor, a mutex that is held, Join, sleep), and, as the seed decides, at
// every call of Yield, which a simulated disk makes at each I/O. The next one is drawn from those
// that can go on. When nobody can, time moves to where the first sleeper wakes; when nobody sleeps
// either, that is a deadlock, and the process stops and says who waits for what.
//
// How eager it is to switch is drawn from the seed too: some runs switch at nearly every chance,
// others let threads run long, because bugs hide in both.
//
// Thread safety: its calls come from its own threads. Lifetime: all threads have ended when Run
// returns. Limits: tens of threads; a switch costs about 10 us.
// Source: the idea of the baton is that of PCT (Burckhardt et al. 2010) and loom.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/random.h"

namespace beachdb {

// It is final, and never destroyed as its base.
class SimScheduler final  // NOLINT(cppcoreguidelines-virtual-class-destructor)
    : private BlockingHook {
 public:
  using ThreadId = std::size_t;
  using Condition = std::function<bool()>;

  explicit SimScheduler(std::uint64_t seed);
  ~SimScheduler();

  // Runs `body` as the first thread, on the caller's; returns when it has ended and every thread
  // that was spawned has too.
  void Run(const std::function<void()>& body);
  ThreadId Spawn(std::string name, std::function<void()> body);
  void Join(ThreadId thread);

  // Waits, and lets others go on meanwhile. `reached` is asked by whoever runs; it must be cheap
  // and true only by what simulated threads do. `what` is for the report of a deadlock.
  void WaitUntil(const char* what, Condition reached);
  // As CondVar::Wait; wakes without reason now and then.
  void Wait(Mutex& mu, CondVar& cv) REQUIRES(mu);
  void SleepUntil(std::uint64_t nanos);

  // A place where another thread may go on; nothing on threads that belong to no scheduler.
  static void Yield();

  // Nanoseconds since the start: a little for every look at the clock, and what was slept.
  std::uint64_t Now() { return now_ += kNanosPerLook; }
  std::uint64_t switches() const { return switches_; }

 private:
  static constexpr std::uint64_t kNanosPerLook = 100;

  struct Thread {
    std::string name;
    std::thread thread;  // not of the first one
    bool has_baton = false;
    std::condition_variable baton;
    const char* waits_for = "";    // of whoever cannot go on; "": nothing
    Condition reached;             // when it can again
    const void* object = nullptr;  // the mutex or the condition variable that it waits for
    std::uint64_t wakes_at = 0;    // sleepers; 0: it does not sleep
    bool done = false;
  };

  // BlockingHook: mutexes and condition variables of the threads of this scheduler.
  void Lock(std::mutex& mu) override;
  void Unlocked(std::mutex& mu) override;
  void Notified(const CondVar& cv) override;

  void Enter(Thread& self);
  bool CanGoOn(const Thread& thread) const;
  // Hands the baton to somebody who can go on, and returns when it is back.
  void PassBaton();
  std::size_t PickNext();
  void Block(const char* what, const void* object, Condition reached);
  void Wake(const void* object);
  [[noreturn]] void ReportDeadlock() const;

  const std::uint64_t seed_;
  Random random_;
  const std::uint64_t switch_one_in_;
  std::uint64_t now_ = 0;
  std::uint64_t switches_ = 0;

  std::mutex handover_;  // makes what one holder of the baton wrote visible to the next
  std::vector<std::unique_ptr<Thread>> threads_;
  std::size_t running_ = 0;
};

}  // namespace beachdb
