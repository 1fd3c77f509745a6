#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/try.h"
#include "io/file_system.h"
#include "io/posix_error.h"
#include "io/posix_file.h"
#include "io/posix_file_lock.h"

namespace beachdb {

namespace {

// One directory; ok if it is there.
Status MakeOneDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0) return OkStatus();
  const int error_number = errno;
  struct stat info {};
  if (error_number == EEXIST && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return OkStatus();
  }
  return PosixError("mkdir " + path, error_number);
}

class RealFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode, IoMode io) override {
    return PosixFile::Open(path, mode, io);
  }

  void ReadMany(std::span<ReadRequest> requests) override { PosixFile::ReadMany(requests); }

  Result<std::vector<std::string>> List(const std::string& directory) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
    if (stream == nullptr) return PosixError("opendir " + directory, errno);
    std::vector<std::string> names;
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) break;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return PosixError("readdir " + directory, errno);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<bool> Exists(const std::string& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return PosixError("stat " + path, errno);
  }

  Result<std::uint64_t> FileSize(const std::string& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return PosixError("stat " + path, errno);
    return static_cast<std::uint64_t>(info.st_size);
  }

  Status CreateDirectory(const std::string& path) override {
    for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      RETURN_IF_ERROR(MakeOneDirectory(path.substr(0, slash)));
    }
    return MakeOneDirectory(path);
  }

  Status SyncDirectory(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return PosixError("open " + path, errno);
    const int result = ::fsync(fd);
    const int error_number = errno;
    ::close(fd);
    if (result != 0) return PosixError("fsync " + path, error_number);
    return OkStatus();
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return OkStatus();
    return PosixError("rename " + from + " to " + to, errno);
  }

  Status RemoveFile(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return OkStatus();
    return PosixError("unlink " + path, errno);
  }

  Status Link(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) == 0) return OkStatus();
    return PosixError("link " + from + " to " + to, errno);
  }

  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    return PosixFileLock::Acquire(path);
  }

  std::size_t OpenFilesMax() const override {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return FileSystem::OpenFilesMax();
    return limit.rlim_cur;
  }

  Result<std::uint64_t> FreeSpace(const std::string& path) override {
    struct statvfs info {};
    if (::statvfs(path.c_str(), &info) != 0) return PosixError("statvfs " + path, errno);
    return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  }
};

}  // namespace

FileSystem& PosixFileSystem() {
  static RealFileSystem file_system;
  return file_system;
}

}  // namespace beachdb
