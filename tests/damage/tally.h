// Counts what came of each damage, and prints the line that the campaign reads.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "tests/damage/judge.h"

namespace beachdb {

class Tally {
 public:
  // Judges one case. It must be noticed, or pass as `why_harmless` or Damage::older allow
  // (nullptr: they do not); anything else fails the test, which shows the first cases of the kind.
  void Try(const Sample& sample, const Damage& damage, const char* why_harmless);

  // "PROOF <name> cases=.. detected=.. harmless=.. older=.. wrong=.. per_second=.. <more>"
  void Print(const std::string& name, const std::string& more = "") const;

  std::uint64_t cases() const { return cases_; }
  std::uint64_t count(Outcome outcome) const {
    return outcomes_[static_cast<std::size_t>(outcome)];
  }

 private:
  std::uint64_t cases_ = 0;
  std::array<std::uint64_t, 4> outcomes_{};
  std::map<std::string, std::uint64_t> reasons_;  // of what was harmless
  std::uint64_t shown_ = 0;                       // failures told in full
  std::uint64_t started_nanos_ = SystemNanos();

  static std::uint64_t SystemNanos();
};

}  // namespace beachdb
