// The lock of a directory: an open-file-description lock (fcntl(2), F_OFD_SETLK) on a file that
// says in words who holds it. The kernel drops the lock when its holder dies, however it dies, so a
// file that is left behind locks nothing. The same process that opens it again is refused as well.
//
// The contents are for people and for the message of the second opener; nothing is decided by them.
// Format: docs/formats/lock.md.
#pragma once

#include <memory>
#include <string>

#include "io/file_system.h"

namespace beachdb {

class PosixFileLock final : public FileLock {
 public:
  // The errors of FileSystem::Lock.
  static Result<std::unique_ptr<FileLock>> Acquire(const std::string& path);

  ~PosixFileLock() override;
  PosixFileLock(const PosixFileLock&) = delete;
  PosixFileLock& operator=(const PosixFileLock&) = delete;

 private:
  explicit PosixFileLock(int fd) : fd_(fd) {}

  const int fd_;
};

}  // namespace beachdb
