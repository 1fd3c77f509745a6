#include "tools/crash/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace beachdb::tools::crash {
namespace {

Error SystemError(const std::string& what) {
  return {Code::kIoError, what + ": " + std::strerror(errno)};
}

}  // namespace

Result<Child> Child::Start(const std::string& program, const std::string& failpoints,
                           const std::string& error_file) {
  std::array<int, 2> to{};
  std::array<int, 2> from{};
  if (pipe2(to.data(), O_CLOEXEC) != 0) return SystemError("pipe");
  if (pipe2(from.data(), O_CLOEXEC) != 0) return SystemError("pipe");
  const int errors = open(error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (errors < 0) return SystemError("open " + error_file);
  const pid_t pid = fork();
  if (pid < 0) return SystemError("fork");
  if (pid == 0) {
    // One thread called fork, and nothing but exec follows.
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    setenv("BEACHDB_FAILPOINTS", failpoints.c_str(), 1);
    execl(program.c_str(), program.c_str(), "worker", static_cast<char*>(nullptr));
    _exit(127);
  }
  close(to[0]);
  close(from[1]);
  close(errors);
  return Child(pid, to[1], from[0]);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      in_(other.in_),
      out_(other.out_),
      buffer_(std::move(other.buffer_)),
      status_(other.status_) {}

Child::~Child() {
  if (pid_ < 0) return;
  Kill();
  Wait();
  close(in_);
  close(out_);
}

bool Child::Send(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = write(in_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Child::Read Child::NextLine(std::string* line, std::uint64_t timeout_ms) {
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      *line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return Read::kLine;
    }
    pollfd readable{.fd = out_, .events = POLLIN, .revents = 0};
    const int ready = poll(&readable, 1, static_cast<int>(timeout_ms));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return Read::kTimeout;
    std::array<char, 1u << 16> bytes;
    const ssize_t size = read(out_, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return Read::kEnd;
    buffer_.append(bytes.data(), static_cast<std::size_t>(size));
  }
}

void Child::Kill() {
  if (!status_) kill(pid_, SIGKILL);
}

int Child::Wait() {
  while (!status_) {
    int status = 0;
    if (waitpid(pid_, &status, 0) == pid_) status_ = status;
  }
  return *status_;
}

}  // namespace beachdb::tools::crash
