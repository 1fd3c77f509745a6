// Where the engine says what it does: one line per event, to the sink of Options::log.
// Thread safety: all of it.
#pragma once

#include <functional>
#include <string_view>

#include "beachdb/options.h"

namespace beachdb {

class Logger {
 public:
  using Sink = std::function<void(LogLevel, std::string_view)>;
  // An empty sink: lines of kWarning and above go to stderr (spdlog), the rest nowhere.
  explicit Logger(Sink sink);

  void Log(LogLevel level, std::string_view line) const;
  void Info(std::string_view line) const { Log(LogLevel::kInfo, line); }
  void Warning(std::string_view line) const { Log(LogLevel::kWarning, line); }

 private:
  Sink sink_;
};

}  // namespace beachdb
