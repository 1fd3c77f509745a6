// Time, processor time, memory and bytes written, at a cost far below what they measure.
#pragma once

#include <cstdint>
#include <string>

#if defined(__x86_64__)
#include <x86intrin.h>
#else
#include <chrono>
#endif

namespace beachdb::bench {

// Ticks of a counter that runs at a constant rate.
inline std::uint64_t Ticks() {
#if defined(__x86_64__)
  return __rdtsc();
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

// Measured once, at the first call, in about 20 ms: call it before the children are made.
struct TickRate {
  double nanos_per_tick;
  double nanos_per_call;  // what one Ticks() costs
};
const TickRate& Rate();

inline double TicksToNanos(std::uint64_t ticks) {
  return static_cast<double>(ticks) * Rate().nanos_per_tick;
}
inline std::uint64_t SecondsToTicks(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e9 / Rate().nanos_per_tick);
}

// What this process has used so far.
struct Usage {
  double cpu_seconds = 0;  // all threads, user and system
  // Bytes sent towards the disk: dirtied pages (counted when they become dirty) and direct writes.
  std::uint64_t write_bytes = 0;
  std::uint64_t peak_rss_bytes = 0;  // file mappings included
};
Usage ReadUsage();

// Resident memory of this process now, file mappings included.
std::uint64_t ReadRssBytes();

// Disk blocks of everything under `directory`, in bytes.
std::uint64_t DiskBytes(const std::string& directory);

}  // namespace beachdb::bench
