#include "io/posix_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/check.h"
#include "base/try.h"
#include "io/posix_error.h"
#include "io/read_ring.h"

namespace beachdb {

namespace {

constexpr std::size_t kDirectAlignment = 4096;
constexpr std::size_t kZeroPiece = 64u << 10;

// The part of an error message that says where in the file.
std::string Where(const char* call, const std::string& path, std::uint64_t offset,
                  std::size_t size) {
  return std::string(call) + " " + path + " at offset " + std::to_string(offset) + " (" +
         std::to_string(size) + " bytes)";
}

constexpr ::off_t kPageSize = 4096;
constexpr ::off_t kReadAheadMax = 64 << 20;  // bytes; far more than a kernel is set to

// Calls again for as long as a signal interrupts it.
template <typename F>
auto Retry(F call) {
  decltype(call()) result = 0;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

int OpenFlags(OpenMode mode) {
  switch (mode) {
    case OpenMode::kRead:
      return O_RDONLY | O_CLOEXEC;
    case OpenMode::kReadWrite:
      return O_RDWR | O_CLOEXEC;
    case OpenMode::kCreate:
      return O_RDWR | O_CLOEXEC | O_CREAT | O_EXCL;
    case OpenMode::kReplace:
      return O_RDWR | O_CLOEXEC | O_CREAT | O_TRUNC;
  }
  CHECK(false && "impossible OpenMode");
}

// O_NONBLOCK means nothing to a file, but without it the open of a pipe waits for its other end.
int OpenFd(const std::string& path, int flags) {
  return Retry([&] { return ::open(path.c_str(), flags | O_NONBLOCK, 0644); });
}

// A directory or a pipe under the name of a file is told here, not by whatever call trips over it.
// Devices pass: they have offsets.
Status CheckIsFile(const std::string& path, int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return PosixError("fstat " + path, errno);
  if (S_ISREG(info.st_mode) || S_ISBLK(info.st_mode) || S_ISCHR(info.st_mode)) return OkStatus();
  return Error(Code::kIoError, "open " + path + ": expected a file, found a " +
                                   (S_ISDIR(info.st_mode) ? "directory" : "pipe or socket"));
}

}  // namespace

Result<std::unique_ptr<File>> PosixFile::Open(const std::string& path, OpenMode mode, IoMode io) {
  const int flags = OpenFlags(mode);
  int fd = -1;
  std::size_t alignment = 1;
  if (io == IoMode::kDirect) {
    fd = OpenFd(path, flags | O_DIRECT);
    if (fd >= 0) alignment = kDirectAlignment;
    if (fd < 0 && errno != EINVAL) return PosixError("open " + path, errno);
  }
  if (fd < 0) {
    // A file system that refuses O_DIRECT may do so after it has made the file.
    const int again = io == IoMode::kDirect ? flags & ~O_EXCL : flags;
    fd = OpenFd(path, again);
    if (fd < 0) return PosixError("open " + path, errno);
  }
  std::unique_ptr<File> file(new PosixFile(path, fd, alignment));
  RETURN_IF_ERROR(CheckIsFile(path, fd));
  return file;
}

PosixFile::~PosixFile() {
  if (!mapping_.empty()) ::munmap(mapping_.data(), mapping_.size());
  ::close(fd_);
}

bool PosixFile::Aligned(std::uint64_t offset, const void* data, std::size_t size) const {
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  return ((offset | address | size) & (alignment_ - 1)) == 0;
}

Result<std::size_t> PosixFile::ReadAt(std::uint64_t offset, std::span<char> out) {
  CHECK(Aligned(offset, out.data(), out.size()));
  return ReadRest(offset, out, 0);
}

Result<std::size_t> PosixFile::ReadRest(std::uint64_t offset, std::span<char> out,
                                        std::size_t done) {
  // Past the page cache only the end of the file is not aligned, and from there no read goes on.
  while (done < out.size() && done % alignment_ == 0) {
    const ssize_t n = Retry([&] {
      return ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    });
    if (n < 0) return PosixError(Where("pread", path(), offset + done, out.size() - done), errno);
    done += static_cast<std::size_t>(n);
    if (n == 0) break;
  }
  return done;
}

void PosixFile::ReadMany(std::span<ReadRequest> requests) {
  std::array<ReadRing::Read, ReadRing::kDepth> reads;
  while (!requests.empty()) {
    const std::size_t count = std::min(requests.size(), reads.size());
    for (std::size_t i = 0; i < count; ++i) {
      const ReadRequest& request = requests[i];
      const auto& file = static_cast<const PosixFile&>(*request.file);
      CHECK(file.Aligned(request.offset, request.out.data(), request.out.size()));
      reads[i] = {.fd = file.fd_, .offset = request.offset, .out = request.out};
    }
    ReadRing* ring = count > 1 ? ReadRing::OfThread() : nullptr;
    if (ring != nullptr) ring->Run({reads.data(), count});
    for (std::size_t i = 0; i < count; ++i) {
      ReadRequest& request = requests[i];
      auto& file = static_cast<PosixFile&>(*request.file);
      request.got = file.ReadRest(request.offset, request.out, reads[i].done);
    }
    requests = requests.subspan(count);
  }
}

Status PosixFile::WriteAt(std::uint64_t offset, std::string_view data) {
  CHECK(Aligned(offset, data.data(), data.size()));
  while (!data.empty()) {
    const ssize_t n =
        Retry([&] { return ::pwrite(fd_, data.data(), data.size(), static_cast<off_t>(offset)); });
    if (n < 0) return PosixError(Where("pwrite", path(), offset, data.size()), errno);
    if (n == 0) return PosixError(Where("pwrite", path(), offset, data.size()), EIO);
    offset += static_cast<std::uint64_t>(n);
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return OkStatus();
}

Status PosixFile::Sync() {
  // Not retried, not even after EINTR: what a failed sync has lost, the next one does not report.
  if (::fdatasync(fd_) != 0) return PosixError("fdatasync " + path(), errno);
  return OkStatus();
}

// There is no call for a range of a file, but one for a range of a mapping, which is the same to
// the file system.
Status PosixFile::SyncRange(std::uint64_t offset, std::uint64_t size) {
  void* p = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd_, static_cast<off_t>(offset));
  if (p == MAP_FAILED) return Sync();            // a file system that cannot map
  const int failed = ::msync(p, size, MS_SYNC);  // not retried: see Sync
  const int error = errno;
  ::munmap(p, size);
  if (failed != 0) return PosixError(Where("msync", path(), offset, size), error);
  return OkStatus();
}

Status PosixFile::Allocate(std::uint64_t size) {
  if (size == 0) return OkStatus();
  if (Retry([&] { return ::fallocate(fd_, 0, 0, static_cast<off_t>(size)); }) == 0) {
    return OkStatus();
  }
  if (errno != EOPNOTSUPP && errno != ENOSYS) {
    return PosixError("fallocate " + path() + " to " + std::to_string(size) + " bytes", errno);
  }
  ASSIGN_OR_RETURN(const std::uint64_t now, Size());
  return WriteZeros(now, size);
}

// What allocation means on a file system that cannot allocate. Through a descriptor of its own,
// which is not bound by O_DIRECT's alignment.
Status PosixFile::WriteZeros(std::uint64_t from, std::uint64_t to) {
  ASSIGN_OR_RETURN(const auto file, Open(path(), OpenMode::kReadWrite, IoMode::kBuffered));
  const std::string zeros(kZeroPiece, '\0');
  while (from < to) {
    const std::size_t piece =
        static_cast<std::size_t>(std::min<std::uint64_t>(to - from, kZeroPiece));
    RETURN_IF_ERROR(file->WriteAt(from, std::string_view(zeros).substr(0, piece)));
    from += piece;
  }
  return OkStatus();
}

Status PosixFile::Truncate(std::uint64_t size) {
  if (Retry([&] { return ::ftruncate(fd_, static_cast<off_t>(size)); }) != 0) {
    return PosixError("ftruncate " + path() + " to " + std::to_string(size) + " bytes", errno);
  }
  return OkStatus();
}

Result<std::uint64_t> PosixFile::Size() {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) return PosixError("fstat " + path(), errno);
  return static_cast<std::uint64_t>(info.st_size);
}

Result<std::span<char>> PosixFile::Map(std::uint64_t size) {
  CHECK(mapping_.empty());
  void* p = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  if (p == MAP_FAILED) {
    return PosixError("mmap " + path() + " (" + std::to_string(size) + " bytes)", errno);
  }
  mapping_ = std::span<char>(static_cast<char*>(p), size);
  return mapping_;
}

void PosixFile::Unload(std::uint64_t offset, std::uint64_t size) {
  CHECK(offset + size <= mapping_.size());
  ::madvise(mapping_.data() + offset, size, MADV_DONTNEED);  // a shared page keeps what was stored
}

// A file system that keeps no account of it, or fails, says nothing: then the bytes are read.
std::uint64_t PosixFile::SkipUnwritten(std::uint64_t offset) {
  // A page that is cached counts as written, and the kernel reads ahead of whoever reads. Dropped,
  // it counts as what it is; a dirty one stays.
  const auto from = static_cast<::off_t>(offset);
  ::posix_fadvise(fd_, from / kPageSize * kPageSize, kReadAheadMax, POSIX_FADV_DONTNEED);
  const ::off_t data = ::lseek(fd_, from, SEEK_DATA);
  if (data >= 0) return static_cast<std::uint64_t>(data);
  if (errno != ENXIO) return offset;  // ENXIO: nothing but unwritten blocks up to the end
  const Result<std::uint64_t> size = Size();
  return size.ok() ? *size : offset;
}

void PosixFile::Prefetch(std::uint64_t offset, std::uint64_t size) {
  if (alignment_ != 1) return;  // it would fill the cache that this file goes past
  ::posix_fadvise(fd_, static_cast<off_t>(offset), static_cast<off_t>(size), POSIX_FADV_WILLNEED);
}

}  // namespace beachdb
