// The limits of compaction that follow from the options of a database.
#pragma once

#include <algorithm>
#include <cstdint>

#include "beachdb/options.h"
#include "compaction/level_shape.h"

namespace beachdb {

inline CompactionLimits CompactionLimitsOf(const Options& options) {
  CompactionLimits limits;
  limits.table_size = options.table_size;
  limits.move_level0 = options.compression == Compression::kNone;
  limits.move_to_bottom = options.compression == options.bottom_compression;
  // Level 0 at its trigger and the base level are of one size: then every byte is merged into the
  // base level about once.
  limits.base_size = std::max<std::uint64_t>(
      options.table_size,
      std::uint64_t{options.write_buffer} * static_cast<std::uint64_t>(limits.level0_files));
  return limits;
}

}  // namespace beachdb
