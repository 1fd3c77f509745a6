// The range tombstones of a memtable at one moment: most of them in a set that is searched, the
// newest few beside it, so that adding one does not sort them all again.
//
// Thread safety: immutable. Lifetime: keys are views of bytes that the memtable owns.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "kv/range_tombstones.h"

namespace beachdb {

class RangeSet {
 public:
  // Of those that stand beside the set, each lookup looks at every one.
  static constexpr std::size_t kRecentMax = 32;

  // `all`: in the order in which they came. Shares the set of `before` (nullptr: there is none),
  // which is one of fewer of them, as long as few have come since.
  RangeSet(std::span<const RangeTombstone> all, const RangeSet* before) {
    if (before != nullptr && all.size() - before->sorted_->size() <= kRecentMax) {
      sorted_ = before->sorted_;
      recent_.assign(all.begin() + static_cast<std::ptrdiff_t>(sorted_->size()), all.end());
    } else {
      sorted_ = std::make_shared<const RangeTombstones>(
          std::vector<RangeTombstone>(all.begin(), all.end()));
    }
  }

  // As RangeTombstones::Covering.
  Seqno Covering(std::string_view key, Seqno snapshot) const {
    Seqno newest = sorted_->Covering(key, snapshot);
    for (const RangeTombstone& tombstone : recent_) {
      if (tombstone.seqno <= snapshot && tombstone.Covers(key)) {
        newest = std::max(newest, tombstone.seqno);
      }
    }
    return newest;
  }

  // In any order.
  void AppendTo(std::vector<RangeTombstone>& out) const {
    for (std::size_t i = 0; i < sorted_->size(); ++i) out.push_back((*sorted_)[i]);
    out.insert(out.end(), recent_.begin(), recent_.end());
  }

  std::size_t MemoryUsage() const { return sorted_->MemoryUsage() + RecentMemory(); }
  // What goes with this one while `kept` stays.
  std::size_t MemoryBeside(const RangeSet& kept) const {
    return kept.sorted_ == sorted_ ? RecentMemory() : MemoryUsage();
  }

 private:
  std::size_t RecentMemory() const { return recent_.capacity() * sizeof(RangeTombstone); }

  std::shared_ptr<const RangeTombstones> sorted_;
  std::vector<RangeTombstone> recent_;
};

}  // namespace beachdb
