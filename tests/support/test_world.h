// A world for engine tests: the real clock and real threads over a file system of the test's
// choice, and a seed that the test fixes, so that two runs make the same database.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "io/environment.h"

namespace beachdb {

class TestWorld final : public Environment {
 public:
  explicit TestWorld(FileSystem& fs, std::uint64_t seed = 1) : fs_(fs), seed_(seed) {}

  FileSystem& file_system() override { return fs_; }
  Clock& clock() override { return SystemClock(); }
  std::unique_ptr<Executor> MakeExecutor(int compaction_threads) override {
    return MakeThreadExecutor(compaction_threads);
  }
  std::uint64_t Seed() override { return seed_++; }

 private:
  FileSystem& fs_;
  std::uint64_t seed_;
};

// The seed of a randomised test: BEACHDB_SEED replays one, otherwise `fallback`.
inline std::uint64_t SeedFromEnvironment(std::uint64_t fallback) {
  const char* text = std::getenv("BEACHDB_SEED");
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 0);
}

}  // namespace beachdb
