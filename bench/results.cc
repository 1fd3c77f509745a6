#include "bench/results.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/try.h"
#include "bench/charts.h"
#include "bench/report.h"
#include "bench/sustain_report.h"

namespace beachdb::bench {
namespace {

Status AddLine(const std::string& line, Results& results) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  const std::string type = json.is_object() ? json.value("type", "") : "";
  if (type == "outcome") {
    ASSIGN_OR_RETURN(auto outcome, OutcomeFromJson(line));
    results.outcomes.push_back(std::move(outcome));
  } else if (type == "sustain") {
    ASSIGN_OR_RETURN(auto outcome, SustainOutcomeFromJson(line));
    results.sustained.push_back(std::move(outcome));
  } else {
    return Error(Code::kInvalidArgument,
                 "expected a JSON object of type \"outcome\" or \"sustain\"");
  }
  return {};
}

}  // namespace

Result<Results> ReadResults(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  if (!in || !std::getline(in, line)) {
    return Error(Code::kIoError, fmt::format("{}: cannot be opened, or is empty", path));
  }
  Result<RunInfo> run = RunInfoFromJson(line);
  if (!run.ok()) return run.error().WithContext(path + ": line 1: ");
  Results results;
  results.run = std::move(*run);
  for (int number = 2; std::getline(in, line); ++number) {
    RETURN_IF_ERROR(AddLine(line, results).WithContext(fmt::format("{}: line {}: ", path, number)));
  }
  return results;
}

Status WriteText(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) return Error(Code::kIoError, fmt::format("{}: cannot be written", path));
  return {};
}

std::string ReportText(const Results& results, const std::vector<Target>& targets) {
  std::string text = "# bench\n\n" + ToMarkdown(results.run) + "\n";
  if (!results.outcomes.empty() || results.sustained.empty()) {
    text += MarkdownReport(results.run, results.outcomes, targets);
  }
  return text + SustainReport(results.run, results.sustained);
}

Status WriteReport(const std::string& directory, const Results& results,
                   const std::vector<Target>& targets) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  auto charts = SustainCharts(results.sustained);
  charts.emplace_back("ratios.svg", RatioChart(results.run, results.outcomes, targets));
  charts.emplace_back("latency.svg", LatencyChart(results.run, results.outcomes));
  std::string links;
  for (const auto& [name, svg] : charts) {
    if (svg.empty()) continue;
    RETURN_IF_ERROR(WriteText(fmt::format("{}/{}", directory, name), svg));
    links += fmt::format("\n![{0}]({0})\n", name);
  }
  if (!links.empty()) links = "\n## Charts\n" + links;
  return WriteText(directory + "/report.md", ReportText(results, targets) + links);
}

}  // namespace beachdb::bench
