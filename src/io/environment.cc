#include "io/environment.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace beachdb {

namespace {

class RealEnvironment final : public Environment {
 public:
  FileSystem& file_system() override { return PosixFileSystem(); }
  Clock& clock() override { return SystemClock(); }
  std::unique_ptr<Executor> MakeExecutor(int compaction_threads) override {
    return MakeThreadExecutor(compaction_threads);
  }
  std::uint64_t Seed() override {
    std::uint64_t seed = 0;
    ssize_t got = 0;
    do {
      got = ::getrandom(&seed, sizeof seed, 0);
    } while (got < 0 && errno == EINTR);
    CHECK(got == static_cast<ssize_t>(sizeof seed));
    return seed;
  }
};

}  // namespace

Environment& SystemEnvironment() {
  static RealEnvironment environment;
  return environment;
}

}  // namespace beachdb
