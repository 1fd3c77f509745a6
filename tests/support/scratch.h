// Where a test puts a database that it opens and syncs thousands of times: in memory, if the
// machine has a file system there, so that a run is not the speed of its disk. TEST_TMPDIR decides
// otherwise.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace beachdb {

inline std::string ScratchDirectory(const std::string& name) {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code ignored;
  const bool usable =
      std::getenv("TEST_TMPDIR") == nullptr && std::filesystem::is_directory(memory, ignored);
  return (usable ? memory.string() + "/" : testing::TempDir()) + name;
}

}  // namespace beachdb
