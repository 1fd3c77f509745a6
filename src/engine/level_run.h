// A part of one level of a read state, as a run that LevelIterator walks: what users' scans read.
//
// Thread safety: none. Lifetime: the LevelView must outlive it. Two indexes and a pointer: nothing
// is copied or counted, however many tables the level has.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "beachdb/result.h"
#include "compaction/level_iterator.h"
#include "engine/read_state.h"

namespace beachdb {

class LevelRun {
 public:
  // Tables [begin, end) of the level. REQUIRES: of level 0 a single one, as they overlap.
  LevelRun(const LevelView& level, std::size_t begin, std::size_t end)
      : level_(&level), begin_(begin), end_(end) {}

  const LevelView& level() const { return *level_; }
  std::size_t size() const { return end_ - begin_; }
  std::string_view smallest(std::size_t i) const { return slot(i).file().smallest; }
  std::string_view largest(std::size_t i) const { return slot(i).file().largest; }
  Seqno largest_seqno(std::size_t i) const { return slot(i).file().largest_seqno; }
  std::size_t FirstReaching(std::string_view key) const {
    return level_->FirstReaching(key, begin_, end_) - begin_;
  }
  Result<std::shared_ptr<Table>> Open(std::size_t i) const { return slot(i).Open(); }

 private:
  TableSlot& slot(std::size_t i) const { return *level_->tables()[begin_ + i]; }

  const LevelView* level_;
  std::size_t begin_;
  std::size_t end_;
};

}  // namespace beachdb
