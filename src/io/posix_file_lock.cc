#include "io/posix_file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <string_view>

#include "base/strings.h"
#include "io/posix_error.h"

namespace beachdb {

namespace {

constexpr std::size_t kHolderMax = 512;  // bytes of the lock file that are looked at

std::string Iso8601Now() {
  const time_t now = ::time(nullptr);
  struct tm utc {};
  ::gmtime_r(&now, &utc);
  char text[sizeof "2026-01-02T03:04:05Z"];
  const std::size_t size = ::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return std::string(text, size);
}

std::string HostName() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "unknown host";
  return name;
}

// One line: "pid 4711 (beach) on tidepool since 2026-01-02T03:04:05Z".
std::string WhoWeAre() {
  return "pid " + std::to_string(::getpid()) + " (" + ::program_invocation_short_name + ") on " +
         HostName() + " since " + Iso8601Now() + "\n";
}

// The first line of the file, made fit for a message: it may hold anything.
std::string HolderOf(int fd) {
  char text[kHolderMax];
  const ssize_t n = ::pread(fd, text, sizeof text, 0);
  if (n <= 0) return "another process";
  const std::string_view line(text, static_cast<std::size_t>(n));
  return EscapeBytes(line.substr(0, line.find('\n')), 200);
}

}  // namespace

Result<std::unique_ptr<FileLock>> PosixFileLock::Acquire(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return PosixError("open " + path, errno);
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(fd, F_OFD_SETLK, &whole) != 0) {
    const int error_number = errno;
    const std::string holder = HolderOf(fd);
    ::close(fd);
    if (error_number != EAGAIN && error_number != EACCES) {
      return PosixError("lock " + path, error_number);
    }
    return Error(Code::kBusy, path + ": the database is in use by " + holder +
                                  ": close it there first, or open a checkpoint");
  }
  std::unique_ptr<FileLock> lock(new PosixFileLock(fd));
  // The lock is ours whether the name fits on the disk or not: a full one must still be opened.
  const std::string contents = WhoWeAre();
  [[maybe_unused]] const int emptied = ::ftruncate(fd, 0);
  [[maybe_unused]] const ssize_t written = ::pwrite(fd, contents.data(), contents.size(), 0);
  return lock;
}

PosixFileLock::~PosixFileLock() {
  // So that nobody reads our name in a file that locks nothing. The lock itself goes with the
  // descriptor, whether this works or not.
  [[maybe_unused]] const int ignored = ::ftruncate(fd_, 0);
  ::close(fd_);
}

}  // namespace beachdb
