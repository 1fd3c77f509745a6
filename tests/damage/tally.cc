#include "tests/damage/tally.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/clock.h"

namespace beachdb {
namespace {

constexpr std::uint64_t kShownMax = 10;

}  // namespace

std::uint64_t Tally::SystemNanos() { return SystemClock().MonotonicNanos(); }

void Tally::Try(const Sample& sample, const Damage& damage, const char* why_harmless) {
  Verdict verdict = Judge(sample, damage);
  ++cases_;
  if (verdict.outcome == Outcome::kHarmless) {
    if (why_harmless == nullptr) {
      verdict = {Outcome::kWrong, "nobody noticed, and these bytes are not without meaning"};
    } else {
      ++reasons_[why_harmless];
    }
  }
  ++outcomes_[static_cast<std::size_t>(verdict.outcome)];
  if (verdict.outcome == Outcome::kWrong && ++shown_ <= kShownMax) {
    ADD_FAILURE() << sample.name << ": " << damage.what << ": " << verdict.why;
  }
}

void Tally::Print(const std::string& name, const std::string& more) const {
  const double seconds = static_cast<double>(SystemNanos() - started_nanos_) / 1e9;
  for (const auto& [reason, times] : reasons_) fmt::print("harmless: {}: {}\n", reason, times);
  fmt::print("PROOF {} cases={} detected={} harmless={} older={} wrong={} per_second={:.0f}{}{}\n",
             name, cases_, count(Outcome::kDetected), count(Outcome::kHarmless),
             count(Outcome::kOlder), count(Outcome::kWrong),
             static_cast<double>(cases_) / std::max(seconds, 1e-9), more.empty() ? "" : " ", more);
  EXPECT_EQ(count(Outcome::kWrong), 0u);
}

}  // namespace beachdb
