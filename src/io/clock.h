// Time. Nothing that decides order or durability looks at it.
#pragma once

#include <cstdint>

namespace beachdb {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::uint64_t MonotonicNanos() = 0;
  virtual std::uint64_t WallMicros() = 0;  // since 1970, UTC; may jump
  virtual void SleepNanos(std::uint64_t nanos) = 0;
};

Clock& SystemClock();

}  // namespace beachdb
