// The range tombstones that go into a flush or a compaction: what they hide, and which of them must
// go on.
//
// Of those in one stripe (snapshot_stripes.h) only the newest over each key matters, and it hides
// whatever is older in its own stripe; readers who see the one see the other.
//
// A part of one is done when nothing is left for it to hide: it is in the oldest stripe, so all
// that it covers is dropped here, and no deeper level reaches into it.
//
// Thread safety: none. Lifetime: the tombstones given must outlive it.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "compaction/keys_below.h"
#include "compaction/snapshot_stripes.h"
#include "kv/range_cover.h"
#include "manifest/file_metadata.h"

namespace beachdb {

class RangeStripes {
 public:
  RangeStripes(SnapshotStripes stripes, const std::vector<RangeTombstone>& tombstones);

  bool empty() const { return covers_.empty(); }

  // Whether the version `seqno` of `key`, which lies in this stripe, is hidden from everybody.
  // Asked for ascending keys it takes a comparison or two.
  bool Hides(std::size_t stripe, std::string_view key, Seqno seqno) {
    return covers_[stripe].At(key) > seqno;
  }
  // Whether everything in the file is.
  bool Hides(const FileMetadata& file) const;

  // Those that go on, in stored order. `below`: what lies deeper than the output; nullptr: not
  // known, all go on. Views of what this owns.
  std::vector<RangeTombstone> Remaining(const KeysBelow* below) const;

 private:
  SnapshotStripes stripes_;
  std::vector<RangeCover> covers_;  // of every stripe; none if there are no tombstones
};

}  // namespace beachdb
