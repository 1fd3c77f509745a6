// The live snapshots cut the seqnos into stripes: up to the oldest snapshot, from there to the
// next, and so on; the last stripe is everything newer than every snapshot. Readers can tell
// versions apart only across stripes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "kv/internal_key.h"

namespace beachdb {

class SnapshotStripes {
 public:
  // `snapshots`: the live ones, ascending.
  explicit SnapshotStripes(std::vector<Seqno> snapshots) : snapshots_(std::move(snapshots)) {}

  std::size_t count() const { return snapshots_.size() + 1; }
  // 0 for the oldest.
  std::size_t Of(Seqno seqno) const {
    if (snapshots_.empty() || seqno <= snapshots_.front()) return 0;
    if (seqno > snapshots_.back()) return snapshots_.size();
    return static_cast<std::size_t>(std::lower_bound(snapshots_.begin(), snapshots_.end(), seqno) -
                                    snapshots_.begin());
  }

 private:
  std::vector<Seqno> snapshots_;
};

}  // namespace beachdb
