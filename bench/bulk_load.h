// A bulk load beside the device: sorted records into tables, and as many bytes written plainly.
//
// The two take turns, as the speed of a device changes by the minute. Plainly: one file, O_DIRECT,
// 1 MiB at a time, one after the other, then fsync; what `dd oflag=direct conv=fsync` does.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "bench/workloads.h"

namespace beachdb::bench {

struct LoadRound {
  double load_seconds = 0;    // from the first Add to the end of Commit
  double device_seconds = 0;  // for as many bytes as the tables have
  std::uint64_t table_bytes = 0;

  double Ratio() const { return load_seconds > 0 ? device_seconds / load_seconds : 0; }
};

// Every record is read back, in order; a wrong one is an error. Leaves nothing in `directory`.
Result<std::vector<LoadRound>> MeasureLoads(const Settings& settings, int rounds,
                                            const std::string& directory);

// Markdown: each round, and the median of the ratios.
std::string LoadReport(const Settings& settings, std::span<const LoadRound> rounds);

}  // namespace beachdb::bench
