// What the environment asks of the tests of damage; each test says at its top what that means.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace beachdb {

// BEACHDB_DAMAGE=full: every case there is, not a part of them.
inline bool FullCampaign() {
  const char* text = std::getenv("BEACHDB_DAMAGE");
  return text != nullptr && std::string_view(text) == "full";
}

// BEACHDB_SEED, or 1; and says how to run this test with it again.
inline std::uint64_t AnnounceSeed() {
  const char* text = std::getenv("BEACHDB_SEED");
  const std::uint64_t seed = text == nullptr ? 1 : std::strtoull(text, nullptr, 0);
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  fmt::print("replay: BEACHDB_SEED={}{} tests_damage --gtest_filter={}.{}\n", seed,
             FullCampaign() ? " BEACHDB_DAMAGE=full" : "", test->test_suite_name(), test->name());
  return seed;
}

}  // namespace beachdb
