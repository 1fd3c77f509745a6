// The entries that survive a flush or a compaction, out of all that go in.
//
// Readers can tell versions apart only across the stripes that live snapshots cut the seqnos into
// (snapshot_stripes.h). So:
//   1. Of the versions of a key in one stripe only the newest is kept; the others are shadowed.
//   2. A tombstone is kept only while there is something for it to hide: an older version of its
//      key that is kept, or that may lie in a deeper level. Every reader who would have met it then
//      meets nothing, which is the same.
//   3. What a range tombstone of its own stripe covers is dropped (range_stripes.h).
//   4. A put whose end has come is as good as a tombstone, and becomes one.
// Seqnos are kept as they are.
//
// The caller takes the list of snapshots once everything in the source is visible (its seqnos are
// not above the visible one): then each snapshot taken later lies in the last stripe, and sees its
// newest version. Snapshots that go away meanwhile only make the outcome larger than it need be.
// Readers without a snapshot are safe because they hold the files and memtables that they read.
//
// Thread safety: none. Lifetime: the source and `below` must outlive it.
// Errors: those of the source; kCorruption if it is out of order (never written on); kNotSupported
// for kinds of entries that this build does not know, and so could not drop rightly.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/rare_branch.h"
#include "base/strings.h"
#include "beachdb/result.h"
#include "compaction/keys_below.h"
#include "compaction/range_stripes.h"
#include "compaction/snapshot_stripes.h"
#include "kv/expiry.h"
#include "kv/internal_key.h"
#include "kv/iterator.h"

namespace beachdb {

struct CompactionCounts {
  std::uint64_t entries_in = 0;
  std::uint64_t shadowed = 0;         // dropped by rule 1
  std::uint64_t tombstones_done = 0;  // dropped by rule 2
  std::uint64_t covered = 0;          // dropped by rule 3
  std::uint64_t expired = 0;          // rule 4; not dropped by it alone
  std::uint64_t dropped() const { return shadowed + tombstones_done + covered; }
};

template <EntryIterator Source>
class CompactionIterator {
 public:
  // `snapshots`: the live ones, ascending. `below`: what lies deeper than the output; nullptr: not
  // known (a flush), every tombstone that may hide something stays. `ranges`: of all sources, by
  // the same snapshots; nullptr: there are none. `now`: puts whose end is not behind it have ended.
  CompactionIterator(Source& source, std::vector<Seqno> snapshots, KeysBelow* below,
                     RangeStripes* ranges = nullptr, std::uint64_t now = 0)
      : source_(source),
        stripes_(std::move(snapshots)),
        below_(below),
        ranges_(ranges != nullptr && !ranges->empty() ? ranges : nullptr),
        now_(now) {}

  void SeekToFirst() {
    source_.SeekToFirst();
    show_ = Show::kNothing;
    key_.clear();
    tombstone_ = 0;
    FindNext();
  }
  bool Valid() const { return show_ != Show::kNothing; }
  void Next() {
    if (show_ == Show::kTombstone) {
      RARE_BRANCH("tombstone_held_back_and_shown");
      tombstone_ = 0;
      show_ = Show::kSource;  // the version that it hides
      return;
    }
    tombstone_ = 0;
    source_.Next();
    FindNext();
  }

  std::string_view user_key() const { return key_; }
  std::uint64_t trailer() const { return show_ == Show::kSource ? source_.trailer() : tombstone_; }
  std::string_view value() const {
    return show_ == Show::kSource ? source_.value() : std::string_view();
  }
  Status status() const { return status_.ok() ? source_.status() : status_; }
  const CompactionCounts& counts() const { return counts_; }

 private:
  enum class Show : std::uint8_t {
    kNothing,
    kSource,     // the entry the source stands on
    kTombstone,  // the one held back; the source stands on the version below it
    kDeletion,   // the entry the source stands on: a tombstone, or a put that has ended
  };

  // A tombstone held back turns out to have nothing to hide.
  void DropTombstone() {
    if (tombstone_ == 0) return;
    RARE_BRANCH("tombstone_dropped");
    tombstone_ = 0;
    ++counts_.tombstones_done;
  }

  // From where the source stands to the next entry to show. A tombstone that nothing deeper needs
  // is held back until the next version of its key is found, or there is none.
  void FindNext() {
    for (; source_.Valid(); source_.Next()) {
      const std::string_view key = source_.user_key();
      const std::uint64_t trailer = source_.trailer();
      const std::size_t stripe = stripes_.Of(TrailerSeqno(trailer));
      ++counts_.entries_in;
      if (const int order = key.compare(key_); order > 0) [[likely]] {
        DropTombstone();
        key_.assign(key);
      } else if (order < 0 || trailer > last_trailer_) {
        return Fail(Code::kCorruption, "is out of order, after key \"" + EscapeBytes(key_) + '"');
      } else if (stripe == stripe_) {
        ++counts_.shadowed;
        last_trailer_ = trailer;
        continue;
      }
      stripe_ = stripe;
      last_trailer_ = trailer;
      if (ranges_ != nullptr && ranges_->Hides(stripe, key_, TrailerSeqno(trailer))) {
        ++counts_.covered;
        continue;
      }
      Kind kind = TrailerKind(trailer);
      if (kind == Kind::kPutExpiring && ExpiresAt(source_.value()) <= now_) {
        ++counts_.expired;
        kind = Kind::kDelete;
      }
      switch (kind) {
        case Kind::kPut:
        case Kind::kPutExpiring:
          show_ = tombstone_ != 0 ? Show::kTombstone : Show::kSource;
          return;
        case Kind::kDelete:
          DropTombstone();  // this one hides the same
          tombstone_ = PackTrailer(TrailerSeqno(trailer), Kind::kDelete);
          if (below_ == nullptr || below_->MayHold(key_)) {
            show_ = Show::kDeletion;
            return;
          }
          continue;
        default:
          return Fail(Code::kNotSupported, "is of a kind unknown to this version: use a newer one");
      }
    }
    if (source_.status().ok()) DropTombstone();
    show_ = Show::kNothing;
  }

  void Fail(Code code, const std::string& what) {
    show_ = Show::kNothing;
    const std::uint64_t trailer = source_.trailer();
    status_ = Error(code, "entry \"" + EscapeBytes(source_.user_key()) + "\" with seqno " +
                              std::to_string(TrailerSeqno(trailer)) + " and kind " +
                              std::to_string(trailer & 0xff) + ' ' + what);
  }

  Source& source_;
  const SnapshotStripes stripes_;
  KeysBelow* const below_;
  RangeStripes* const ranges_;
  const std::uint64_t now_;

  Show show_ = Show::kNothing;
  std::string key_;                 // of the last entry looked at
  std::size_t stripe_ = 0;          // of the last entry of key_ that was not shadowed
  std::uint64_t last_trailer_ = 0;  // of the same
  std::uint64_t tombstone_ = 0;     // trailer of the tombstone of key_ shown or held back; 0: none
  CompactionCounts counts_;
  Status status_;
};

}  // namespace beachdb
