// The real world but for its file system, which fails on demand: what a test hands to
// Options::environment.
//
//   FaultEnvironment world;
//   auto db = Db::Open(directory, {.environment = &world});
//   world.faults().Inject({.ops = {FileOp::kSync}, .name = ".wal", .times = 1});
//
// Thread safety: all calls. Lifetime: outlives the databases that run in it.
#pragma once

#include <cstdint>
#include <memory>

#include "io/environment.h"
#include "io/fault_file_system.h"

namespace beachdb {

class FaultEnvironment final : public Environment {
 public:
  explicit FaultEnvironment(Environment& base = SystemEnvironment())
      : base_(base), faults_(base.file_system()) {}

  FaultFileSystem& faults() { return faults_; }

  FileSystem& file_system() override { return faults_; }
  Clock& clock() override { return base_.clock(); }
  std::unique_ptr<Executor> MakeExecutor(int compaction_threads) override {
    return base_.MakeExecutor(compaction_threads);
  }
  std::uint64_t Seed() override { return base_.Seed(); }

 private:
  Environment& base_;
  FaultFileSystem faults_;
};

}  // namespace beachdb
