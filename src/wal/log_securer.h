// Remembers, while logs are replayed, which of their bytes no record vouches for, and makes those
// durable afterwards: it reads them, writes the same bytes again and syncs the file.
//
// A sync alone would not do. After a sync has failed, the kernel calls the lost pages clean: they
// are readable until they are evicted, a later sync has nothing to do, and what was replayed from
// them would be gone after the next power cut. Written again, they are dirty again. Writing the
// bytes that are already there is harmless at every crash point.
//
// Thread safety: none. Limits: one mark of 16 bytes per kMarkEvery bytes of log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "beachdb/result.h"
#include "io/file_system.h"
#include "wal/log_format.h"

namespace beachdb {

class LogSecurer {
 public:
  // The next record that was replayed, of `size` bytes in its log.
  void Add(std::uint64_t log_number, const LogRecord& record, std::uint64_t size);

  Status Secure(FileSystem& fs, const std::string& directory) const;

  static constexpr std::uint64_t kMarkEvery = 64u << 10;  // bytes

 private:
  struct Mark {
    std::uint64_t offset;
    Seqno first_seqno;  // of the record there
  };
  struct Log {
    std::uint64_t number;
    std::vector<Mark> marks;
    std::uint64_t end;
  };

  // The offset of a record before which everything in the log is vouched for.
  std::uint64_t UnprovenFrom(const Log& log) const;

  std::vector<Log> logs_;
  Seqno durable_ = 0;  // the highest claim
};

}  // namespace beachdb
