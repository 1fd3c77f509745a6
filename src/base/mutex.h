// std::mutex with clang's thread-safety annotations: a field marked GUARDED_BY(mu) that is touched
// without mu held does not compile under `make check`.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define BEACHDB_TSA(x) __attribute__((x))
#else
#define BEACHDB_TSA(x)
#endif

#define CAPABILITY(x) BEACHDB_TSA(capability(x))
#define SCOPED_CAPABILITY BEACHDB_TSA(scoped_lockable)
#define GUARDED_BY(x) BEACHDB_TSA(guarded_by(x))
#define PT_GUARDED_BY(x) BEACHDB_TSA(pt_guarded_by(x))
#define REQUIRES(...) BEACHDB_TSA(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) BEACHDB_TSA(acquire_capability(__VA_ARGS__))
#define RELEASE(...) BEACHDB_TSA(release_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) BEACHDB_TSA(try_acquire_capability(__VA_ARGS__))
#define EXCLUDES(...) BEACHDB_TSA(locks_excluded(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS BEACHDB_TSA(no_thread_safety_analysis)

namespace beachdb {

class CondVar;

// What a thread of a simulated world does instead of blocking (sim/sim_scheduler.h).
class BlockingHook {
 public:
  virtual void Lock(std::mutex& mu) = 0;  // returns when it holds `mu`
  virtual void Unlocked(std::mutex& mu) = 0;
  virtual void Notified(const CondVar& cv) = 0;

 protected:
  ~BlockingHook() = default;
};
// Of this thread; nullptr in the real world.
inline constinit thread_local BlockingHook* blocking_hook = nullptr;

class CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ACQUIRE() {
    if (blocking_hook == nullptr) [[likely]] {
      mu_.lock();
    } else {
      blocking_hook->Lock(mu_);
    }
  }
  void Unlock() RELEASE() {
    mu_.unlock();
    if (blocking_hook != nullptr) [[unlikely]]
      blocking_hook->Unlocked(mu_);
  }
  bool TryLock() TRY_ACQUIRE(true) { return mu_.try_lock(); }

 private:
  friend class CondVar;
  std::mutex mu_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mu) ACQUIRE(mu) : mu_(mu) { mu_.Lock(); }
  ~MutexLock() RELEASE() { mu_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mu_;
};

// Releases a held mutex for a scope: around I/O in the middle of a locked function.
class SCOPED_CAPABILITY MutexUnlock {
 public:
  explicit MutexUnlock(Mutex& mu) RELEASE(mu) : mu_(mu) { mu_.Unlock(); }
  // RELEASE ends what the constructor did; to clang that is to hold the mutex again.
  ~MutexUnlock() RELEASE() { mu_.Lock(); }
  MutexUnlock(const MutexUnlock&) = delete;
  MutexUnlock& operator=(const MutexUnlock&) = delete;

 private:
  Mutex& mu_;
};

// Waits go through Executor::Wait (io/executor.h), so that a simulated world can run other tasks
// meanwhile; only the real executor calls Wait here.
class CondVar {
 public:
  void Wait(Mutex& mu) REQUIRES(mu) {
    std::unique_lock<std::mutex> lock(mu.mu_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }
  void NotifyAll() {
    cv_.notify_all();
    if (blocking_hook != nullptr) [[unlikely]]
      blocking_hook->Notified(*this);
  }

 private:
  std::condition_variable cv_;
};

}  // namespace beachdb
