// What a run was: machine, build, engines and sizes. Without it a number means nothing, so it is
// the first line of every result file and the first lines of every report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "bench/runner.h"
#include "bench/store.h"
#include "bench/workloads.h"

namespace beachdb::bench {

struct Machine {
  std::string processor;
  unsigned cores = 0;
  std::string memory;
  std::string kernel;
  std::string file_system;   // of the databases: type and device
  std::string load_average;  // of the last minute before the start
};

struct EngineInfo {
  std::string name;
  std::string version;
  std::string configuration;
  std::string unsynced_writes;  // what they survive
};

struct RunInfo {
  std::string date;    // of the start, UTC
  std::string source;  // what --source said: the commit
  std::string build;   // compiler and flags
  Machine machine;
  Settings settings;
  int rounds = 0;
  std::vector<EngineInfo> engines;  // ratios are of the first
};

// Here and now. Flags that are not known any more after the build come from CMake.
RunInfo DescribeRun(const Plan& plan, const std::string& source);

// One line of JSON, its "type" is "run".
std::string ToJson(const RunInfo& run);
// An error names what is missing.
Result<RunInfo> RunInfoFromJson(const std::string& text);

// A Markdown list.
std::string ToMarkdown(const RunInfo& run);

}  // namespace beachdb::bench
