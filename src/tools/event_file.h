// EVENTS.log as the programs read it (docs/formats/events.md): whole lines, what does not parse
// left out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "beachdb/result.h"

namespace beachdb::tools {

class EventFile {
 public:
  // A database that has none yet (an older build made it) has no events.
  static Result<EventFile> Open(const std::string& directory);

  // Calls `sink` for each event that has been added since the last call, with its line. Returns how
  // many there were.
  Result<std::uint64_t> Read(
      const std::function<void(const nlohmann::json& event, std::string_view line)>& sink);

 private:
  explicit EventFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::uint64_t offset_ = 0;  // behind the last whole line that was read
};

// "2026-01-02T03:04:05.000006Z  flush       000008.wal -> L0 000009.sst, 4.0 KiB, ..."
std::string EventText(const nlohmann::json& event);

}  // namespace beachdb::tools
