// Deletions of key ranges: what DeleteRange leaves behind until nothing is left for it to hide.
//
// A range tombstone hides every version of every key in [begin, end) that is older than itself.
// Like a tombstone of one key it lives in one run (a memtable, a table); runs are ordered by age,
// so a lookup asks each run it comes to, newest first, and is done when one covers its key.
//
// RangeTombstones is the set of one run, for lookups at any snapshot. RangeCover (range_cover.h) is
// what the sets of many runs add up to at one snapshot, for walks.
//
// Thread safety: immutable once made. Lifetime: keys are views of bytes that the run owns.
// Technique: an interval tree laid out as a sorted array, whose nodes know the last end and the
// newest seqno below them (Cormen et al., "Augmenting data structures").
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "beachdb/result.h"
#include "kv/internal_key.h"

namespace beachdb {

struct RangeTombstone {
  std::string_view begin;  // inclusive
  std::string_view end;    // exclusive; above begin
  Seqno seqno = 0;

  bool Covers(std::string_view key) const { return begin <= key && key < end; }
  friend bool operator==(const RangeTombstone&, const RangeTombstone&) = default;
};

// The order in which they are stored: by begin, the newest first, then by end.
bool StoredBefore(const RangeTombstone& a, const RangeTombstone& b);

// The smallest key behind `key`; empty: there is none. Keys have at most kMaxKeySize bytes.
std::string KeySuccessor(std::string_view key);

class RangeTombstones {
 public:
  RangeTombstones() = default;
  explicit RangeTombstones(std::vector<RangeTombstone> tombstones);

  bool empty() const { return nodes_.empty(); }
  std::size_t size() const { return nodes_.size(); }
  // The i-th in stored order.
  const RangeTombstone& operator[](std::size_t i) const { return nodes_[i].tombstone; }
  std::size_t MemoryUsage() const { return nodes_.capacity() * sizeof(Node); }

  // The seqno of the newest one that covers `key` and that the snapshot sees; 0: none does.
  Seqno Covering(std::string_view key, Seqno snapshot) const;

 private:
  struct Node {
    RangeTombstone tombstone;
    // Of the node and of what the search below it may reach.
    std::string_view end_max;
    Seqno seqno_max = 0;
  };
  void Summarize(std::size_t first, std::size_t end);
  void Search(std::size_t first, std::size_t end, std::string_view key, Seqno snapshot,
              Seqno* newest) const;

  std::vector<Node> nodes_;
};

// How a set of them is stored in a table (docs/formats/sstable.md), in stored order:
//
//   offset  size  field
//        0     4  count             at least 1
//   then, back to back:
//       varint    begin size        then as many bytes
//       varint    end size          then as many bytes
//            8    seqno
std::string EncodeRangeTombstones(std::span<const RangeTombstone> tombstones);

// Views into `bytes`. kCorruption: anything but what EncodeRangeTombstones makes of at least one
// valid tombstone in stored order; names the tombstone and the offset.
Result<std::vector<RangeTombstone>> DecodeRangeTombstones(std::string_view bytes);

}  // namespace beachdb
