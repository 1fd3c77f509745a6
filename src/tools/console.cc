#include "tools/console.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

namespace beachdb::tools {
namespace {

constexpr std::size_t kBufferBytes = 64u << 10;

// A standard stream that is closed (`beach scan >&-`) leaves its number to the next file that is
// opened, a table perhaps, and results would be written into that. So each number is taken, by
// something that can be neither written (read, for standard input) nor mistaken.
bool KeepStandardStreams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    if (::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) return false;
  }
  return true;
}

}  // namespace

Console::Console()
    : out_is_terminal_(::isatty(STDOUT_FILENO) == 1),
      err_is_terminal_(::isatty(STDERR_FILENO) == 1),
      width_(80) {
  if (!KeepStandardStreams()) {
    failed_ = Error(Code::kIoError, "a standard stream is closed, and nothing can take its place");
    closed_ = true;
  }
  ::signal(SIGPIPE, SIG_IGN);  // a closed pipe is told by write()
  winsize size{};
  if (out_is_terminal_ && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    width_ = size.ws_col;
  }
}

void Console::Write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes && failed_.ok()) failed_ = Flush();
}

Status Console::Flush() {
  if (!failed_.ok()) return failed_;
  std::string_view rest = buffer_;
  while (!rest.empty() && !closed_) {
    const ssize_t n = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (n >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EPIPE) {
      closed_ = true;
    } else if (errno != EINTR) {
      failed_ = Error(Code::kIoError, fmt::format("writing the output: {}", std::strerror(errno)));
      closed_ = true;
    }
  }
  buffer_.clear();
  return failed_;
}

}  // namespace beachdb::tools
