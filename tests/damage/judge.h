// Opens a damaged database, reads everything in every way there is, and says what came of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/damage/sample.h"

namespace beachdb {

// What was done to a sample.
struct Damage {
  std::string what;                // "flip bit 3 at offset 77"
  std::vector<std::string> files;  // that were damaged: an error must name one of them
  Image image;                     // the directory afterwards
  // Besides being noticed the damage may make the database answer from this state, and from no
  // other: nullptr: it may not.
  const Model* older = nullptr;
  // How many gets may fail, each with an error: all others must answer. The default: any.
  std::size_t failing_gets_max = SIZE_MAX;
  // Also compact everything, and read again: a compaction must not launder what is damaged.
  bool compact = false;
};

enum class Outcome : std::uint8_t {
  kDetected,  // the open, a read or the verification named a damaged file as corrupt; whatever
              // was answered was right
  kHarmless,  // no error, and every answer as if nothing had happened
  kOlder,     // no error, and every answer from Damage::older
  kWrong,     // anything else
};

struct Verdict {
  Outcome outcome = Outcome::kHarmless;
  std::string why;  // the first error, or what is wrong
};

Verdict Judge(const Sample& sample, const Damage& damage);

}  // namespace beachdb
