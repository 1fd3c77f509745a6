#include "compaction/range_stripes.h"

#include <algorithm>
#include <utility>

namespace beachdb {

RangeStripes::RangeStripes(SnapshotStripes stripes, const std::vector<RangeTombstone>& tombstones)
    : stripes_(std::move(stripes)) {
  if (tombstones.empty()) return;
  std::vector<std::vector<RangeTombstone>> by_stripe(stripes_.count());
  for (const RangeTombstone& tombstone : tombstones) {
    by_stripe[stripes_.Of(tombstone.seqno)].push_back(tombstone);
  }
  for (auto& of_stripe : by_stripe) covers_.emplace_back(std::move(of_stripe));
}

bool RangeStripes::Hides(const FileMetadata& file) const {
  if (empty()) return false;
  const std::size_t stripe = stripes_.Of(file.largest_seqno);
  return stripe == stripes_.Of(file.smallest_seqno) &&
         covers_[stripe].OldestOver(file.smallest, file.largest) > file.largest_seqno;
}

std::vector<RangeTombstone> RangeStripes::Remaining(const KeysBelow* below) const {
  std::vector<RangeTombstone> remaining;
  for (std::size_t stripe = 0; stripe < covers_.size(); ++stripe) {
    for (const RangeTombstone& part : covers_[stripe].fragments()) {
      const bool done = stripe == 0 && below != nullptr && !below->MayHold(part.begin, part.end);
      if (!done) remaining.push_back(part);
    }
  }
  std::sort(remaining.begin(), remaining.end(), StoredBefore);
  return remaining;
}

}  // namespace beachdb
