// How much to slow writers down, so that they never have to be stopped.
//
// Pure: what waits for the disk goes in, a delay comes out.
//
// While one memtable is flushed, writers may fill the next one as far as the flush has come: who is
// ahead of it waits for as long as the flush will take to catch up. So the wait for room is spread
// over many writes, and at the hard mark, where memory would pass its budget and writes stop, the
// flush has ended. Level 0 and debt drain slowly: their delay grows smoothly with the pressure
// (none up to a soft mark, ever slower towards the hard one), in units of what compactions were
// measured to drain.
#pragma once

#include <cstdint>

namespace beachdb {

struct WritePressure {
  // Memtables that wait for their flush, the active one's fill included: 0.5 is half of one.
  double memtables = 0;
  // One is flushed while the next one fills. Not 2: a flush takes less time than a filling, so the
  // other half would be memory that only a burst uses.
  double memtables_max = 1.6;
  double flushed = 0;      // the part of the memtable under its flush that is in a table by now
  double flush_nanos = 0;  // what the flush of a memtable takes; 0: none is running
  int level0_runs = 0;
  std::uint64_t debt_bytes = 0;                // what compactions still have to move
  std::uint64_t compact_bytes_per_second = 0;  // as measured; 0: not yet known
};

struct WriteDelay {
  bool stop = false;          // wait for background work, then ask again
  double nanos = 0;           // once, now
  double nanos_per_byte = 0;  // beside it, of user data written
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
