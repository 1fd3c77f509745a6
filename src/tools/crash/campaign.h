// Which scenarios a run of the crash harness lives, and the count of what they have visited.
//
// Profiles: `ci` visits every failpoint once in each way that it has (a crash before, a crash
// after, an error), and kills at random moments; `full` does so with several seeds, at later
// passes, and with many more random kills. A failpoint that was never hit is a failure: the list
// promises that it can be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/failpoint_list.h"
#include "tools/crash/scenario.h"

namespace beachdb::tools::crash {

enum class Profile : std::uint8_t { kCi, kFull };

struct CampaignOptions {
  std::uint64_t seed = 1;
  Profile profile = Profile::kCi;
  std::vector<std::string> crash_points;  // only these; with fault_points empty too: all
  std::vector<std::string> fault_points;
  std::uint32_t threads = 0;       // 0: by the profile, 1 and several
  std::uint64_t ops = 0;           // of one cycle; 0: by the profile
  std::uint64_t random_kills = 0;  // cycles; 0: by the profile
};

// The failpoints that can be hit as a crash, and as an error.
std::vector<std::string> CrashPoints();
std::vector<std::string> FaultPoints();

// Same options, same scenarios.
std::vector<Scenario> PlanCampaign(const CampaignOptions& options);

}  // namespace beachdb::tools::crash
