// Whole files, read or copied in pieces, with the checksum of what was read.
//
// Memory: one piece. Thread safety: calls for different files.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "beachdb/backup.h"
#include "beachdb/result.h"
#include "io/file_system.h"

namespace beachdb {

// Counts bytes and files, and tells the caller of them.
class CopyMeter {
 public:
  CopyMeter(const std::function<void(const BackupProgress&)>& tell, std::uint64_t files,
            std::uint64_t bytes)
      : tell_(tell), so_far_{.files_all = files, .bytes_all = bytes} {}

  void AddBytes(std::uint64_t bytes) {
    so_far_.bytes += bytes;
    Tell();
  }
  void AddFile() {
    ++so_far_.files;
    Tell();
  }

 private:
  void Tell() const {
    if (tell_) tell_(so_far_);
  }

  const std::function<void(const BackupProgress&)>& tell_;
  BackupProgress so_far_;
};

struct FileSum {
  std::uint64_t size = 0;
  std::uint32_t checksum = 0;  // CRC-32C of the whole file
};

// What is in a file, up to its end.
Result<FileSum> SumFile(File& from, CopyMeter& meter);
// The same, and writes it to the beginning of `to`, which is empty. Syncs nothing.
Result<FileSum> CopyFile(File& from, File& to, CopyMeter& meter);

// "size is 7 bytes, expected 12", "checksum is .., expected .."; empty: they are equal.
std::string Difference(const FileSum& found, const FileSum& expected);

}  // namespace beachdb
