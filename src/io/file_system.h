// Files as the engine sees them. Every byte that is read or written, every name that appears or
// goes, passes through these two interfaces, so that a simulated disk can stand in for the real
// one.
//
// What becomes durable when (POSIX; ext4 and xfs are no weaker):
//   - WriteAt and stores through Map(): visible to every reader at once, survive the death of the
//     process; on stable storage only after Sync() of the file returns ok.
//   - Sync(): the file's data and size, as fdatasync(2). Not its name.
//   - Open with kCreate, Rename, RemoveFile, Link, CreateDirectory: durable after SyncDirectory of
//     the directory that holds the name.
// After Sync() has failed once, nothing written before it may be believed: never retry it.
//
// Thread safety: FileSystem: all calls. File: ReadAt, WriteAt, Sync and stores through a mapping
// may run at the same time from any thread; Map and Truncate must be alone. Errors: kNoSpace
// (ENOSPC, EDQUOT), kIoError for the rest; the message names operation, file, offset and the
// system's reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"

namespace beachdb {

class Failpoint;  // base/failpoint.h

enum class OpenMode : std::uint8_t {
  kRead,       // must exist
  kReadWrite,  // must exist
  kCreate,     // must not exist
  kReplace,    // created, or cut to nothing if it exists
};

enum class IoMode : std::uint8_t {
  kBuffered,  // through the page cache
  kDirect,    // past it, where the file system can; File::alignment() tells whether it does
};

class File {
 public:
  explicit File(std::string path) : path_(std::move(path)) {}
  virtual ~File() = default;  // closes; unmaps
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // Fills `out` from `offset`; returns the bytes read, fewer than asked only at the end of file.
  [[nodiscard]] virtual Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) = 0;
  // Writes all of `data` at `offset`, growing the file if need be. On an error any part may have
  // been written.
  [[nodiscard]] virtual Status WriteAt(std::uint64_t offset, std::string_view data) = 0;
  [[nodiscard]] virtual Status Sync() = 0;
  // The same for what was written to [offset, offset + size) alone, whole pages inside the file;
  // what lies elsewhere may stay where it is. The default syncs everything.
  [[nodiscard]] virtual Status SyncRange(std::uint64_t /*offset*/, std::uint64_t /*size*/) {
    return Sync();
  }
  // Makes the file at least `size` bytes long with blocks really allocated (they read as zeros), so
  // that later writes inside it cannot run out of space.
  [[nodiscard]] virtual Status Allocate(std::uint64_t size) = 0;
  [[nodiscard]] virtual Status Truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> Size() = 0;
  // Maps the first `size` bytes, shared and writable, until the File dies. REQUIRES: the file is at
  // least that long, allocated, and opened for writing; at most one mapping per File.
  [[nodiscard]] virtual Result<std::span<char>> Map(std::uint64_t size) = 0;
  // Hints that [offset, offset + size) of the mapping will not be touched soon: its pages leave the
  // memory of this process, not the file.
  virtual void Unload(std::uint64_t /*offset*/, std::uint64_t /*size*/) {}
  // Every byte of [offset, the answer) is known to be zero without reading it: nothing was written
  // there since the blocks were allocated. The default knows nothing and answers `offset`. To ask
  // costs what the page cache holds behind `offset`, so ask where zeros were found.
  // REQUIRES: offset within the file.
  virtual std::uint64_t SkipUnwritten(std::uint64_t offset) { return offset; }
  // Hints that [offset, offset + size) will be read soon.
  virtual void Prefetch(std::uint64_t offset, std::uint64_t size) = 0;

  // Offsets, sizes and buffers of ReadAt and WriteAt must be multiples of this: 1 when buffered,
  // 4096 when direct.
  virtual std::size_t alignment() const = 0;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// One of several reads that are done at once.
struct ReadRequest {
  File* file = nullptr;
  std::uint64_t offset = 0;
  std::span<char> out;
  Result<std::size_t> got = std::size_t{0};  // what File::ReadAt would have returned
};

// Holds the lock of a directory until it dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  [[nodiscard]] virtual Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode,
                                                           IoMode io = IoMode::kBuffered) = 0;
  // Each as by File::ReadAt, all at once if that is faster; one that fails leaves the others alone.
  // The default does one after the other. REQUIRES: files that this file system has opened.
  virtual void ReadMany(std::span<ReadRequest> requests);
  // Names (not paths) in a directory, sorted, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<std::string>> List(const std::string& directory) = 0;
  [[nodiscard]] virtual Result<bool> Exists(const std::string& path) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> FileSize(const std::string& path) = 0;
  // Creates missing parents too; ok if it is already there.
  [[nodiscard]] virtual Status CreateDirectory(const std::string& path) = 0;
  [[nodiscard]] virtual Status SyncDirectory(const std::string& path) = 0;
  [[nodiscard]] virtual Status Rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Status RemoveFile(const std::string& path) = 0;
  // A second name for the same file (hard link).
  [[nodiscard]] virtual Status Link(const std::string& from, const std::string& to) = 0;
  // Locks `path` (created if missing) against other processes and other openers of this process,
  // and writes who we are into it. kBusy: somebody holds it; the message says who. A lock whose
  // holder is dead is free.
  [[nodiscard]] virtual Result<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
  // Bytes that may still be written on the file system that holds `path`.
  [[nodiscard]] virtual Result<std::uint64_t> FreeSpace(const std::string& path) = 0;
  // How many files this process may have open at once. The default knows no limit.
  [[nodiscard]] virtual std::size_t OpenFilesMax() const {
    return std::numeric_limits<std::size_t>::max();
  }

  // Helpers over the calls above (file_system.cc).
  // The whole file. kCorruption: longer than `limit`.
  [[nodiscard]] Result<std::string> ReadFile(const std::string& path, std::uint64_t limit);
  // Creates or replaces `path` and syncs its data; the name still needs SyncDirectory.
  [[nodiscard]] Status WriteFileSynced(const std::string& path, std::string_view contents);
  // The engine's form: a sync with a name.
  [[nodiscard]] Status WriteFileSynced(const std::string& path, std::string_view contents,
                                       Failpoint sync);
};

// The operating system's file system. Lives for ever.
FileSystem& PosixFileSystem();

}  // namespace beachdb
