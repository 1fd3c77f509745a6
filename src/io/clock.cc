#include "io/clock.h"

#include <time.h>

#include <cerrno>

namespace beachdb {

namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

std::uint64_t Now(clockid_t id) {
  timespec now{};
  ::clock_gettime(id, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * kNanosPerSecond +
         static_cast<std::uint64_t>(now.tv_nsec);
}

class RealClock final : public Clock {
 public:
  std::uint64_t MonotonicNanos() override { return Now(CLOCK_MONOTONIC); }
  std::uint64_t WallMicros() override { return Now(CLOCK_REALTIME) / 1000; }
  void SleepNanos(std::uint64_t nanos) override {
    timespec left{};
    left.tv_sec = static_cast<time_t>(nanos / kNanosPerSecond);
    left.tv_nsec = static_cast<long>(nanos % kNanosPerSecond);
    while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
  }
};

}  // namespace

Clock& SystemClock() {
  static RealClock clock;
  return clock;
}

}  // namespace beachdb
