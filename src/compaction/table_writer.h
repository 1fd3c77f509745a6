// What flush and compaction jobs share: sorted entries in, finished tables out.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "beachdb/options.h"
#include "beachdb/result.h"
#include "format/file_header.h"
#include "io/clock.h"
#include "io/file_system.h"
#include "manifest/version_edit.h"
#include "sstable/table_builder.h"

namespace beachdb {

// Where outputs go and how they are made; one per database, shared by its jobs.
struct OutputContext {
  FileSystem& fs;
  Clock& clock;
  std::string directory;
  DatabaseId database;
  IoMode io = IoMode::kDirect;
  std::function<std::uint64_t()> new_file_number;  // safe from any thread
  // Jobs stop with kShutDown soon after it becomes true, and remove what they wrote.
  const std::atomic<bool>& stop;
};

struct JobResult {
  std::vector<FileMetadata> outputs;  // synced, their names durable; in key order
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t entries_in = 0;
  std::uint64_t entries_dropped = 0;
};

}  // namespace beachdb
