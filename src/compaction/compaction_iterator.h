// The entries that survive a flush or a compaction, out of all that go in.
//
// The live snapshots cut the seqnos into stripes: up to the oldest snapshot, from there to the
// next, and so on; the last stripe is everything newer than every snapshot. Readers can tell
// versions apart only across stripes. So:
//   1. Of the versions of a key in one stripe only the newest is kept; the others are shadowed.
//   2. A tombstone is kept only while there is something for it to hide: an older version of its
//      key that is kept, or that may lie in a deeper level. Every reader who would have met it then
//      meets nothing, which is the same.
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

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/rare_branch.h"
#include "base/strings.h"
#include "beachdb/result.h"
#include "compaction/keys_below.h"
#include "kv/internal_key.h"
#include "kv/iterator.h"

namespace beachdb {

struct CompactionCounts {
  std::uint64_t entries_in = 0;
  std::uint64_t shadowed = 0;         // dropped by rule 1
  std::uint64_t tombstones_done = 0;  // dropped by rule 2
  std::uint64_t dropped() const { return shadowed + tombstones_done; }
};

template <EntryIterator Source>
class CompactionIterator {
 public:
  // `snapshots`: the live ones, ascending. `below`: what lies deeper than the output; nullptr: not
  // known (a flush), every tombstone that may hide something stays.
  CompactionIterator(Source& source, std::vector<Seqno> snapshots, KeysBelow* below)
      : source_(source), snapshots_(std::move(snapshots)), below_(below) {}

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
    source_.Next();
    FindNext();
  }

  std::string_view user_key() const { return key_; }
  std::uint64_t trailer() const {
    return show_ == Show::kTombstone ? tombstone_ : source_.trailer();
  }
  std::string_view value() const {
    return show_ == Show::kTombstone ? std::string_view() : source_.value();
  }
  Status status() const { return status_.ok() ? source_.status() : status_; }
  const CompactionCounts& counts() const { return counts_; }

 private:
  enum class Show : std::uint8_t {
    kNothing,
    kSource,     // the entry the source stands on
    kTombstone,  // the one held back; the source stands on the version below it
  };

  // 0 for the oldest stripe.
  std::size_t StripeOf(Seqno seqno) const {
    if (snapshots_.empty() || seqno <= snapshots_.front()) return 0;
    if (seqno > snapshots_.back()) return snapshots_.size();
    return static_cast<std::size_t>(std::lower_bound(snapshots_.begin(), snapshots_.end(), seqno) -
                                    snapshots_.begin());
  }

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
      const std::size_t stripe = StripeOf(TrailerSeqno(trailer));
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
      switch (TrailerKind(trailer)) {
        case Kind::kPut:
          show_ = tombstone_ != 0 ? Show::kTombstone : Show::kSource;
          return;
        case Kind::kDelete:
          DropTombstone();  // this one hides the same
          if (below_ == nullptr || below_->MayHold(key_)) {
            show_ = Show::kSource;
            return;
          }
          tombstone_ = trailer;
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
  const std::vector<Seqno> snapshots_;
  KeysBelow* const below_;

  Show show_ = Show::kNothing;
  std::string key_;                 // of the last entry looked at
  std::size_t stripe_ = 0;          // of the last entry of key_ that was not shadowed
  std::uint64_t last_trailer_ = 0;  // of the same
  std::uint64_t tombstone_ = 0;     // trailer of the tombstone of key_ held back; 0: none
  CompactionCounts counts_;
  Status status_;
};

}  // namespace beachdb
