#include "sim/sim_scheduler.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/check.h"

namespace beachdb {
namespace {

thread_local SimScheduler* current = nullptr;

constexpr std::uint64_t kSwitchOneIn[] = {1, 2, 3, 8, 32};
constexpr std::uint64_t kSpuriousOneIn = 64;

}  // namespace

SimScheduler::SimScheduler(std::uint64_t seed)
    : seed_(seed), random_(seed), switch_one_in_(kSwitchOneIn[random_.Uniform(5)]) {}

SimScheduler::~SimScheduler() = default;

void SimScheduler::Enter(Thread& self) {
  current = this;
  blocking_hook = this;
  self.has_baton = true;
}

void SimScheduler::Run(const std::function<void()>& body) {
  CHECK(threads_.empty() && current == nullptr);
  threads_.push_back(std::make_unique<Thread>());
  threads_[0]->name = "main";
  Enter(*threads_[0]);
  body();
  for (ThreadId thread = 1; thread < threads_.size(); ++thread) Join(thread);
  for (const auto& thread : threads_) {
    if (thread->thread.joinable()) thread->thread.join();
  }
  threads_.clear();
  current = nullptr;
  blocking_hook = nullptr;
}

SimScheduler::ThreadId SimScheduler::Spawn(std::string name, std::function<void()> body) {
  CHECK(current == this);
  const ThreadId id = threads_.size();
  threads_.push_back(std::make_unique<Thread>());
  Thread& self = *threads_.back();
  self.name = std::move(name);
  self.thread = std::thread([this, &self, run = std::move(body)]() mutable {
    {
      std::unique_lock<std::mutex> lock(handover_);
      self.baton.wait(lock, [&] { return self.has_baton; });
    }
    Enter(self);
    run();
    run = nullptr;  // what it holds dies before it counts as done
    std::unique_lock<std::mutex> lock(handover_);
    self.done = true;
    self.has_baton = false;
    running_ = PickNext();
    threads_[running_]->has_baton = true;
    threads_[running_]->baton.notify_one();
    current = nullptr;
    blocking_hook = nullptr;
  });
  return id;
}

void SimScheduler::Join(ThreadId thread) {
  Thread& other = *threads_[thread];
  WaitUntil("the end of a thread", [&other] { return other.done; });
}

void SimScheduler::WaitUntil(const char* what, Condition reached) {
  if (reached()) return;
  Block(what, nullptr, std::move(reached));
}

void SimScheduler::Wait(Mutex& mu, CondVar& cv) {
  const bool spurious = random_.OneIn(kSpuriousOneIn);
  mu.Unlock();  // passes nothing on, so a notification cannot come before the thread is waiting
  Thread& self = *threads_[running_];
  Block("a condition variable", spurious ? nullptr : &cv,
        [&self] { return self.object == nullptr; });
  mu.Lock();
}

void SimScheduler::SleepUntil(std::uint64_t nanos) {
  Thread& self = *threads_[running_];
  self.wakes_at = nanos;
  Block("its time", nullptr, [this, nanos] { return now_ >= nanos; });
  self.wakes_at = 0;
}

void SimScheduler::Yield() {
  if (current == nullptr || !current->random_.OneIn(current->switch_one_in_)) return;
  current->PassBaton();
}

void SimScheduler::Lock(std::mutex& mu) {
  while (!mu.try_lock()) {
    Thread& self = *threads_[running_];
    Block("a mutex", &mu, [&self] { return self.object == nullptr; });
  }
}

void SimScheduler::Unlocked(std::mutex& mu) { Wake(&mu); }
void SimScheduler::Notified(const CondVar& cv) { Wake(&cv); }

void SimScheduler::Wake(const void* object) {
  for (const auto& thread : threads_) {
    if (thread->object == object) thread->object = nullptr;
  }
}

void SimScheduler::Block(const char* what, const void* object, Condition reached) {
  Thread& self = *threads_[running_];
  self.waits_for = what;
  self.object = object;
  self.reached = std::move(reached);
  PassBaton();
  self.waits_for = "";
  self.object = nullptr;
  self.reached = nullptr;
}

bool SimScheduler::CanGoOn(const Thread& thread) const {
  return !thread.done && (thread.reached == nullptr || thread.reached());
}

std::size_t SimScheduler::PickNext() {
  for (;;) {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      if (CanGoOn(*threads_[i])) ready.push_back(i);
    }
    if (!ready.empty()) return ready[random_.Uniform(ready.size())];
    std::uint64_t earliest = UINT64_MAX;
    for (const auto& thread : threads_) {
      if (thread->wakes_at != 0) earliest = std::min(earliest, thread->wakes_at);
    }
    if (earliest == UINT64_MAX) ReportDeadlock();
    now_ = earliest;
  }
}

void SimScheduler::PassBaton() {
  Thread& self = *threads_[running_];
  std::unique_lock<std::mutex> lock(handover_);
  const std::size_t next = PickNext();
  if (threads_[next].get() == &self) return;
  ++switches_;
  self.has_baton = false;
  running_ = next;
  threads_[next]->has_baton = true;
  threads_[next]->baton.notify_one();
  self.baton.wait(lock, [&] { return self.has_baton; });
}

void SimScheduler::ReportDeadlock() const {
  std::fprintf(stderr, "simulated threads wait for each other (seed %llu):\n",
               static_cast<unsigned long long>(seed_));
  for (const auto& thread : threads_) {
    std::fprintf(stderr, "  %s: %s\n", thread->name.c_str(),
                 thread->done ? "has ended" : thread->waits_for);
  }
  std::abort();
}

}  // namespace beachdb
