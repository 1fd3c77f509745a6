// How much to slow writers down, so that they never have to be stopped.
//
// Pure: what waits for the disk goes in, a delay comes out. The delay grows smoothly with the
// pressure (none up to a soft mark, ever slower towards the hard one), in units of what the
// background work was measured to drain. Writes stop only at the hard mark, where memory would
// otherwise pass its budget.
#pragma once

#include <cstdint>

namespace beachdb {

struct WritePressure {
  // Memtables that wait for their flush, the active one's fill included: 0.5 is half of one.
  double memtables = 0;
  // One is flushed while the next one fills. Not 2: a flush takes less time than a filling, so the
  // other half would be memory that only a burst uses.
  double memtables_max = 1.6;
  int level0_runs = 0;
  std::uint64_t debt_bytes = 0;  // what compactions still have to move
  // What the background was measured to drain; 0: not yet known.
  std::uint64_t flush_bytes_per_second = 0;
  std::uint64_t compact_bytes_per_second = 0;
};

struct WriteDelay {
  bool stop = false;          // wait for background work, then ask again
  double nanos_per_byte = 0;  // of user data written
  const char* reason = "";    // "memtables", "level 0 runs", "compaction debt"; "" without one
};

struct WriteLimits {
  int level0_slow = 12;
  int level0_stop = 36;
  std::uint64_t debt_slow = std::uint64_t{1} << 30;  // bytes
  std::uint64_t debt_stop = std::uint64_t{16} << 30;
};

WriteDelay DelayFor(const WritePressure& pressure, const WriteLimits& limits);

}  // namespace beachdb
