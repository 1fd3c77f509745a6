#include "bench/process.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "bench/measure.h"

namespace beachdb::bench {
namespace {

volatile std::sig_atomic_t interrupted = 0;

[[noreturn]] void ChildMain(const std::function<std::string()>& work, int out) {
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  const std::string text = work();
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = ::write(out, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) ::_exit(3);
    written += static_cast<std::size_t>(n);
  }
  ::_exit(0);
}

std::string ReadToEnd(int fd) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

std::string HowItEnded(int status) {
  if (WIFSIGNALED(status)) return fmt::format("killed by signal {}", WTERMSIG(status));
  return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

}  // namespace

Result<std::string> RunInChild(const std::function<std::string()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) {
    return Error(Code::kIoError, fmt::format("pipe: {}", std::strerror(errno)));
  }
  std::fflush(nullptr);  // or the child would print it too
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    ChildMain(work, ends[1]);
  }
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    return Error(Code::kIoError, fmt::format("fork: {}", std::strerror(errno)));
  }
  std::string text = ReadToEnd(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (status != 0) return Error(Code::kIoError, HowItEnded(status));
  return text;
}

void CatchInterrupts() {
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = 1; };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool Interrupted() { return interrupted != 0; }

double Settle(Store& store, int quiet_ms, int longest_seconds) {
  using SteadyClock = std::chrono::steady_clock;
  constexpr double kStillSeconds = 0.002;  // processor time that the polling itself may use
  const auto begin = SteadyClock::now();
  const auto step = std::chrono::milliseconds(quiet_ms / 10 + 1);
  auto moved_at = begin;
  Usage last = ReadUsage();
  while (SteadyClock::now() - begin < std::chrono::seconds(longest_seconds)) {
    std::this_thread::sleep_for(step);
    const Usage now = ReadUsage();
    const bool moved = store.Busy() || now.write_bytes != last.write_bytes ||
                       now.cpu_seconds - last.cpu_seconds > kStillSeconds;
    last = now;
    if (moved) moved_at = SteadyClock::now();
    if (SteadyClock::now() - moved_at >= std::chrono::milliseconds(quiet_ms)) break;
  }
  return std::chrono::duration<double>(moved_at - begin).count();
}

std::uint64_t BytesSentToDevice(const std::string& directory) {
  constexpr int kSectorsWritten = 6;  // the field of that number (Documentation/block/stat.rst)
  constexpr std::uint64_t kSector = 512;
  WriteBackEverything(directory);
  struct stat info {};
  if (::stat(directory.c_str(), &info) == 0) {
    std::ifstream fields(
        fmt::format("/sys/dev/block/{}:{}/stat", major(info.st_dev), minor(info.st_dev)));
    std::uint64_t value = 0;
    for (int i = 0; i <= kSectorsWritten; ++i) fields >> value;
    if (fields) return value * kSector;
  }
  return ReadUsage().write_bytes;
}

void WriteBackEverything(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  if (::syncfs(fd) != 0) std::fprintf(stderr, "bench: syncfs: %s\n", std::strerror(errno));
  ::close(fd);
}

}  // namespace beachdb::bench
