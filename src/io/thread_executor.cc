#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
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

// Tasks in a queue and the threads that take from it. Destroyed: runs what is queued, also what
// those tasks queue, then joins.
class ThreadPool {
 public:
  ThreadPool(const std::string& name, int threads) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Work(); });
      const std::string full = threads == 1 ? name : name + "-" + std::to_string(i);
      ::pthread_setname_np(threads_.back().native_handle(), full.c_str());  // at most 15 bytes
    }
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() {
    {
      MutexLock lock(mu_);
      stopping_ = true;
    }
    changed_.NotifyAll();
    for (std::thread& thread : threads_) thread.join();
  }

  void Schedule(std::function<void()> task) {
    {
      MutexLock lock(mu_);
      queue_.push_back(std::move(task));
    }
    changed_.NotifyAll();
  }

 private:
  void Work() {
    for (;;) {
      std::function<void()> task;
      {
        MutexLock lock(mu_);
        while (queue_.empty() && !(stopping_ && running_ == 0)) changed_.Wait(mu_);
        if (queue_.empty()) return;
        task = std::move(queue_.front());
        queue_.pop_front();
        ++running_;
      }
      task();
      task = nullptr;  // what it holds dies before it counts as done
      MutexLock lock(mu_);
      --running_;
      // The other threads of a stopping pool stay until the last task can queue no more.
      if (stopping_ && running_ == 0) changed_.NotifyAll();
    }
  }

  Mutex mu_;
  CondVar changed_;
  std::deque<std::function<void()>> queue_ GUARDED_BY(mu_);
  int running_ GUARDED_BY(mu_) = 0;  // tasks
  bool stopping_ GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

void CpuRelax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(int compaction_threads)
      : compact_("beach-comp", compaction_threads), flush_("beach-flush", 1) {}

  void Schedule(Lane lane, std::function<void()> task) override {
    (lane == Lane::kFlush ? flush_ : compact_).Schedule(std::move(task));
  }

  void Wait(Mutex& mu, CondVar& cv) override REQUIRES(mu) { cv.Wait(mu); }

  // The kernel compares the word again under its own lock, so a change between our look and the
  // sleep is not missed. What remains is a WakeAll that skips its system call: see there.
  void WaitWhile(std::atomic<std::uint32_t>& word, std::uint32_t value) override {
    for (int i = 0; i < spins_; ++i) {
      if (word.load(std::memory_order_acquire) != value) return;
      CpuRelax();
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

  // About 2 us: the time in which a commit that is nearly done ends. Never on one core, where
  // spinning keeps away the very thread that is waited for.
  const int spins_ = std::thread::hardware_concurrency() > 1 ? 50 : 0;

  // Flushes end first (the last member is destroyed first) and may still schedule compactions.
  ThreadPool compact_;
  ThreadPool flush_;
};

}  // namespace

std::unique_ptr<Executor> MakeThreadExecutor(int compaction_threads) {
  CHECK(compaction_threads >= 1);
  return std::make_unique<ThreadExecutor>(compaction_threads);
}

}  // namespace beachdb
