#include "tools/load_position.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "base/crc32c.h"
#include "format/file_names.h"

namespace beachdb::tools {
namespace {

constexpr std::string_view kBegin = "beachdb-load 1 ";
constexpr std::size_t kLineSize = 15 + 3 * 21 + 9 + 9;  // bytes

template <typename T>
bool TakeNumber(std::string_view& text, std::size_t digits, int base, T& number) {
  const std::string_view field = text.substr(0, digits);
  const auto [end, error] =
      std::from_chars(field.data(), field.data() + field.size(), number, base);
  if (error != std::errc() || end != field.data() + digits || text.size() <= digits) return false;
  text.remove_prefix(digits + 1);
  return true;
}

}  // namespace

std::string EncodeLoadPosition(const LoadPosition& position) {
  std::string line = fmt::format("{}{:020} {:020} {:020} {:08x} ", kBegin, position.offset,
                                 position.lines, position.records, position.checksum);
  return line + fmt::format("{:08x}\n", crc32c::Value(line));
}

std::optional<LoadPosition> DecodeLoadPosition(std::string_view line) {
  if (line.size() != kLineSize || !line.starts_with(kBegin)) return std::nullopt;
  LoadPosition position;
  std::string_view rest = line.substr(kBegin.size());
  constexpr std::size_t kDigits = 20;
  if (!TakeNumber(rest, kDigits, 10, position.offset) ||
      !TakeNumber(rest, kDigits, 10, position.lines) ||
      !TakeNumber(rest, kDigits, 10, position.records) ||
      !TakeNumber(rest, 8, 16, position.checksum)) {
    return std::nullopt;
  }
  // Whatever else is wrong with it: it is not what that position would look like.
  return line == EncodeLoadPosition(position) ? std::optional(position) : std::nullopt;
}

LoadPositionFile::LoadPositionFile(const std::string& directory)
    : path_(JoinPath(directory, kLoadPositionName)) {}

LoadPositionFile::~LoadPositionFile() {
  if (fd_ >= 0) ::close(fd_);
}

Error LoadPositionFile::Failed(const char* doing) const {
  return {errno == ENOSPC ? Code::kNoSpace : Code::kIoError,
          fmt::format("{} {}: {}", doing, path_, std::strerror(errno))};
}

Result<std::optional<LoadPosition>> LoadPositionFile::Read() {
  const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return std::optional<LoadPosition>();
    return Failed("opening");
  }
  char line[kLineSize + 1];
  const ssize_t got = ::read(fd, line, sizeof line);
  const int error = errno;
  ::close(fd);
  errno = error;
  if (got < 0) return Failed("reading");
  return DecodeLoadPosition({line, static_cast<std::size_t>(got)});
}

Status LoadPositionFile::Write(const LoadPosition& position) {
  if (fd_ < 0) fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) return Failed("opening");
  const std::string line = EncodeLoadPosition(position);
  if (::pwrite(fd_, line.data(), line.size(), 0) != static_cast<ssize_t>(line.size())) {
    return Failed("writing");
  }
  if (::ftruncate(fd_, static_cast<off_t>(line.size())) != 0) return Failed("cutting");
  return OkStatus();
}

Status LoadPositionFile::Remove() {
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) return Failed("removing");
  return OkStatus();
}

}  // namespace beachdb::tools
