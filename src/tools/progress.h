// A line on the terminal that shows how far a long command is; nothing at all elsewhere.
//
//   loading  [######........]  43%  1,234,000 records  512k/s
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "tools/console.h"

namespace beachdb::tools {

class Progress {
 public:
  // `what`: the word in front. `unit`: what is counted; kBytes: bytes, shown as "1.5 GiB".
  static constexpr const char* kBytes = "bytes";
  Progress(const Console& console, std::string what, std::string unit);
  ~Progress();  // removes the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap: draws the first time, then at most ten times a second. `whole` 0: how much there is in
  // all is unknown.
  void Show(std::uint64_t count, std::uint64_t part, std::uint64_t whole);

 private:
  using Clock = std::chrono::steady_clock;

  const bool enabled_;
  const std::string what_;
  const std::string unit_;
  const Clock::time_point start_;
  Clock::time_point drawn_;
};

}  // namespace beachdb::tools
