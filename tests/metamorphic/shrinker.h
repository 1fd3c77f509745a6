// Makes a failing history small: drops steps, then writes of batches and keys of reads, shortens
// values and keys, and simplifies the configuration, as long as it still fails.
//
// A failure that depends on the timing of threads may not come at each try; what the predicate
// answers is believed, so a caller for whom that matters tries more than once.
//
// Technique: delta debugging (Zeller and Hildebrandt, 2002): ever smaller pieces are left out.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "tests/metamorphic/operation.h"
#include "tests/metamorphic/setup.h"

namespace beachdb::metamorphic {

// A history with the configuration it runs under: what a file in tests/seeds/ holds.
struct Case {
  Config config;
  History history;
};

using StillFails = std::function<bool(const Case&)>;

// REQUIRES: fails(failing). At most `tries_max` calls of `fails`.
Case Shrink(Case failing, const StillFails& fails, std::size_t tries_max);

// Lines of the configuration, then the steps; lines that begin with # are remarks.
std::string ToText(const Case& that);
Result<Case> ParseCase(std::string_view text);

}  // namespace beachdb::metamorphic
