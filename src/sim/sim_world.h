// A world that a seed decides: its threads, its time, its randomness, over a simulated disk. What
// Options::environment wants. With the same seed a database does the same in every run, event for
// event.
//
//   SimDisk disk;
//   SimWorld world(disk, seed, SimWorld::Threads::kInterleaved);
//   world.Run([&] { auto db = Db::Open("/db", {.environment = &world}); ... });
//
// Thread safety: as SimScheduler. Lifetime: outlives its databases; the file system outlives it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "io/environment.h"
#include "sim/sim_scheduler.h"

namespace beachdb {

class SimWorld final : public Environment {
 public:
  enum class Threads : std::uint8_t {
    // Every task has a thread of the scheduler, and so may have whoever uses the database (Run,
    // scheduler()): what they do is interleaved.
    kInterleaved,
    // No threads at all, and cheap: one thread uses the database, and tasks run inside its waits,
    // at RunTasks and at the end.
    kInline,
  };

  SimWorld(FileSystem& fs, std::uint64_t seed, Threads threads);
  ~SimWorld() override;

  // Runs `body` as the first thread; returns when all have ended. kInline: just calls it.
  void Run(const std::function<void()>& body);
  // REQUIRES: kInterleaved.
  SimScheduler& scheduler() { return *scheduler_; }
  // kInline: runs what is scheduled, until nothing is. Otherwise nothing.
  void RunTasks();

  FileSystem& file_system() override { return fs_; }
  Clock& clock() override { return *clock_; }
  std::unique_ptr<Executor> MakeExecutor(int compaction_threads) override;
  std::uint64_t Seed() override { return random_.Next(); }

 private:
  class SimClock;
  class InlineExecutor;
  friend class InlineExecutor;

  FileSystem& fs_;
  Random random_;
  std::optional<SimScheduler> scheduler_;
  std::unique_ptr<Clock> clock_;
  std::vector<InlineExecutor*> inline_executors_;  // alive
};

}  // namespace beachdb
