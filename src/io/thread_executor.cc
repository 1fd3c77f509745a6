#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "io/executor.h"

namespace beachdb {

namespace {

// How much less of a busy processor a lane is given than the threads that users wait for: nice
// values to add. Nobody waits for a compaction; a flush that comes late costs memory; the log's
// work is waited for. Who fills the database faster than they drain it is slowed down by the write
// delay, and so leaves them the processor.
int NiceOf(Lane lane) {
  switch (lane) {
    case Lane::kLog:
      return 0;
    case Lane::kFlush:
    case Lane::kLoad:
      return 5;
    case Lane::kRemove:
    case Lane::kCompact:
      return 10;
  }
  __builtin_unreachable();
}

// The calling thread gives way; a kernel that refuses leaves it as it was, and nothing but time is
// lost.
void GiveWay(Lane lane) {
  if (NiceOf(lane) == 0) return;
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, 0);  // on Linux: of the thread
  if (now != -1 || errno == 0)
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, now + NiceOf(lane)));
}

void CpuRelax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(int compaction_threads) {
    MutexLock lock(mu_);
    StartThread(Lane::kLog, "beach-log");
    StartThread(Lane::kFlush, "beach-flush");
    StartThread(Lane::kRemove, "beach-remove");
    for (int i = 0; i < compaction_threads; ++i) {
      StartThread(Lane::kCompact, "beach-comp-" + std::to_string(i));
    }
  }
  ThreadExecutor(const ThreadExecutor&) = delete;
  ThreadExecutor& operator=(const ThreadExecutor&) = delete;

  ~ThreadExecutor() override {
    std::vector<std::thread> threads;
    {
      MutexLock lock(mu_);
      stopping_ = true;
      WakeThreads();
      threads.swap(threads_);
    }
    for (std::thread& thread : threads) thread.join();
  }

  void Schedule(Lane lane, std::function<void()> task) override {
    MutexLock lock(mu_);
    if (lane == Lane::kLoad) StartLoadThreads();
    LaneQueue& queue = lanes_[static_cast<std::size_t>(lane)];
    queue.tasks.push_back(std::move(task));
    ++unfinished_;
    queue.changed.NotifyAll();
  }

  void Wait(Mutex& mu, CondVar& cv) override REQUIRES(mu) { cv.Wait(mu); }

  // The kernel compares the word again under its own lock, so a change between our look and the
  // sleep is not missed. What remains is a WakeAll that skips its system call: see there.
  void WaitWhile(std::atomic<std::uint32_t>& word, std::uint32_t value, WaitFor what) override {
    for (int i = 0; i < spins_; ++i) {
      if (word.load(std::memory_order_acquire) != value) return;
      CpuRelax();
    }
    for (int i = 0; what == WaitFor::kProcessor && i < kYields; ++i) {
      ::sched_yield();
      if (word.load(std::memory_order_acquire) != value) return;
    }
    std::atomic<std::uint32_t>& sleepers = SleepersOf(word);
    sleepers.fetch_add(1, std::memory_order_seq_cst);
    while (word.load(std::memory_order_seq_cst) == value) {
      ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
    }
    sleepers.fetch_sub(1, std::memory_order_relaxed);
  }

  // The caller has changed the word. A read-modify-write of the count keeps that store before the
  // look at the count; so either the waiter is counted, or it sees the new word.
  void WakeAll(std::atomic<std::uint32_t>& word) override {
    if (SleepersOf(word).fetch_add(0, std::memory_order_seq_cst) == 0) return;
    ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  }

 private:
  struct LaneQueue {
    std::deque<std::function<void()>> tasks;
    CondVar changed;
  };

  void WakeThreads() REQUIRES(mu_) {
    for (LaneQueue& lane : lanes_) lane.changed.NotifyAll();
  }

  // Most databases never load: their threads wait for the first one. Tasks do not schedule loads.
  void StartLoadThreads() REQUIRES(mu_) {
    CHECK(!stopping_);
    for (; load_threads_ < kLoadThreads; ++load_threads_) {
      StartThread(Lane::kLoad, "beach-load-" + std::to_string(load_threads_));
    }
  }

  void StartThread(Lane lane, const std::string& name) REQUIRES(mu_) {
    threads_.emplace_back([this, lane] { Work(lane); });
    ::pthread_setname_np(threads_.back().native_handle(), name.substr(0, 15).c_str());
  }

  // A thread of a stopping executor stays until no task of any lane can schedule another one.
  void Work(Lane lane) {
    GiveWay(lane);
    MutexLock lock(mu_);
    LaneQueue& queue = lanes_[static_cast<std::size_t>(lane)];
    for (;;) {
      while (queue.tasks.empty() && !(stopping_ && unfinished_ == 0)) queue.changed.Wait(mu_);
      if (queue.tasks.empty()) return;
      std::function<void()> task = std::move(queue.tasks.front());
      queue.tasks.pop_front();
      {
        MutexUnlock unlock(mu_);
        task();
        task = nullptr;  // what it holds dies before it counts as done
      }
      if (--unfinished_ == 0 && stopping_) WakeThreads();
    }
  }

  // Words share counts; a false neighbour costs a system call that wakes nobody.
  std::atomic<std::uint32_t>& SleepersOf(const std::atomic<std::uint32_t>& word) {
    const auto address = reinterpret_cast<std::uintptr_t>(&word);
    return sleepers_[(address >> 6 ^ address >> 2) % kCounts].count;
  }

  struct alignas(64) Count {
    std::atomic<std::uint32_t> count{0};
  };
  static constexpr std::size_t kCounts = 16;
  std::array<Count, kCounts> sleepers_;

  // Once threads sleep, each is woken up for every group, late, and finds the next one begun. While
  // they stay runnable, the processor goes to the one that is waited for. Measured from 0 to 500.
  static constexpr int kYields = 20;

  // About 2 us: the time in which a commit that is nearly done ends. Never on one core, where
  // spinning keeps away the very thread that is waited for.
  const int spins_ = std::thread::hardware_concurrency() > 1 ? 50 : 0;

  Mutex mu_;
  std::array<LaneQueue, kLanes> lanes_ GUARDED_BY(mu_);
  std::size_t unfinished_ GUARDED_BY(mu_) = 0;  // tasks queued or running, of all lanes
  bool stopping_ GUARDED_BY(mu_) = false;
  int load_threads_ GUARDED_BY(mu_) = 0;
  std::vector<std::thread> threads_ GUARDED_BY(mu_);
};

}  // namespace

std::unique_ptr<Executor> MakeThreadExecutor(int compaction_threads) {
  CHECK(compaction_threads >= 1);
  return std::make_unique<ThreadExecutor>(compaction_threads);
}

}  // namespace beachdb
