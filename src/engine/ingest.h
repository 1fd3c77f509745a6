// Tables that were made elsewhere (beachdb/table_file.h), taken into the directory.
//
// Each gets a number of this database as its name, and keeps its identity, which its checksums go
// by: the manifest knows of it (FileMetadata::origin). Durable, name and all, before the manifest
// names it; a crash before that leaves files that the next opening removes as orphans.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "beachdb/db.h"
#include "beachdb/result.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"
#include "manifest/file_metadata.h"

namespace beachdb {

// Files in the directory that the manifest does not name yet. They go with it, unless they stay.
class NewFiles {
 public:
  explicit NewFiles(EngineContext& context) : context_(context) {}
  ~NewFiles();
  NewFiles(const NewFiles&) = delete;
  NewFiles& operator=(const NewFiles&) = delete;

  void Add(std::uint64_t number) { numbers_.push_back(number); }
  // They were to be installed. They stay if they were, and if nobody knows (`poisoned`).
  void Settle(const Status& installed, bool poisoned) {
    if (installed.ok() || poisoned) numbers_.clear();
  }

 private:
  EngineContext& context_;
  std::vector<std::uint64_t> numbers_;
};

// Checks every byte of the files, and that their ranges are disjoint; gives each a name in the
// directory, noted in `made`. Without their base seqnos. Errors name the file.
Result<std::vector<FileMetadata>> PrepareIngest(EngineContext& context, LsmTree& tree,
                                                std::span<const std::string> paths, IngestMode mode,
                                                NewFiles& made);

}  // namespace beachdb
