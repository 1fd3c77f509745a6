// The memtable's yardstick: a skip list of entries in internal key order, one node a version.
//
// Thread safety: one writer; any number of readers beside it, without a lock. A node is complete
// before a release store links it, lowest level first; nodes never move and are never unlinked.
// Lifetime: that of the arena; iterators must not outlive it.
// Limits: 4^kMaxHeight entries keep the expected cost logarithmic; beyond, it degrades slowly.
// Technique: W. Pugh, "Skip lists: a probabilistic alternative to balanced trees", 1990.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/random.h"
#include "kv/internal_key.h"
#include "memtable/entry.h"

namespace beachdb {

class SkipList {
 public:
  static constexpr int kMaxHeight = 12;
  static constexpr std::uint64_t kBranching = 4;  // one node in four reaches the next level

  // The seed decides the heights, nothing that a reader can see.
  SkipList(Arena& arena, std::uint64_t seed);
  SkipList(const SkipList&) = delete;
  SkipList& operator=(const SkipList&) = delete;

  // REQUIRES: no entry of this key with this seqno.
  void Add(std::string_view key, std::uint64_t trailer, std::string_view value);

  // The newest version of `key` whose trailer is at most `trailer`, or nullptr.
  const Entry* Find(std::string_view key, std::uint64_t trailer) const;

  class Iterator;

 private:
  using Link = std::atomic<Entry*>;

  // The tower stands before the entry: level 0 next to it.
  static Link& NextOf(Entry* entry, int level) {
    return reinterpret_cast<Link*>(entry)[-1 - level];
  }
  static const Link& NextOf(const Entry* entry, int level) {
    return reinterpret_cast<const Link*>(entry)[-1 - level];
  }
  static const Entry* Next(const Entry* entry, int level = 0) {
    return NextOf(entry, level).load(std::memory_order_acquire);
  }
  static bool IsBefore(const Entry* entry, std::string_view key, std::uint64_t trailer) {
    return CompareInternal(entry->key(), entry->trailer, key, trailer) < 0;
  }

  Entry* NewNode(int height, std::string_view key, std::uint64_t trailer, std::string_view value);
  int RandomHeight();

  // The neighbours of an internal key. Both come from the same step of the search: to load the link
  // between them once more could find an entry that was added in between.
  struct Place {
    const Entry* before;       // the last entry before it, or the head
    const Entry* at_or_after;  // the first entry at or after it, or nullptr
  };
  Place Locate(std::string_view key, std::uint64_t trailer) const;
  const Entry* Last() const;  // or the head

  Arena& arena_;
  Random random_;            // owned by the writer
  Entry* const head_;        // no key; a tower of kMaxHeight
  std::atomic<int> height_;  // a reader that sees an old one only starts lower
};

// At least the entries that were there when it was made, and those linked since, in order: a link,
// once read, leads to an entry that stays. Prev searches again from the head, O(log n).
class SkipList::Iterator {
 public:
  explicit Iterator(const SkipList& list) : list_(&list) {}

  const Entry* entry() const { return entry_; }  // nullptr: not at an entry
  void SeekToFirst() { entry_ = SkipList::Next(list_->head_); }
  void SeekToLast() { Set(list_->Last()); }
  void Seek(std::string_view key, std::uint64_t trailer) {
    entry_ = list_->Locate(key, trailer).at_or_after;
  }
  void SeekForPrev(std::string_view key, std::uint64_t trailer);
  // REQUIRES: entry().
  void Next() { entry_ = SkipList::Next(entry_); }
  void Prev() { Set(list_->Locate(entry_->key(), entry_->trailer).before); }

 private:
  void Set(const Entry* entry) { entry_ = entry == list_->head_ ? nullptr : entry; }

  const SkipList* list_;
  const Entry* entry_ = nullptr;
};

}  // namespace beachdb
