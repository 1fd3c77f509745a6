// What range tombstones add up to: for every key, the newest of them that covers it.
//
// The tombstones may come from any number of runs. Of those that a snapshot sees (or that lie
// between two snapshots) only the newest at each key matters, so they are cut where one begins or
// ends and become a row of fragments that do not overlap: at most twice as many as there were.
//
// Thread safety: none; it remembers where the last question was, so that walks ask in O(1).
// Lifetime: owns its keys. Source: fragmented range tombstones, as in RocksDB and Pebble; here only
// the newest seqno of a fragment is kept, as the snapshot is known.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "kv/internal_key.h"
#include "kv/range_tombstones.h"

namespace beachdb {

class RangeCover {
 public:
  RangeCover() = default;
  // In any order.
  explicit RangeCover(std::vector<RangeTombstone> tombstones);
  RangeCover(RangeCover&&) = default;
  RangeCover& operator=(RangeCover&&) = default;

  bool empty() const { return fragments_.empty(); }
  // In key order, disjoint; of neighbours that touch, the seqnos differ.
  const std::vector<RangeTombstone>& fragments() const { return fragments_; }

  // The seqno of the newest tombstone that covers `key`; 0: none does.
  Seqno At(std::string_view key) {
    if (!here_.Holds(key)) [[unlikely]]
      Find(key);
    return here_.seqno;
  }
  // Where the fragment begins and ends that the last At has found. REQUIRES: it found one.
  std::string_view BeginHere() const { return here_.begin; }
  std::string_view EndHere() const { return here_.end; }

  // The oldest seqno that covers [first, last], both inclusive; 0: a part of it is bare.
  Seqno OldestOver(std::string_view first, std::string_view last) const;

 private:
  // A fragment, or the gap between two.
  struct Place {
    std::string_view begin;  // inclusive
    std::string_view end;    // exclusive, unless it is the last
    bool first = false;      // nothing lies before it
    bool last = false;
    Seqno seqno = 0;

    bool Holds(std::string_view key) const {
      return (first || begin <= key) && (last || key < end);
    }
  };
  std::size_t FirstReaching(std::string_view key) const;  // the first fragment that ends behind it
  void Find(std::string_view key);

  std::deque<std::string> keys_;  // that the fragments are made of
  std::vector<RangeTombstone> fragments_;
  Place here_{.begin = {}, .end = {}, .first = true, .last = true, .seqno = 0};
};

}  // namespace beachdb
