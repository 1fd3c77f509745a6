// Events as JSON lines: what EVENTS.log holds. Specified in docs/formats/events.md.
#include <array>
#include <ctime>

#include <fmt/format.h>

#include "base/json_object.h"
#include "beachdb/events.h"

namespace beachdb {
namespace {

constexpr std::array<std::string_view, 13> kNames = {
    "create", "open",  "recovery", "flush",  "compaction", "move", "ingest",
    "log",    "stall", "failure",  "repair", "read_only",  "close"};

// "2026-11-30T10:34:00.000123Z"
std::string TimeText(std::uint64_t wall_micros) {
  const auto seconds = static_cast<std::time_t>(wall_micros / 1'000'000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     wall_micros % 1'000'000);
}

}  // namespace

std::string_view EventKindName(EventKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < kNames.size() ? kNames[index] : "unknown";
}

std::string Event::ToJson() const {
  JsonObject json;
  json.Add("time", TimeText(wall_micros)).Add("event", EventKindName(kind));
  const auto number = [&json](const char* name, std::uint64_t value) {
    if (value != 0) json.Add(name, value);
  };
  number("job", job);
  if (input_level >= 0) json.Add("input_level", input_level);
  if (output_level >= 0) json.Add("output_level", output_level);
  if (!inputs.empty()) json.Add("inputs", inputs);
  if (!outputs.empty()) json.Add("outputs", outputs);
  number("bytes_read", bytes_read);
  number("bytes_written", bytes_written);
  number("entries", entries);
  number("shadowed", shadowed);
  number("tombstones_dropped", tombstones_dropped);
  number("micros", micros);
  if (!detail.empty()) json.Add("detail", detail);
  return json.Text();
}

}  // namespace beachdb
