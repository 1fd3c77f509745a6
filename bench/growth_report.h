// What an operation costs as the database grows: several runs of the same workloads, each with
// another number of keys, side by side.
#pragma once

#include <string>
#include <vector>

#include "beachdb/result.h"
#include "bench/results.h"

namespace beachdb::bench {

// Puts the runs in the order of their keys. kInvalidArgument: fewer than two sizes, or one twice.
Status SortBySize(std::vector<Results>& runs);

// Markdown: for every row and engine the time of one operation at each size and how it grew; then
// memory and disk. REQUIRES: SortBySize(runs) succeeded; so below.
std::string GrowthReport(const std::vector<Results>& runs);

// A line for each row of the first engine, both axes logarithmic.
std::string GrowthChart(const std::vector<Results>& runs);

// growth.md and growth.svg, into a folder that is made if it is not there.
Status WriteGrowth(const std::string& directory, const std::vector<Results>& runs);

}  // namespace beachdb::bench
