// The real world but for its file system, which fails on demand: what a test hands to
// Options::environment.
//
//   FaultEnvironment world;
//   auto db = Db::Open(directory, {.environment = &world});
//   world.faults().Inject({.ops = {FileOp::kSync}, .name = ".wal", .times = 1});
//
// Thread safety: all calls. Lifetime: outlives the databases that run in it.
#pragma once

#include "io/environment.h"
#include "io/environment_over.h"
#include "io/fault_file_system.h"

namespace beachdb {

class FaultEnvironment final : public EnvironmentOver<FaultFileSystem> {
 public:
  explicit FaultEnvironment(Environment& base = SystemEnvironment()) : EnvironmentOver(base) {}

  FaultFileSystem& faults() { return files(); }
};

}  // namespace beachdb
