#include "engine/write_stall.h"

#include <algorithm>
#include <iterator>

namespace beachdb {
namespace {

// Until the first compaction has been timed: a slow disk.
constexpr double kDrainGuess = 64.0 * 1024 * 1024;

// Of a flush: what is left when all entries are in the table are its syncs.
constexpr double kEntriesShare = 0.9;

// 0 up to `slow`, 1 at `stop`.
double Strain(double value, double slow, double stop) {
  return std::clamp((value - slow) / (stop - slow), 0.0, 1.0);
}

}  // namespace

WriteDelay DelayFor(const WritePressure& pressure, const WriteLimits& limits) {
  struct Source {
    double strain;
    const char* reason;
  };
  const Source sources[] = {
      {Strain(pressure.level0_runs, limits.level0_slow, limits.level0_stop), "level 0 runs"},
      {Strain(static_cast<double>(pressure.debt_bytes), static_cast<double>(limits.debt_slow),
              static_cast<double>(limits.debt_stop)),
       "compaction debt"},
  };
  const Source worst =
      *std::max_element(std::begin(sources), std::end(sources),
                        [](const Source& a, const Source& b) { return a.strain < b.strain; });
  WriteDelay delay;
  if (worst.strain > 0) {
    delay.reason = worst.reason;
    delay.stop = worst.strain >= 1;
    // At a quarter of the way writers already run at the drain rate; beyond it, at a fraction.
    const double drain = pressure.compact_bytes_per_second > 0
                             ? static_cast<double>(pressure.compact_bytes_per_second)
                             : kDrainGuess;
    delay.nanos_per_byte = 1e9 / drain * worst.strain * 4;
  }
  const double filled = Strain(pressure.memtables, 1, pressure.memtables_max);
  const double ahead = filled - kEntriesShare * pressure.flushed;
  if (ahead > 0) delay.nanos = ahead * pressure.flush_nanos;
  if (filled >= 1 || (delay.nanos > 0 && !delay.stop)) delay.reason = "memtables";
  if (filled >= 1) delay.stop = true;
  return delay;
}

}  // namespace beachdb
