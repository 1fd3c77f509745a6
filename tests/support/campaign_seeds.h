// The seeds that a randomised test runs: a few, or in a campaign as many as there is time for.
//
//   BEACHDB_SEED=n      that one alone; in a campaign the first
//   BEACHDB_SECONDS=n   a campaign: new seeds until so many seconds have passed
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>

#include "io/clock.h"
#include "tests/support/test_world.h"

namespace beachdb {

class CampaignSeeds {
 public:
  // `quick`: how many seeds when nothing is said.
  explicit CampaignSeeds(std::uint64_t quick)
      : first_(SeedFromEnvironment(1)),
        quick_(std::getenv("BEACHDB_SEED") != nullptr ? 1 : quick),
        started_(SystemClock().MonotonicNanos()) {}

  static bool IsCampaign() { return std::getenv("BEACHDB_SECONDS") != nullptr; }

  // nullopt: enough.
  std::optional<std::uint64_t> Next() {
    if (IsCampaign() ? given_ > 0 && TimeIsUp() : given_ == quick_) return std::nullopt;
    return first_ + given_++;
  }
  std::uint64_t first() const { return first_; }
  std::uint64_t given() const { return given_; }

 private:
  bool TimeIsUp() const {
    const std::uint64_t seconds = std::strtoull(std::getenv("BEACHDB_SECONDS"), nullptr, 10);
    return SystemClock().MonotonicNanos() - started_ >= seconds * 1'000'000'000;
  }

  const std::uint64_t first_;
  const std::uint64_t quick_;
  const std::uint64_t started_;
  std::uint64_t given_ = 0;
};

}  // namespace beachdb
