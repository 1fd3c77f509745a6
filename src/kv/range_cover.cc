#include "kv/range_cover.h"

#include <algorithm>
#include <queue>
#include <utility>

namespace beachdb {
namespace {

// Those that have begun, the newest on top; those that have ended leave when they come up.
struct ByAge {
  bool operator()(const RangeTombstone* a, const RangeTombstone* b) const {
    return a->seqno < b->seqno;
  }
};
using Open = std::priority_queue<const RangeTombstone*, std::vector<const RangeTombstone*>, ByAge>;

std::vector<std::string_view> Boundaries(const std::vector<RangeTombstone>& tombstones) {
  std::vector<std::string_view> keys;
  keys.reserve(2 * tombstones.size());
  for (const RangeTombstone& tombstone : tombstones) {
    keys.push_back(tombstone.begin);
    keys.push_back(tombstone.end);
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace

RangeCover::RangeCover(std::vector<RangeTombstone> tombstones) {
  if (tombstones.empty()) return;
  std::sort(tombstones.begin(), tombstones.end(), StoredBefore);
  for (const std::string_view key : Boundaries(tombstones)) keys_.emplace_back(key);
  Open open;
  std::size_t next = 0;
  for (std::size_t i = 0; i + 1 < keys_.size(); ++i) {
    const std::string_view begin = keys_[i];
    const std::string_view end = keys_[i + 1];
    while (next < tombstones.size() && tombstones[next].begin == begin) {
      open.push(&tombstones[next++]);
    }
    while (!open.empty() && open.top()->end <= begin) open.pop();
    if (open.empty()) continue;
    const Seqno seqno = open.top()->seqno;
    if (!fragments_.empty() && fragments_.back().seqno == seqno && fragments_.back().end == begin) {
      fragments_.back().end = end;
    } else {
      fragments_.push_back({begin, end, seqno});
    }
  }
  here_.last = false;  // nowhere: the first question finds its place
  here_.first = false;
}

std::size_t RangeCover::FirstReaching(std::string_view key) const {
  const auto fragment = std::partition_point(fragments_.begin(), fragments_.end(),
                                             [&](const RangeTombstone& f) { return f.end <= key; });
  return static_cast<std::size_t>(fragment - fragments_.begin());
}

void RangeCover::Find(std::string_view key) {
  const std::size_t i = FirstReaching(key);
  if (i < fragments_.size() && fragments_[i].begin <= key) {
    here_ = {fragments_[i].begin, fragments_[i].end, false, false, fragments_[i].seqno};
    return;
  }
  here_ = {};
  here_.first = i == 0;
  here_.last = i == fragments_.size();
  if (!here_.first) here_.begin = fragments_[i - 1].end;
  if (!here_.last) here_.end = fragments_[i].begin;
}

Seqno RangeCover::OldestOver(std::string_view first, std::string_view last) const {
  Seqno oldest = kMaxSeqno;
  std::string_view reached = first;
  for (std::size_t i = FirstReaching(first); i < fragments_.size(); ++i) {
    if (fragments_[i].begin > reached) return 0;
    oldest = std::min(oldest, fragments_[i].seqno);
    if (last < fragments_[i].end) return oldest;
    reached = fragments_[i].end;
  }
  return 0;
}

}  // namespace beachdb
