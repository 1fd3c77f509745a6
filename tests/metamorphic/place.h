// Where a history runs: a world as Options::environment wants it, simulated or real, that can
// crash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/random.h"
#include "io/fault_environment.h"
#include "sim/sim_disk.h"
#include "sim/sim_world.h"
#include "tests/metamorphic/setup.h"

namespace beachdb::metamorphic {

class Place {
 public:
  // `real_directory` is emptied for Where::kReal, and removed at the end.
  Place(const Config& config, const std::string& real_directory)
      : tasks_(static_cast<std::uint64_t>(config.tasks)), random_(config.seed) {
    if (config.world == Where::kReal) {
      directory_ = real_directory;
      std::filesystem::remove_all(directory_);
      real_.emplace();
      return;
    }
    disk_.emplace();
    sim_.emplace(*disk_, config.seed,
                 config.world == Where::kInterleaved ? SimWorld::Threads::kInterleaved
                                                     : SimWorld::Threads::kInline);
  }
  ~Place() {
    if (real_) std::filesystem::remove_all(directory_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  const std::string& directory() const { return directory_; }
  Environment& environment() { return real_ ? static_cast<Environment&>(*real_) : *sim_; }

  void Run(const std::function<void()>& body) { sim_ ? sim_->Run(body) : body(); }
  // Between two steps: the background gets its turn where nobody waits for it.
  void Pause() {
    if (sim_ && random_.OneIn(tasks_)) sim_->RunTasks();
  }
  // Lets the process die: nothing that happens from here on reaches the disk, which `end`, which
  // destroys the database, may find out. kPower: nor is all there that was not synced.
  // REQUIRES: simulated for kPower.
  void Crash(Reopen how, const std::function<void()>& end) {
    if (real_) {
      real_->faults().Freeze();
      end();
      return real_->faults().Heal();
    }
    const std::uint64_t now = disk_->Mark();
    end();
    CutPolicy policy{DataFate::kKept, NameFate::kKept};
    if (how == Reopen::kPower) {
      constexpr auto kDataFates = static_cast<std::uint64_t>(DataFate::kReordered) + 1;
      constexpr auto kNameFates = static_cast<std::uint64_t>(NameFate::kSubset) + 1;
      policy = {static_cast<DataFate>(random_.Uniform(kDataFates)),
                static_cast<NameFate>(random_.Uniform(kNameFates))};
    }
    const DiskJournal journal = disk_->TakeJournal();
    DiskHistory history(journal);
    history.AdvanceTo(now);
    disk_.emplace(history.Cut(policy, random_.Next()));  // in its place: the world refers to it
  }

 private:
  const std::uint64_t tasks_;
  Random random_;
  std::string directory_ = "/db";
  std::optional<FaultEnvironment> real_;
  std::optional<SimDisk> disk_;
  std::optional<SimWorld> sim_;
};

}  // namespace beachdb::metamorphic
