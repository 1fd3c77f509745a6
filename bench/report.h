// What a run has to say: Markdown for people, JSON lines for programs.
#pragma once

#include <string>
#include <vector>

#include "bench/runner.h"

namespace beachdb::bench {

// Machine, file system, versions and configurations: without them a number means nothing.
std::string DescribeRun(const Plan& plan);

// Tables of throughput with ratios, of latency and of cost, and the list of what failed.
// Throughput: the median of the rounds (lowest..highest). Ratio: the first engine's rate over
// the peer's within each round, then the median of those.
std::string MarkdownReport(const Plan& plan, const std::vector<Outcome>& outcomes);

// The first line of --json: the configuration of the run.
std::string RunJson(const Plan& plan);

}  // namespace beachdb::bench
