// Three mixes on BeachDB alone, seen from inside: beside what the caller notices stands what the
// engine counted meanwhile, so that one can be explained by the other.
//
//   A  write-heavy   nine puts on stable storage to one get
//   B  read-heavy    19 gets, by Zipf (0.99), to one put on stable storage
//   C  miss-heavy    nine gets of keys that are not there to one of a key that is
//
// Each on tables with filters and on tables without. One thread; the database is filled in
// scattered order, comes to rest, and is opened anew for every mix; the memory budget is a tenth of
// the data and two write buffers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "beachdb/stats.h"
#include "bench/workloads.h"

namespace beachdb::bench {

struct MixOutcome {
  std::string mix;   // "A"
  std::string what;  // "write-heavy"
  int filter_bits = 0;
  double seconds = 0;
  std::uint64_t puts = 0;
  std::uint64_t gets = 0;
  Latency put;  // every call timed
  Latency get;
  Stats stats;  // since the database was opened for this mix
};

// In the order A, B, C, with filters first. Every answer is checked; a wrong one is an error.
// Leaves nothing in `directory`.
Result<std::vector<MixOutcome>> RunMixes(const Settings& settings, const std::string& directory);

// Markdown.
std::string MixReport(const Settings& settings, std::span<const MixOutcome> outcomes);

}  // namespace beachdb::bench
