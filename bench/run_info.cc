#include "bench/run_info.h"

#include <sys/statfs.h>
#include <sys/utsname.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/strings.h"

namespace beachdb::bench {
namespace {

using Json = nlohmann::json;

std::string FirstLineAfter(const char* path, const std::string& label) {
  std::ifstream in(path);
  std::string line;
  while (std::getline(in, line)) {
    if (line.rfind(label, 0) != 0) continue;
    const std::size_t colon = line.find(':');
    const std::size_t text = line.find_first_not_of(" \t", colon + 1);
    return text == std::string::npos ? "" : line.substr(text);
  }
  return "unknown";
}

// Type and device of the file system that holds `path`, from the longest mount point above it.
std::string FileSystemOf(const std::string& path) {
  std::error_code error;
  const std::string absolute = std::filesystem::weakly_canonical(path, error).string();
  std::ifstream in("/proc/self/mounts");
  std::string best_mount;
  std::string best = "unknown";
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string device;
    std::string mount;
    std::string type;
    words >> device >> mount >> type;
    const bool above = mount == "/" || absolute == mount ||
                       (absolute.rfind(mount, 0) == 0 && absolute[mount.size()] == '/');
    if (above && mount.size() >= best_mount.size()) {
      best_mount = mount;
      best = fmt::format("{} on {}", type, device);
    }
  }
  return best;
}

std::string LoadAverage() {
  std::ifstream in("/proc/loadavg");
  std::string one_minute;
  in >> one_minute;
  return one_minute.empty() ? "unknown" : one_minute;
}

Machine ThisMachine(const std::string& directory) {
  utsname names{};
  ::uname(&names);
  return {FirstLineAfter("/proc/cpuinfo", "model name"),
          std::thread::hardware_concurrency(),
          FirstLineAfter("/proc/meminfo", "MemTotal"),
          fmt::format("{} {}", names.sysname, names.release),
          FileSystemOf(directory),
          LoadAverage()};
}

constexpr const char* kCompiler =
#if defined(__clang__)
    "clang " __clang_version__;
#else
    "g++ " __VERSION__;
#endif

std::string_view ShapeName(KeyShape shape) {
  return shape == KeyShape::kDecimal ? "decimal" : "hashed";
}
std::string_view PackingName(Packing packing) { return packing == Packing::kLz4 ? "lz4" : "none"; }

Json SettingsToJson(const Settings& s) {
  return {{"keys", s.keys},
          {"key_bytes", kKeyBytes},
          {"key_shape", ShapeName(s.key_shape)},
          {"value_bytes", s.value_bytes},
          {"seconds", s.seconds},
          {"threads", s.threads},
          {"log_bytes", s.log_bytes},
          {"seed", s.seed},
          {"cache_bytes", s.store.cache_bytes},
          {"write_buffer_bytes", s.store.write_buffer_bytes},
          {"background_jobs", s.store.background_jobs},
          {"bloom_bits", s.store.bloom_bits},
          {"compression", PackingName(s.store.packing)}};
}

Settings SettingsFromJson(const Json& json) {
  Settings s;
  s.keys = json.value("keys", s.keys);
  s.key_shape = json.value("key_shape", "") == "hashed" ? KeyShape::kHashed : KeyShape::kDecimal;
  s.value_bytes = json.value("value_bytes", s.value_bytes);
  s.seconds = json.value("seconds", s.seconds);
  s.threads = json.value("threads", s.threads);
  s.log_bytes = json.value("log_bytes", s.log_bytes);
  s.seed = json.value("seed", s.seed);
  s.store.cache_bytes = json.value("cache_bytes", s.store.cache_bytes);
  s.store.write_buffer_bytes = json.value("write_buffer_bytes", s.store.write_buffer_bytes);
  s.store.background_jobs = json.value("background_jobs", s.store.background_jobs);
  s.store.bloom_bits = json.value("bloom_bits", s.store.bloom_bits);
  s.store.packing = json.value("compression", "") == "lz4" ? Packing::kLz4 : Packing::kPlain;
  return s;
}

}  // namespace

RunInfo DescribeRun(const Plan& plan, const std::string& source) {
  RunInfo run;
  run.date = fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(std::time(nullptr)));
  run.source = source;
  run.build = fmt::format("{}, {}", kCompiler, BEACHDB_BUILD_FLAGS);
  run.machine = ThisMachine(plan.directory);
  run.settings = plan.settings;
  run.rounds = plan.rounds;
  for (const Engine& engine : plan.engines) {
    run.engines.push_back({engine.name, engine.version, engine.describe(plan.settings.store),
                           engine.unsynced_writes});
  }
  return run;
}

std::string ToJson(const RunInfo& run) {
  Json engines = Json::array();
  for (const EngineInfo& engine : run.engines) {
    engines.push_back({{"name", engine.name},
                       {"version", engine.version},
                       {"configuration", engine.configuration},
                       {"unsynced_writes", engine.unsynced_writes}});
  }
  const Json json = {{"type", "run"},
                     {"date", run.date},
                     {"source", run.source},
                     {"build", run.build},
                     {"machine",
                      {{"processor", run.machine.processor},
                       {"cores", run.machine.cores},
                       {"memory", run.machine.memory},
                       {"kernel", run.machine.kernel},
                       {"file_system", run.machine.file_system},
                       {"load_average", run.machine.load_average}}},
                     {"settings", SettingsToJson(run.settings)},
                     {"rounds", run.rounds},
                     {"engines", std::move(engines)}};
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Result<RunInfo> RunInfoFromJson(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("type", "") != "run" || !json.contains("engines")) {
    return Error(Code::kInvalidArgument,
                 "expected a JSON object of type \"run\" with the engines; files of results begin "
                 "with one");
  }
  RunInfo run;
  run.date = json.value("date", "");
  run.source = json.value("source", "");
  run.build = json.value("build", "");
  const Json machine = json.value("machine", Json::object());
  run.machine = {machine.value("processor", ""),   machine.value("cores", 0u),
                 machine.value("memory", ""),      machine.value("kernel", ""),
                 machine.value("file_system", ""), machine.value("load_average", "")};
  run.settings = SettingsFromJson(json.value("settings", Json::object()));
  run.rounds = json.value("rounds", 0);
  for (const Json& engine : json["engines"]) {
    run.engines.push_back({engine.value("name", ""), engine.value("version", ""),
                           engine.value("configuration", ""), engine.value("unsynced_writes", "")});
  }
  if (run.engines.empty()) return Error(Code::kInvalidArgument, "the run has no engine");
  return run;
}

std::string ToMarkdown(const RunInfo& run) {
  const Settings& s = run.settings;
  const Machine& m = run.machine;
  std::string out = fmt::format("- date: {}\n", run.date);
  if (!run.source.empty()) out += fmt::format("- source: {}\n", run.source);
  out += fmt::format("- build: {}\n", run.build);
  out += fmt::format("- machine: {}, {} processors, {} memory, {}; load average at the start {}\n",
                     m.processor, m.cores, m.memory, m.kernel, m.load_average);
  out += fmt::format("- file system: {}\n", m.file_system);
  out += fmt::format(
      "- work: {} keys of {} bytes ({}), values of {} bytes, {} rounds, {} s a timed workload, "
      "seed {}\n",
      s.keys, kKeyBytes, ShapeName(s.key_shape), s.value_bytes, run.rounds, s.seconds, s.seed);
  out += fmt::format(
      "- all engines: cache {}, write buffer {}, {} background jobs, bloom filters "
      "of {} bits, {}\n",
      FormatBytes(s.store.cache_bytes), FormatBytes(s.store.write_buffer_bytes),
      s.store.background_jobs, s.store.bloom_bits,
      s.store.packing == Packing::kLz4 ? "lz4" : "no compression");
  for (const EngineInfo& engine : run.engines) {
    out += fmt::format("- {} {}: {}; unsynced writes {}\n", engine.name, engine.version,
                       engine.configuration, engine.unsynced_writes);
  }
  return out;
}

}  // namespace beachdb::bench
