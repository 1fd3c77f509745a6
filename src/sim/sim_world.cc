#include "sim/sim_world.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kWallStartMicros = 1'700'000'000'000'000;  // in November 2023

// Every lane with threads of the scheduler, which start when they are first needed: most databases
// of a simulation live too short to compact.
class InterleavedExecutor final : public Executor {
 public:
  InterleavedExecutor(SimScheduler& scheduler, int compaction_threads) : scheduler_(scheduler) {
    lanes_[static_cast<std::size_t>(Lane::kLog)] = {"log", 1, {}, {}};
    lanes_[static_cast<std::size_t>(Lane::kFlush)] = {"flush", 1, {}, {}};
    lanes_[static_cast<std::size_t>(Lane::kRemove)] = {"remove", 1, {}, {}};
    lanes_[static_cast<std::size_t>(Lane::kCompact)] = {
        "compact", static_cast<std::size_t>(compaction_threads), {}, {}};
    lanes_[static_cast<std::size_t>(Lane::kLoad)] = {"load", kLoadThreads, {}, {}};
  }
  ~InterleavedExecutor() override {
    scheduler_.WaitUntil("the tasks of an executor", [this] { return unfinished_ == 0; });
    stopping_ = true;
    for (const LaneState& lane : lanes_) {
      for (const SimScheduler::ThreadId thread : lane.threads) scheduler_.Join(thread);
    }
  }
  InterleavedExecutor(const InterleavedExecutor&) = delete;
  InterleavedExecutor& operator=(const InterleavedExecutor&) = delete;

  // No place to switch: it may be called in the middle of anything.
  void Schedule(Lane which, std::function<void()> task) override {
    LaneState& lane = lanes_[static_cast<std::size_t>(which)];
    ++unfinished_;
    lane.tasks.push_back(std::move(task));
    if (lane.threads.size() < lane.threads_max && lane.threads.size() < unfinished_) {
      lane.threads.push_back(scheduler_.Spawn(lane.name, [this, &lane] { Work(lane); }));
    }
  }

  void Wait(Mutex& mu, CondVar& cv) override REQUIRES(mu) { scheduler_.Wait(mu, cv); }
  void WaitWhile(std::atomic<std::uint32_t>& word, std::uint32_t value, WaitFor) override {
    scheduler_.WaitUntil("a word to change", [&word, value] { return word.load() != value; });
  }
  void WakeAll(std::atomic<std::uint32_t>&) override { SimScheduler::Yield(); }

 private:
  struct LaneState {
    const char* name = "";
    std::size_t threads_max = 0;
    std::deque<std::function<void()>> tasks;
    std::vector<SimScheduler::ThreadId> threads;
  };

  void Work(LaneState& lane) {
    for (;;) {
      scheduler_.WaitUntil("a task", [this, &lane] { return stopping_ || !lane.tasks.empty(); });
      if (lane.tasks.empty()) return;
      std::function<void()> task = std::move(lane.tasks.front());
      lane.tasks.pop_front();
      task();
      task = nullptr;  // what it holds dies before it counts as done
      --unfinished_;
    }
  }

  SimScheduler& scheduler_;
  std::array<LaneState, kLanes> lanes_;
  std::size_t unfinished_ = 0;
  bool stopping_ = false;
};

}  // namespace

class SimWorld::SimClock final : public Clock {
 public:
  explicit SimClock(SimScheduler* scheduler) : scheduler_(scheduler) {}
  std::uint64_t MonotonicNanos() override {
    return scheduler_ != nullptr ? scheduler_->Now() : now_ += kNanosPerLook;
  }
  std::uint64_t WallMicros() override { return kWallStartMicros + MonotonicNanos() / 1000; }
  void SleepNanos(std::uint64_t nanos) override {
    if (scheduler_ != nullptr) {
      scheduler_->SleepUntil(MonotonicNanos() + nanos);
    } else {
      now_ += nanos;
    }
  }

 private:
  static constexpr std::uint64_t kNanosPerLook = 100;
  SimScheduler* const scheduler_;
  std::uint64_t now_ = 0;
};

// Tasks run on the stack of whoever waits. A lane that is busy further down that stack starts
// nothing until it is free, as one thread of its own would.
class SimWorld::InlineExecutor final : public Executor {
 public:
  InlineExecutor(SimWorld& world, int compaction_threads) : world_(world) {
    lanes_[static_cast<std::size_t>(Lane::kCompact)].idle = compaction_threads;
    lanes_[static_cast<std::size_t>(Lane::kLoad)].idle = kLoadThreads;
    world_.inline_executors_.push_back(this);
  }
  ~InlineExecutor() override {
    RunAll();
    std::erase(world_.inline_executors_, this);
  }
  InlineExecutor(const InlineExecutor&) = delete;
  InlineExecutor& operator=(const InlineExecutor&) = delete;

  void Schedule(Lane lane, std::function<void()> task) override {
    lanes_[static_cast<std::size_t>(lane)].tasks.push_back(std::move(task));
  }
  void Wait(Mutex& mu, CondVar&) override REQUIRES(mu) {
    MutexUnlock unlock(mu);
    MustRunOne();
  }
  void WaitWhile(std::atomic<std::uint32_t>& word, std::uint32_t value, WaitFor) override {
    while (word.load() == value) MustRunOne();
  }
  void WakeAll(std::atomic<std::uint32_t>&) override {}

  void RunAll() {
    while (RunOne()) {
    }
  }

 private:
  struct LaneState {
    int idle = 1;
    std::deque<std::function<void()>> tasks;
  };

  bool RunOne() {
    std::vector<LaneState*> ready;
    for (LaneState& lane : lanes_) {
      if (lane.idle > 0 && !lane.tasks.empty()) ready.push_back(&lane);
    }
    if (ready.empty()) return false;
    LaneState& lane = *ready[world_.random_.Uniform(ready.size())];
    const std::function<void()> task = std::move(lane.tasks.front());
    lane.tasks.pop_front();
    --lane.idle;
    task();
    ++lane.idle;
    return true;
  }
  void MustRunOne() { CHECK(RunOne() && "a wait that nothing can end"); }

  SimWorld& world_;
  std::array<LaneState, kLanes> lanes_;
};

SimWorld::SimWorld(FileSystem& fs, std::uint64_t seed, Threads threads) : fs_(fs), random_(seed) {
  if (threads == Threads::kInterleaved) scheduler_.emplace(random_.Next());
  clock_ = std::make_unique<SimClock>(scheduler_.has_value() ? &*scheduler_ : nullptr);
}

SimWorld::~SimWorld() { CHECK(inline_executors_.empty()); }

void SimWorld::Run(const std::function<void()>& body) {
  if (!scheduler_.has_value()) return body();
  scheduler_->Run(body);
}

void SimWorld::RunTasks() {
  for (InlineExecutor* executor : std::vector(inline_executors_)) executor->RunAll();
}

std::unique_ptr<Executor> SimWorld::MakeExecutor(int compaction_threads) {
  if (scheduler_.has_value()) {
    return std::make_unique<InterleavedExecutor>(*scheduler_, compaction_threads);
  }
  return std::make_unique<InlineExecutor>(*this, compaction_threads);
}

}  // namespace beachdb
