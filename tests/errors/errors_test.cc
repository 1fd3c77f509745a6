// Every call to the file system fails once, in every way it can, and again for a while.
//
// A campaign (tests/support/campaign_seeds.h) fails every call of each seed's run; the quick test
// runs a few seeds and samples their calls. BEACHDB_FAULT replays one fault.
#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "tests/errors/error_enumeration.h"
#include "tests/support/campaign_seeds.h"

namespace beachdb {
namespace {

TEST(ErrorsTest, EveryErrorIsReportedAndLosesNothingAcknowledged) {
  CampaignSeeds seeds(3);
  ErrorReport total;
  for (auto seed = seeds.Next(); seed && total.failures.empty(); seed = seeds.Next()) {
    ErrorConfig config;
    config.seed = *seed;
    if (!CampaignSeeds::IsCampaign()) config.calls_max = 30;
    ReadReplay(config);
    total.Add(EnumerateErrors(config));
  }
  std::printf("PROOF errors seeds=%llu %s\n", static_cast<unsigned long long>(seeds.given()),
              total.Line().c_str());
  for (const std::string& failure : total.failures) {
    ADD_FAILURE() << failure << " tests_errors";
  }
}

}  // namespace
}  // namespace beachdb
