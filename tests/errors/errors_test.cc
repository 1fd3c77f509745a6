// Every call to the file system fails once, in every way it can, and again for a while.
//
// Long mode: BEACHDB_ERROR_SEEDS=<n> runs n seeds, with every call of each (default: one seed, a
// sample of its calls). BEACHDB_SEED=<s> starts at seed s; BEACHDB_FAULT replays one fault.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "tests/errors/error_enumeration.h"
#include "tests/support/test_world.h"

namespace beachdb {
namespace {

TEST(ErrorsTest, EveryErrorIsReportedAndLosesNothingAcknowledged) {
  const char* many = std::getenv("BEACHDB_ERROR_SEEDS");
  const std::uint64_t seeds = many == nullptr ? 1 : std::strtoull(many, nullptr, 10);
  ErrorReport total;
  for (std::uint64_t i = 0; i < seeds && total.failures.empty(); ++i) {
    ErrorConfig config;
    config.seed = SeedFromEnvironment(1) + i;
    if (many == nullptr) config.calls_max = 80;
    ReadReplay(config);
    total.Add(EnumerateErrors(config));
  }
  std::printf("PROOF errors seeds=%llu %s\n", static_cast<unsigned long long>(seeds),
              total.Line().c_str());
  for (const std::string& failure : total.failures) {
    ADD_FAILURE() << failure << " tests_errors";
  }
}

}  // namespace
}  // namespace beachdb
