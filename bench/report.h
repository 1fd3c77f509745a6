// What a run has to say to people: Markdown.
#pragma once

#include <string>
#include <vector>

#include "bench/run_info.h"
#include "bench/runner.h"
#include "bench/targets.h"

namespace beachdb::bench {

// How many targets are met, then tables: throughput with the ratios of the first engine to its
// peers, latency, cost; and what failed. The rows are those of `outcomes`.
std::string MarkdownReport(const RunInfo& run, const std::vector<Outcome>& outcomes,
                           const std::vector<Target>& targets);

}  // namespace beachdb::bench
