#include "kv/range_tombstones.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/coding.h"
#include "beachdb/options.h"

namespace beachdb {
namespace {

bool IsKey(std::string_view key) { return key.size() >= kMinKeySize && key.size() <= kMaxKeySize; }

}  // namespace

bool StoredBefore(const RangeTombstone& a, const RangeTombstone& b) {
  if (const int order = a.begin.compare(b.begin); order != 0) return order < 0;
  if (a.seqno != b.seqno) return a.seqno > b.seqno;
  return a.end < b.end;
}

std::string KeySuccessor(std::string_view key) {
  std::string next(key);
  if (next.size() < kMaxKeySize) return next.append(1, '\0');
  while (!next.empty() && next.back() == '\xff') next.pop_back();
  if (!next.empty()) next.back() = static_cast<char>(static_cast<unsigned char>(next.back()) + 1);
  return next;
}

RangeTombstones::RangeTombstones(std::vector<RangeTombstone> tombstones) {
  if (!std::is_sorted(tombstones.begin(), tombstones.end(), StoredBefore)) {
    std::sort(tombstones.begin(), tombstones.end(), StoredBefore);
  }
  nodes_.reserve(tombstones.size());
  for (const RangeTombstone& tombstone : tombstones) nodes_.push_back({tombstone, {}, 0});
  Summarize(0, nodes_.size());
}

// The middle of a part of the array is its root, the halves are its children.
void RangeTombstones::Summarize(std::size_t first, std::size_t end) {
  if (first == end) return;
  const std::size_t middle = first + (end - first) / 2;
  Node& root = nodes_[middle];
  root.end_max = root.tombstone.end;
  root.seqno_max = root.tombstone.seqno;
  const auto include = [&](std::size_t from, std::size_t to) {
    if (from == to) return;
    Summarize(from, to);
    const Node& child = nodes_[from + (to - from) / 2];
    root.end_max = std::max(root.end_max, child.end_max);
    root.seqno_max = std::max(root.seqno_max, child.seqno_max);
  };
  include(first, middle);
  include(middle + 1, end);
}

Seqno RangeTombstones::Covering(std::string_view key, Seqno snapshot) const {
  Seqno newest = 0;
  Search(0, nodes_.size(), key, snapshot, &newest);
  return newest;
}

void RangeTombstones::Search(std::size_t first, std::size_t end, std::string_view key,
                             Seqno snapshot, Seqno* newest) const {
  while (first != end) {
    const std::size_t middle = first + (end - first) / 2;
    const Node& root = nodes_[middle];
    // Nothing below it reaches the key, or is newer than what was found.
    if (root.end_max <= key || root.seqno_max <= *newest) return;
    Search(first, middle, key, snapshot, newest);
    const RangeTombstone& tombstone = root.tombstone;
    if (tombstone.begin > key) return;
    if (tombstone.seqno <= snapshot && key < tombstone.end) {
      *newest = std::max(*newest, tombstone.seqno);
    }
    first = middle + 1;
  }
}

std::string EncodeRangeTombstones(std::span<const RangeTombstone> tombstones) {
  std::string out;
  PutFixed32(out, static_cast<std::uint32_t>(tombstones.size()));
  for (const RangeTombstone& tombstone : tombstones) {
    PutLengthPrefixed(out, tombstone.begin);
    PutLengthPrefixed(out, tombstone.end);
    PutFixed64(out, tombstone.seqno);
  }
  return out;
}

Result<std::vector<RangeTombstone>> DecodeRangeTombstones(std::string_view bytes) {
  const std::size_t size = bytes.size();
  std::vector<RangeTombstone> tombstones;
  const auto bad = [&](const char* what) {
    return Error(Code::kCorruption, fmt::format("range tombstone {} at offset {}: {}",
                                                tombstones.size(), size - bytes.size(), what));
  };
  std::uint32_t count = 0;
  if (!GetFixed32(bytes, count)) return bad("the count before it is cut short");
  constexpr std::size_t kSizeMin = 1 + kMinKeySize + 1 + kMinKeySize + 8;
  if (count == 0 || count > bytes.size() / kSizeMin) {
    return bad("the count before it is none that fits");
  }
  tombstones.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    RangeTombstone next;
    if (!GetLengthPrefixed(bytes, next.begin) || !GetLengthPrefixed(bytes, next.end) ||
        !GetFixed64(bytes, next.seqno)) {
      return bad("it is cut short");
    }
    if (!IsKey(next.begin) || !IsKey(next.end)) return bad("a key is beyond the limits");
    if (next.begin >= next.end) return bad("it ends before it begins");
    if (next.seqno == 0 || next.seqno > kMaxSeqno) return bad("its seqno is impossible");
    if (i > 0 && !StoredBefore(tombstones.back(), next)) return bad("it is out of order");
    tombstones.push_back(next);
  }
  if (!bytes.empty()) return bad("bytes are left over before it");
  return tombstones;
}

}  // namespace beachdb
