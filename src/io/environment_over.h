// A world with another file system: everything else is that of the world below.
//
// Thread safety and lifetime: those of the world below, which must outlive it.
#pragma once

#include <cstdint>
#include <memory>

#include "io/environment.h"

namespace beachdb {

// `Files`: a FileSystem that is made of the one below.
template <typename Files>
class EnvironmentOver : public Environment {
 public:
  explicit EnvironmentOver(Environment& base) : base_(base), files_(base.file_system()) {}

  Files& files() { return files_; }

  FileSystem& file_system() override { return files_; }
  Clock& clock() override { return base_.clock(); }
  std::unique_ptr<Executor> MakeExecutor(int compaction_threads) override {
    return base_.MakeExecutor(compaction_threads);
  }
  std::uint64_t Seed() override { return base_.Seed(); }

 private:
  Environment& base_;
  Files files_;
};

}  // namespace beachdb
