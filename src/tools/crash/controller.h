// Lives a scenario: starts workers, kills them as it says, and asks the oracle after every cycle.
//
// After each cycle a fresh process opens a copy of the database and shows it whole: scans in both
// directions and gets must agree, Verify must find nothing, and the oracle must accept what is
// there. A worker that dies in a way that nobody ordered, or does not answer for a minute, is a
// failure.
#pragma once

#include <string>

#include "beachdb/result.h"
#include "tools/crash/scenario.h"

namespace beachdb::tools::crash {

struct Workshop {
  std::string program;    // of the workers: this very program
  std::string directory;  // emptied before a scenario; databases and what workers said
};

// An error: the harness itself could not run. A broken contract is in the result.
Result<ScenarioResult> RunScenario(const Workshop& workshop, const Scenario& scenario);

}  // namespace beachdb::tools::crash
