#include "engine/write_stall.h"

#include <algorithm>
#include <iterator>

namespace beachdb {
namespace {

// Until the first flush has been timed: a slow disk.
constexpr double kDrainGuess = 64.0 * 1024 * 1024;

// 0 up to `slow`, 1 at `stop`.
double Strain(double value, double slow, double stop) {
  return std::clamp((value - slow) / (stop - slow), 0.0, 1.0);
}

}  // namespace

WriteDelay DelayFor(const WritePressure& pressure, const WriteLimits& limits) {
  struct Source {
    double strain;
    std::uint64_t drain;
    const char* reason;
  };
  const Source sources[] = {
      // That one is flushed while the next one begins to fill is the normal state, free of delay
      // for as long as the flush keeps up.
      {Strain(pressure.memtables, pressure.memtables_max - 0.5, pressure.memtables_max),
       pressure.flush_bytes_per_second, "memtables"},
      {Strain(pressure.level0_runs, limits.level0_slow, limits.level0_stop),
       pressure.compact_bytes_per_second, "level 0 runs"},
      {Strain(static_cast<double>(pressure.debt_bytes), static_cast<double>(limits.debt_slow),
              static_cast<double>(limits.debt_stop)),
       pressure.compact_bytes_per_second, "compaction debt"},
  };
  const Source worst =
      *std::max_element(std::begin(sources), std::end(sources),
                        [](const Source& a, const Source& b) { return a.strain < b.strain; });
  WriteDelay delay;
  if (worst.strain <= 0) return delay;
  delay.reason = worst.reason;
  delay.stop = worst.strain >= 1;
  // At a quarter of the way writers already run at the drain rate; beyond it, at a fraction.
  const double drain = worst.drain > 0 ? static_cast<double>(worst.drain) : kDrainGuess;
  delay.nanos_per_byte = 1e9 / drain * worst.strain * 4;
  return delay;
}

}  // namespace beachdb
