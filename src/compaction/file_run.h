// The tables of a list of files, as a run that LevelIterator walks: what compactions read.
//
// Thread safety: none. Lifetime: owns its list; what the opener captures must outlive it.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "beachdb/result.h"
#include "compaction/level_iterator.h"
#include "manifest/file_metadata.h"
#include "sstable/table.h"

namespace beachdb {

// The open table of a live file.
using TableOpener = std::function<Result<std::shared_ptr<Table>>(const FileRef&)>;

class FileRun {
 public:
  // REQUIRES: in key order and disjoint in user keys.
  FileRun(std::vector<FileRef> files, TableOpener open)
      : files_(std::move(files)), open_(std::move(open)) {}

  std::size_t size() const { return files_.size(); }
  std::string_view smallest(std::size_t i) const { return files_[i]->smallest; }
  std::size_t FirstReaching(std::string_view key) const {
    const auto file = std::partition_point(files_.begin(), files_.end(),
                                           [&](const FileRef& f) { return f->largest < key; });
    return static_cast<std::size_t>(file - files_.begin());
  }
  Result<std::shared_ptr<Table>> Open(std::size_t i) const { return open_(files_[i]); }

 private:
  std::vector<FileRef> files_;
  TableOpener open_;
};

using FileRunIterator = LevelIterator<FileRun>;
static_assert(EntryIterator<FileRunIterator>);

}  // namespace beachdb
