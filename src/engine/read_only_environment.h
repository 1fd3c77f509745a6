// The world of a database that is opened read-only: the same clock and threads, and files that
// cannot be changed, so that no code path writes into a directory that is somebody else's.
//
// Logs that are to be read are copied into memory first (HoldLog), because their writer may go on
// appending to one, or recycle it: give it a new name, then a new header, then new records.
//
// Thread safety: all calls but HoldLog and DropLogs. Lifetime: `base` outlives it.
// Errors: kInvalidArgument of a call that would change something.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "io/environment_over.h"
#include "io/file_system.h"

namespace beachdb {

class ReadOnlyFileSystem final : public FileSystem {
 public:
  explicit ReadOnlyFileSystem(FileSystem& base) : base_(base) {}

  enum class LogState : std::uint8_t {
    kHeld,     // Open(path) reads the copy from here on
    kUnused,   // it was just being made: there was no record in it when the call began
    kRetired,  // it lost its name, or was recycled meanwhile
  };
  // Copies from the end to the beginning. So a record that is in the copy was written before all
  // that lies in front of it was copied: what the copy holds has no gap that the log had not.
  Result<LogState> HoldLog(const std::string& path, std::uint64_t number);
  // Bytes of memory that the copies take.
  std::uint64_t held_bytes() const;
  void DropLogs() { held_.clear(); }

  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode, IoMode io) override;
  void ReadMany(std::span<ReadRequest> requests) override { base_.ReadMany(requests); }
  Result<std::vector<std::string>> List(const std::string& directory) override {
    return base_.List(directory);
  }
  Result<bool> Exists(const std::string& path) override { return base_.Exists(path); }
  Result<std::uint64_t> FileSize(const std::string& path) override { return base_.FileSize(path); }
  Result<std::uint64_t> FreeSpace(const std::string& path) override {
    return base_.FreeSpace(path);
  }
  Status CreateDirectory(const std::string& path) override { return Refuse(path); }
  Status SyncDirectory(const std::string& path) override { return Refuse(path); }
  Status Rename(const std::string& from, const std::string& /*to*/) override {
    return Refuse(from);
  }
  Status RemoveFile(const std::string& path) override { return Refuse(path); }
  Status Link(const std::string& from, const std::string& /*to*/) override { return Refuse(from); }
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    return Refuse(path).error();
  }

 private:
  class HeldFile;
  struct Held {
    std::string bytes;
    std::uint64_t size = 0;  // of the file; behind `bytes` there are only zeros
  };

  static Status Refuse(const std::string& path);

  FileSystem& base_;
  std::map<std::string, std::shared_ptr<const Held>> held_;
};

class ReadOnlyEnvironment final : public EnvironmentOver<ReadOnlyFileSystem> {
 public:
  using EnvironmentOver::EnvironmentOver;
};

}  // namespace beachdb
