// The power is cut at every event of short workloads, and at some of longer ones.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/cut_enumeration.h"
#include "tests/support/test_world.h"

namespace beachdb {
namespace {

TEST(PowerCutTest, EveryCutOfAShortWorkloadKeepsTheContract) {
  CutConfig config;
  config.shape.seed = SeedFromEnvironment(1);
  ReadReplay(config);
  const CutReport report = EnumerateCuts(config);
  std::printf("PROOF power_cut %s\n", report.Line().c_str());
  for (const std::string& failure : report.failures) ADD_FAILURE() << failure;
}

}  // namespace
}  // namespace beachdb
