// The world around a database that is opened on a damaged image: one thread, a clock that stands
// still, a seed that is fixed. So an open costs no thread, and the same image always behaves alike.
//
// A task of the background runs when somebody waits for one. A wait that no task can end is a hang,
// and stops the test.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/mutex.h"
#include "io/environment.h"

namespace beachdb {

class OneThreadExecutor final : public Executor {
 public:
  ~OneThreadExecutor() override {
    while (!tasks_.empty()) RunOne();
  }
  void Schedule(Lane /*lane*/, std::function<void()> task) override {
    tasks_.push_back(std::move(task));
  }
  void Wait(Mutex& mu, CondVar& /*cv*/) override REQUIRES(mu) {
    MutexUnlock unlock(mu);
    RunOne();
  }
  void WaitWhile(std::atomic<std::uint32_t>& word, std::uint32_t value, WaitFor) override {
    while (word.load() == value) RunOne();
  }
  void WakeAll(std::atomic<std::uint32_t>& /*word*/) override {}

 private:
  void RunOne() {
    CHECK(!tasks_.empty());  // otherwise: a wait that never ends
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
  }

  std::deque<std::function<void()>> tasks_;
};

class OneThreadWorld final : public Environment {
 public:
  explicit OneThreadWorld(FileSystem& fs, std::uint64_t seed = 1) : fs_(fs), seed_(seed) {}

  FileSystem& file_system() override { return fs_; }
  Clock& clock() override { return clock_; }
  std::unique_ptr<Executor> MakeExecutor(int /*compaction_threads*/) override {
    return std::make_unique<OneThreadExecutor>();
  }
  std::uint64_t Seed() override { return seed_++; }

 private:
  class StillClock final : public Clock {
   public:
    std::uint64_t MonotonicNanos() override { return now_; }
    std::uint64_t WallMicros() override { return 1'700'000'000'000'000; }
    void SleepNanos(std::uint64_t nanos) override { now_ += nanos; }

   private:
    std::uint64_t now_ = 1;
  };

  FileSystem& fs_;
  StillClock clock_;
  std::uint64_t seed_;
};

}  // namespace beachdb
