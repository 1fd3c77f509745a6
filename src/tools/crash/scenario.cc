#include "tools/crash/scenario.h"

#include <exception>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

namespace beachdb::tools::crash {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::string_view kMagic = "beachdb-crash";

constexpr std::pair<Ending, std::string_view> kEndingNames[] = {
    {Ending::kClose, "close"},
    {Ending::kKillAtEnd, "kill_at_end"},
    {Ending::kKillAtAck, "kill_at_ack"},
    {Ending::kKillAtStart, "kill_at_start"},
};

std::string_view EndingName(Ending ending) {
  for (const auto& [known, name] : kEndingNames) {
    if (known == ending) return name;
  }
  return "?";
}

Ending EndingFrom(const std::string& name) {
  for (const auto& [ending, known] : kEndingNames) {
    if (known == name) return ending;
  }
  throw std::invalid_argument("no ending is called " + name);
}

json ToJson(const Cycle& cycle) {
  json ops = json::array();
  for (const Op& op : cycle.ops) ops.push_back(ToJson(op));
  return {{"settings", ToJson(cycle.settings)}, {"failpoints", cycle.failpoints},
          {"ending", EndingName(cycle.ending)}, {"answers", cycle.answers},
          {"delay_micros", cycle.delay_micros}, {"workload", std::move(ops)}};
}

Cycle CycleFromJson(const json& value) {
  Cycle cycle;
  cycle.settings = SettingsFromJson(value.at("settings"));
  cycle.failpoints = value.at("failpoints").get<std::string>();
  cycle.ending = EndingFrom(value.at("ending").get<std::string>());
  cycle.answers = value.at("answers").get<std::uint64_t>();
  cycle.delay_micros = value.at("delay_micros").get<std::uint64_t>();
  for (const json& op : value.at("workload")) cycle.ops.push_back(OpFromJson(op));
  return cycle;
}

json ToJson(const CycleResult& result) {
  json events = json::array();
  for (const Event& event : result.events) events.push_back(ToJson(event));
  return {{"end", result.end}, {"entries", result.entries}, {"events", std::move(events)}};
}

CycleResult CycleResultFromJson(const json& value) {
  CycleResult result;
  result.end = value.at("end").get<std::string>();
  result.entries = value.at("entries").get<std::uint64_t>();
  for (const json& event : value.at("events")) result.events.push_back(EventFromJson(event));
  return result;
}

Artifact ArtifactFromJson(const json& value) {
  Artifact artifact;
  const json& config = value.at("config");
  artifact.scenario = {.name = config.at("name").get<std::string>(),
                       .point = config.at("point").get<std::string>(),
                       .seed = config.at("seed").get<std::uint64_t>(),
                       .threads = config.at("threads").get<std::uint32_t>(),
                       .cycles = {}};
  for (const json& cycle : value.at("cycles")) {
    artifact.scenario.cycles.push_back(CycleFromJson(cycle));
  }
  const json& result = value.at("result");
  artifact.result.failure = result.at("first_failure").get<std::string>();
  artifact.result.point_hit = result.at("point_hit").get<bool>();
  for (const json& cycle : result.at("cycles")) {
    artifact.result.cycles.push_back(CycleResultFromJson(cycle));
  }
  return artifact;
}

// Like dump(), with a line of its own for every element of the outer arrays.
std::string Lines(const json& array) {
  std::string out = "[";
  for (const json& element : array) {
    if (out.size() > 1) out += ",";
    out += "\n  " + element.dump();
  }
  return out + "\n]";
}

}  // namespace

Options ToOptions(const Settings& settings) {
  Options options;
  options.memory_budget = 8u << 20;
  options.write_buffer = settings.write_buffer;
  options.table_size = settings.table_size;
  options.block_size = settings.block_size;
  options.compaction_threads = static_cast<int>(settings.compaction_threads);
  options.memtable = settings.radix_tree ? MemTableKind::kRadixTree : MemTableKind::kSkipList;
  options.compression = settings.compressed ? Compression::kLz4 : Compression::kNone;
  options.bottom_compression = settings.compressed ? Compression::kZstd : Compression::kNone;
  options.direct_writes = settings.direct_writes;
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

json ToJson(const Settings& settings) {
  return {
      {"write_buffer", settings.write_buffer},  {"table_size", settings.table_size},
      {"block_size", settings.block_size},      {"compaction_threads", settings.compaction_threads},
      {"radix_tree", settings.radix_tree},      {"compressed", settings.compressed},
      {"direct_writes", settings.direct_writes}};
}

Settings SettingsFromJson(const json& value) {
  return {.write_buffer = value.at("write_buffer").get<std::uint64_t>(),
          .table_size = value.at("table_size").get<std::uint64_t>(),
          .block_size = value.at("block_size").get<std::uint64_t>(),
          .compaction_threads = value.at("compaction_threads").get<std::uint64_t>(),
          .radix_tree = value.at("radix_tree").get<bool>(),
          .compressed = value.at("compressed").get<bool>(),
          .direct_writes = value.at("direct_writes").get<bool>()};
}

json ToJson(const Event& event) {
  json out = {{"event", event.kind}};
  if (event.op != 0) out["op"] = event.op;
  if (!event.message.empty()) out["message"] = event.message;
  if (!event.hits.empty()) out["hits"] = event.hits;
  return out;
}

Event EventFromJson(const json& value) {
  Event event;
  event.kind = value.at("event").get<std::string>();
  event.op = value.value("op", std::uint64_t{0});
  event.message = value.value("message", std::string());
  if (value.contains("hits")) {
    event.hits = value.at("hits").get<std::map<std::string, std::uint64_t>>();
  }
  return event;
}

std::string WriteArtifact(const Artifact& artifact) {
  const Scenario& scenario = artifact.scenario;
  json cycles = json::array();
  for (const Cycle& cycle : scenario.cycles) cycles.push_back(ToJson(cycle));
  json results = json::array();
  for (const CycleResult& cycle : artifact.result.cycles) results.push_back(ToJson(cycle));
  const json config = {{"name", scenario.name},
                       {"point", scenario.point},
                       {"seed", scenario.seed},
                       {"threads", scenario.threads}};
  std::string out = "{\"format\":\"" + std::string(kMagic) + "\",\"version\":";
  out += std::to_string(kVersion) + ",\n\"config\":" + config.dump();
  out += ",\n\"cycles\":" + Lines(cycles);
  out += ",\n\"result\":{\"first_failure\":" + json(artifact.result.failure).dump();
  out += ",\"point_hit\":" + json(artifact.result.point_hit).dump();
  return out + ",\n\"cycles\":" + Lines(results) + "}}\n";
}

Result<Artifact> ReadArtifact(std::string_view text) {
  try {
    const json value = json::parse(text);
    if (value.value("format", "") != kMagic) {
      return Error(Code::kInvalidArgument, "this is no artifact of `crash run`");
    }
    if (value.value("version", 0) != kVersion) {
      return Error(Code::kInvalidArgument, "an artifact of version " + value.at("version").dump() +
                                               ", this build reads version " +
                                               std::to_string(kVersion));
    }
    return ArtifactFromJson(value);
  } catch (const std::exception& e) {
    return Error(Code::kInvalidArgument, std::string("this is no artifact: ") + e.what());
  }
}

}  // namespace beachdb::tools::crash
