#include "tools/line_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace beachdb::tools {
namespace {

constexpr std::size_t kChunkBytes = 256u << 10;

}  // namespace

LineReader::LineReader(std::string name, int fd, std::uint64_t total_bytes)
    : name_(std::move(name)), fd_(fd), total_bytes_(total_bytes) {}

LineReader::LineReader(LineReader&& other) noexcept
    : name_(std::move(other.name_)),
      fd_(std::exchange(other.fd_, -1)),
      total_bytes_(other.total_bytes_),
      bytes_read_(other.bytes_read_),
      line_number_(other.line_number_),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      at_end_(other.at_end_) {}

LineReader::~LineReader() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
}

Result<LineReader> LineReader::Open(const std::string& path) {
  if (path == "-") return LineReader("standard input", STDIN_FILENO, 0);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return Error(Code::kInvalidArgument,
                 fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  LineReader reader(path, fd, 0);
  struct stat info {};
  if (::fstat(fd, &info) != 0 || S_ISDIR(info.st_mode)) {
    return Error(Code::kInvalidArgument, fmt::format("{} is not a file but a directory", path));
  }
  if (S_ISREG(info.st_mode)) reader.total_bytes_ = static_cast<std::uint64_t>(info.st_size);
  return reader;
}

Result<std::optional<LineReader::Line>> LineReader::Next() {
  std::size_t searched = begin_;
  for (;;) {
    const std::size_t newline = buffer_.find('\n', searched);
    if (newline != std::string::npos) {
      ++line_number_;
      const std::string_view text(buffer_.data() + begin_, newline - begin_);
      begin_ = newline + 1;
      return std::optional<Line>(Line{text, true});
    }
    if (at_end_) {
      if (begin_ == buffer_.size()) return std::optional<Line>();
      ++line_number_;
      const std::string_view text = std::string_view(buffer_).substr(begin_);
      begin_ = buffer_.size();
      return std::optional<Line>(Line{text, false});
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched = buffer_.size();
    if (searched > kMaxLineBytes) {
      return Error(Code::kInvalidArgument,
                   fmt::format("{}:{}: the line is longer than {} MiB", name_, line_number_ + 1,
                               kMaxLineBytes >> 20));
    }
    buffer_.resize(searched + kChunkBytes);
    ssize_t got = 0;
    do {
      got = ::read(fd_, buffer_.data() + searched, kChunkBytes);
    } while (got < 0 && errno == EINTR);
    buffer_.resize(searched + static_cast<std::size_t>(got < 0 ? 0 : got));
    if (got < 0) {
      return Error(Code::kIoError, fmt::format("reading {}: {}", name_, std::strerror(errno)));
    }
    at_end_ = got == 0;
    bytes_read_ += static_cast<std::uint64_t>(got);
  }
}

}  // namespace beachdb::tools
