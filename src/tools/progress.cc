#include "tools/progress.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "base/strings.h"
#include "tools/numbers.h"

namespace beachdb::tools {

Progress::Progress(const Console& console, std::string what, std::string unit)
    : enabled_(console.err_is_terminal()),
      what_(std::move(what)),
      unit_(std::move(unit)),
      start_(Clock::now()),
      drawn_(start_) {}

Progress::~Progress() {
  if (drawn_ != start_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::Show(std::uint64_t count, std::uint64_t part, std::uint64_t whole) {
  if (!enabled_) return;
  const Clock::time_point now = Clock::now();
  if (drawn_ != start_ && now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  std::string bar;
  if (whole > 0) {
    constexpr std::uint64_t kCells = 24;
    const std::uint64_t done = std::min(part, whole);
    const auto filled = static_cast<std::size_t>(done * kCells / whole);
    bar = fmt::format("[{}{}] {:3}%  ", std::string(filled, '#'), std::string(kCells - filled, '.'),
                      done * 100 / whole);
  }
  const double seconds = std::max(std::chrono::duration<double>(now - start_).count(), 1e-6);
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(count) / seconds);
  if (unit_ == kBytes) {
    fmt::print(stderr, "\r\x1b[K{}  {}{}  {}/s", what_, bar, FormatBytes(count), FormatBytes(rate));
  } else {
    fmt::print(stderr, "\r\x1b[K{}  {}{} {}  {}/s", what_, bar, Grouped(count), unit_,
               Grouped(rate));
  }
  std::fflush(stderr);
}

}  // namespace beachdb::tools
