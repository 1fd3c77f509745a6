#include "tools/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace beachdb::tools {

InputFile::InputFile(std::string name, int fd, std::uint64_t total_bytes)
    : name_(std::move(name)), fd_(fd), total_bytes_(total_bytes) {}

InputFile::InputFile(InputFile&& other) noexcept
    : name_(std::move(other.name_)),
      fd_(std::exchange(other.fd_, -1)),
      total_bytes_(other.total_bytes_),
      bytes_read_(other.bytes_read_) {}

InputFile::~InputFile() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
}

Result<InputFile> InputFile::Open(const std::string& path) {
  if (path == "-") return InputFile("standard input", STDIN_FILENO, 0);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return Error(Code::kInvalidArgument,
                 fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  InputFile file(path, fd, 0);
  struct stat info {};
  if (::fstat(fd, &info) != 0 || S_ISDIR(info.st_mode)) {
    return Error(Code::kInvalidArgument, fmt::format("{} is not a file but a directory", path));
  }
  if (S_ISREG(info.st_mode)) file.total_bytes_ = static_cast<std::uint64_t>(info.st_size);
  return file;
}

Result<std::size_t> InputFile::Read(std::span<char> out) {
  ssize_t got = 0;
  do {
    got = ::read(fd_, out.data(), out.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    return Error(Code::kIoError, fmt::format("reading {}: {}", name_, std::strerror(errno)));
  }
  bytes_read_ += static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

}  // namespace beachdb::tools
