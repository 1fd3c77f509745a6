#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/try.h"
#include "bench/sustain.h"

namespace beachdb::bench {
namespace {

using Json = nlohmann::json;

Json ToObject(const Latency& latency) {
  return {{"p50_us", latency.p50},
          {"p99_us", latency.p99},
          {"p999_us", latency.p999},
          {"max_us", latency.max}};
}

Latency LatencyFrom(const Json& json, const char* name) {
  const Json object = json.value(name, Json::object());
  return {object.value("p50_us", 0.0), object.value("p99_us", 0.0), object.value("p999_us", 0.0),
          object.value("max_us", 0.0)};
}

// Columns, because a row of names for each second would be most of the file.
Json ToColumns(const std::vector<Second>& seconds) {
  Json counts = Json::array();
  Json p50 = Json::array();
  Json p99 = Json::array();
  Json max = Json::array();
  for (const Second& second : seconds) {
    counts.push_back(second.count);
    p50.push_back(second.p50);
    p99.push_back(second.p99);
    max.push_back(second.max);
  }
  return {{"count", std::move(counts)},
          {"p50_us", std::move(p50)},
          {"p99_us", std::move(p99)},
          {"max_us", std::move(max)}};
}

Result<std::vector<Second>> SecondsFrom(const Json& json, const char* name) {
  const Json columns = json.value(name, Json::object());
  const auto counts = columns.value("count", std::vector<std::uint64_t>());
  const auto p50 = columns.value("p50_us", std::vector<double>());
  const auto p99 = columns.value("p99_us", std::vector<double>());
  const auto max = columns.value("max_us", std::vector<double>());
  if (p50.size() != counts.size() || p99.size() != counts.size() || max.size() != counts.size()) {
    return Error(Code::kInvalidArgument,
                 std::string("the columns of ") + name + " differ in length");
  }
  std::vector<Second> seconds;
  seconds.reserve(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    seconds.push_back({counts[i], p50[i], p99[i], max[i]});
  }
  return seconds;
}

}  // namespace

std::string ToJson(const SustainOutcome& outcome) {
  const Json json = {{"type", "sustain"},
                     {"engine", outcome.engine},
                     {"pressure", PressureName(outcome.pressure)},
                     {"error", outcome.error},
                     {"write", ToObject(outcome.write)},
                     {"read", ToObject(outcome.read)},
                     {"idle_read", ToObject(outcome.idle_read)},
                     {"write_amplification", outcome.write_amplification},
                     {"settle_seconds", outcome.settle_seconds},
                     {"disk_bytes", outcome.disk_bytes},
                     {"live_bytes", outcome.live_bytes},
                     {"rss_bytes_by_second", outcome.rss_bytes},
                     {"writes_by_second", ToColumns(outcome.writes)},
                     {"reads_by_second", ToColumns(outcome.reads)}};
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Result<SustainOutcome> SustainOutcomeFromJson(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("type", "") != "sustain") {
    return Error(Code::kInvalidArgument, "expected a JSON object of type \"sustain\"");
  }
  SustainOutcome outcome;
  outcome.engine = json.value("engine", "");
  const std::string pressure = json.value("pressure", "");
  outcome.pressure = pressure == PressureName(Pressure::kQueue)   ? Pressure::kQueue
                     : pressure == PressureName(Pressure::kMixed) ? Pressure::kMixed
                                                                  : Pressure::kOverwrite;
  outcome.error = json.value("error", "");
  outcome.write = LatencyFrom(json, "write");
  outcome.read = LatencyFrom(json, "read");
  outcome.idle_read = LatencyFrom(json, "idle_read");
  outcome.write_amplification = json.value("write_amplification", 0.0);
  outcome.settle_seconds = json.value("settle_seconds", 0.0);
  outcome.disk_bytes = json.value("disk_bytes", std::uint64_t{0});
  outcome.live_bytes = json.value("live_bytes", std::uint64_t{0});
  outcome.rss_bytes = json.value("rss_bytes_by_second", std::vector<std::uint64_t>());
  ASSIGN_OR_RETURN(outcome.writes, SecondsFrom(json, "writes_by_second"));
  ASSIGN_OR_RETURN(outcome.reads, SecondsFrom(json, "reads_by_second"));
  return outcome;
}

}  // namespace beachdb::bench
