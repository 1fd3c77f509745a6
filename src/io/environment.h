// The world that a database runs in. Options::environment replaces it: same seed, same run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "io/clock.h"
#include "io/executor.h"
#include "io/file_system.h"

namespace beachdb {

class Environment {
 public:
  virtual ~Environment() = default;
  virtual FileSystem& file_system() = 0;
  virtual Clock& clock() = 0;
  virtual std::unique_ptr<Executor> MakeExecutor(int compaction_threads) = 0;
  // 64 bits of randomness: identities of new databases. The real world asks the kernel.
  virtual std::uint64_t Seed() = 0;
};

// The real world. Lives for ever.
Environment& SystemEnvironment();

}  // namespace beachdb
