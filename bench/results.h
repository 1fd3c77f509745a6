// A file of results and the folder that a report becomes.
//
//   results.jsonl   one run (run_info.h), then its outcomes (runner.h, sustain.h), a line each
//   report.md       what MarkdownReport and SustainReport make of it
//   *.svg           the charts
//
// Everything but results.jsonl can be made again from it.
#pragma once

#include <string>
#include <vector>

#include "beachdb/result.h"
#include "bench/run_info.h"
#include "bench/runner.h"
#include "bench/sustain.h"
#include "bench/targets.h"

namespace beachdb::bench {

struct Results {
  RunInfo run;
  std::vector<Outcome> outcomes;
  std::vector<SustainOutcome> sustained;
};

// An error names file and line.
Result<Results> ReadResults(const std::string& path);

// Replaces the file.
Status WriteText(const std::string& path, const std::string& text);

// The whole Markdown.
std::string ReportText(const Results& results, const std::vector<Target>& targets);

// report.md and the charts, into a folder that is made if it is not there.
Status WriteReport(const std::string& directory, const Results& results,
                   const std::vector<Target>& targets);

}  // namespace beachdb::bench
