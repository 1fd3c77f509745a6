// What the tests of this layer share: batches, logs on the disk in memory, and their recovery.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/logger.h"
#include "beachdb/write_batch.h"
#include "format/file_header.h"
#include "format/file_names.h"
#include "tests/support/memory_file_system.h"
#include "wal/log_recovery.h"
#include "wal/log_writer.h"

namespace beachdb {

inline constexpr DatabaseId kTestDatabase = {0xb3, 0xf0, 0xc2, 0xd1, 1, 2,  3,  4,
                                             5,    6,    7,    8,    9, 10, 11, 12};
inline const std::string kTestDirectory = "db";

inline std::string TestLogPath(std::uint64_t number) {
  return JoinPath(kTestDirectory, LogName(number));
}

// A batch of `count` puts with a value of `value_size` bytes, told apart by `seed`.
inline std::string TestBatch(std::uint64_t seed, std::uint32_t count = 1,
                             std::size_t value_size = 10) {
  WriteBatch batch;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string value(value_size, static_cast<char>('a' + (seed + i) % 26));
    EXPECT_TRUE(batch.Put(fmt::format("key{:06}", seed + i), value).ok());
  }
  return std::string(batch.bytes());
}

// Writes logs as an engine would: seqnos that follow each other, claims that the test chooses.
class TestLog {
 public:
  TestLog(FileSystem& fs, std::uint64_t number, Seqno next, std::uint64_t capacity = 64 << 10)
      : next_(next) {
    auto made = LogWriter::Create(fs, TestLogPath(number), {kTestDatabase, number}, capacity, 1);
    EXPECT_TRUE(made.ok()) << made.error().ToString();
    EXPECT_TRUE(fs.SyncDirectory(kTestDirectory).ok());
    log_ = std::move(made).value();
  }

  // Appends one batch; returns the offset of its record.
  std::uint64_t Append(Seqno durable, std::uint32_t count = 1, std::uint64_t applied_index = 0,
                       LogPath how = LogPath::kWritten) {
    const std::uint64_t offset = log_->end_offset();
    const std::string batch = TestBatch(next_, count);
    const LogEntry entry{next_, applied_index, batch};
    EXPECT_TRUE(log_->Append(std::span(&entry, 1), durable, how).ok());
    next_ += count;
    return offset;
  }

  LogWriter& log() { return *log_; }
  Seqno next() const { return next_; }
  std::uint64_t end() const { return log_->end_offset(); }

 private:
  std::unique_ptr<LogWriter> log_;
  Seqno next_;
};

struct Applied {
  Seqno first;
  std::uint64_t applied_index;
  std::string batch;
};

struct RecoveryRun {
  Result<RecoveryReport> report = RecoveryReport{};
  std::vector<Applied> applied;
  std::vector<std::string> log_lines;

  Seqno last() const { return report.ok() ? report->last_seqno : 0; }
  std::string error() const { return report.ok() ? "ok" : report.error().ToString(); }
};

inline RecoveryRun Recover(FileSystem& fs, const std::vector<std::uint64_t>& numbers,
                           Seqno in_tables = 0) {
  RecoveryRun run;
  const Logger logger([&](LogLevel, std::string_view line) { run.log_lines.emplace_back(line); });
  run.report = RecoverLogs(fs, kTestDirectory, kTestDatabase, numbers, in_tables, logger,
                           [&](Seqno first, std::uint64_t applied_index, std::string_view batch) {
                             run.applied.push_back({first, applied_index, std::string(batch)});
                             return OkStatus();
                           });
  return run;
}

}  // namespace beachdb
