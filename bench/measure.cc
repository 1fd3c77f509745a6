#include "bench/measure.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace beachdb::bench {
namespace {

TickRate MeasureRate() {
  using SteadyClock = std::chrono::steady_clock;
  constexpr auto kWindow = std::chrono::milliseconds(20);
  const auto begin = SteadyClock::now();
  const std::uint64_t first = Ticks();
  std::uint64_t calls = 0;
  auto now = begin;
  while (now - begin < kWindow) {
    now = SteadyClock::now();
    ++calls;
  }
  const std::uint64_t last = Ticks();
  const double nanos = static_cast<double>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now - begin).count());
  TickRate rate{};
  rate.nanos_per_tick = nanos / static_cast<double>(last - first);

  constexpr int kProbes = 1000;
  const std::uint64_t probe_begin = Ticks();
  std::uint64_t sink = 0;
  for (int i = 0; i < kProbes; ++i) sink ^= Ticks();
  const std::uint64_t probe_end = Ticks() + (sink & 0);
  rate.nanos_per_call =
      static_cast<double>(probe_end - probe_begin) * rate.nanos_per_tick / kProbes;
  return rate;
}

double Seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

// The number behind `label` in a file of "label: number" lines; 0 if it cannot be read.
std::uint64_t ProcNumber(const char* path, const std::string& label) {
  std::ifstream in(path);
  std::string word;
  std::uint64_t number = 0;
  while (in >> word) {
    if (word == label && in >> number) return number;
  }
  return 0;
}

}  // namespace

const TickRate& Rate() {
  static const TickRate rate = MeasureRate();
  return rate;
}

Usage ReadUsage() {
  Usage usage;
  rusage self{};
  if (::getrusage(RUSAGE_SELF, &self) == 0) {
    usage.cpu_seconds = Seconds(self.ru_utime) + Seconds(self.ru_stime);
  }
  usage.write_bytes = ProcNumber("/proc/self/io", "write_bytes:");
  usage.peak_rss_bytes = ProcNumber("/proc/self/status", "VmHWM:") * 1024;
  return usage;
}

std::uint64_t ReadRssBytes() { return ProcNumber("/proc/self/status", "VmRSS:") * 1024; }

std::uint64_t DiskBytes(const std::string& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, error)) {
    struct stat info {};
    if (::lstat(entry.path().c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
      bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
    }
  }
  return bytes;
}

}  // namespace beachdb::bench
