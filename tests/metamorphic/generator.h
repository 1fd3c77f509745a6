// Random histories. Each draws a character of its own first (which steps are frequent, how long
// keys and values are, how hot the hot keys), because an even mixture of everything hardly ever
// reaches the corners (swarm testing: Groce et al., ISSTA 2012).
#pragma once

#include <cstddef>
#include <cstdint>

#include "tests/metamorphic/operation.h"

namespace beachdb::metamorphic {

// The same seed and length give the same history for ever, or the seeds in tests/seeds/ mean
// nothing: a change here calls for keeping those as whole histories instead.
History GenerateHistory(std::uint64_t seed, std::size_t steps);

}  // namespace beachdb::metamorphic
