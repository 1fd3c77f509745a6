// What options do: a table for runs in which variants of the first engine took part,
// "beachdb:block_size=16384" beside "beachdb".
#pragma once

#include <string>
#include <vector>

#include "bench/figures.h"
#include "bench/run_info.h"

namespace beachdb::bench {

// A line for each variant: its rates over those of the first engine, row by row, then what
// `overwrite` cost. Empty where there are no variants.
std::string OptionTable(const RunInfo& run, const std::vector<Line>& lines);

}  // namespace beachdb::bench
