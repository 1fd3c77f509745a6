// The newest writes, in memory, in internal key order, until a flush makes a table of them.
//
// Every version and every tombstone is kept; range tombstones stand beside the entries, in a set of
// their own that is replaced whole when one is added. Two structures satisfy the same contract and
// the same tests: a skip list (Pugh 1990; the yardstick) and an adaptive radix tree (Leis et al.
// 2013; the default, several times faster). Keys and values are copied into an arena that dies as a
// whole.
//
// Thread safety: one thread adds at a time (the caller serialises); any number read and iterate at
// the same time, without a lock; a reader sees every entry whose Add returned before its own start,
// and an iterator at least the entries that were there when it was made.
// Lifetime: iterators and hits point into the memtable and must not outlive it; its set of range
// tombstones is good under the EpochGuard that it was asked for under.
// Limits: those of the data model (kMaxKeySize, kMaxValueSize); beyond them is a bug of the caller.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "base/arena.h"
#include "beachdb/options.h"
#include "beachdb/result.h"
#include "kv/batch_format.h"
#include "kv/internal_key.h"
#include "kv/iterator.h"
#include "kv/range_tombstones.h"
#include "memtable/key_filter.h"
#include "memtable/radix_tree.h"
#include "memtable/range_set.h"
#include "memtable/skiplist.h"

namespace beachdb {

struct MemHit {
  std::uint64_t trailer = 0;
  std::string_view value;
};

class MemTable {
 public:
  // `full_bytes`: where it will be called full; sizes the filter. `pool`: see Arena.
  explicit MemTable(MemTableKind kind, std::size_t full_bytes = 0, PagePool* pool = nullptr);
  ~MemTable();
  MemTable(const MemTable&) = delete;
  MemTable& operator=(const MemTable&) = delete;

  // REQUIRES: every version of this key that is here has a smaller seqno (commits and replay come
  // in order, so they do); 1 <= key.size() <= kMaxKeySize; value.size() <= kMaxValueSize.
  void Add(std::string_view key, std::uint64_t trailer, std::string_view value);

  // Applies a batch (kv/batch_format.h) whose operations have the seqnos from `first_seqno` on.
  // REQUIRES: as Add; that the batch is valid.
  void Apply(std::string_view batch, Seqno first_seqno);

  // False: no version of a key with this hash (Hash64) is here.
  bool MayContain(std::uint64_t hash) const { return filter_.MayContain(hash); }
  // The newest version of `key` with seqno <= snapshot, tombstones included; false: none here.
  bool Get(std::string_view key, Seqno snapshot, MemHit* hit) const;
  // nullptr: there are none. REQUIRES: an EpochGuard.
  const RangeSet* ranges() const { return ranges_.load(std::memory_order_acquire); }
  // All of them, in any order; their keys live as long as the memtable.
  void AppendRanges(std::vector<RangeTombstone>& out) const;

  // Taken from the system, exact.
  std::size_t MemoryUsage() const {
    return arena_.MemoryUsage() + filter_.MemoryUsage() +
           ranges_memory_.load(std::memory_order_relaxed);
  }
  // Bytes of entries and structure, nodes that were outgrown included: decides when it is full.
  std::size_t BytesUsed() const { return arena_.BytesUsed(); }
  std::uint64_t entries() const { return entries_.load(std::memory_order_relaxed); }
  std::uint64_t tombstones() const { return tombstones_.load(std::memory_order_relaxed); }
  std::uint64_t range_tombstones() const {
    return range_tombstones_.load(std::memory_order_relaxed);
  }
  // Every iterator adds them up: with more than this it is time to begin a new memtable.
  static constexpr std::uint64_t kRangeTombstonesMax = 1024;
  bool empty() const { return entries() == 0 && range_tombstones() == 0; }
  // Whether a put with an end is among the entries.
  bool has_expiring() const { return has_expiring_.load(std::memory_order_relaxed); }

  class Iterator;  // an EntryIterator (kv/iterator.h)
  Iterator NewIterator() const;

 private:
  using Structure = std::variant<RadixTree, SkipList>;
  static Structure Build(MemTableKind kind, Arena& arena);
  void ApplyRare(const BatchOp& op, Seqno seqno);
  void AddRange(std::string_view begin, std::string_view end, Seqno seqno);
  void PublishRanges();

  // Of full_bytes: two bytes for an entry of a hundred.
  static constexpr std::size_t kFilterShare = 64;

  KeyFilter filter_;
  Arena arena_;
  Structure structure_;
  std::atomic<std::uint64_t> entries_{0};
  std::atomic<std::uint64_t> tombstones_{0};

  std::vector<RangeTombstone> all_ranges_;  // of the thread that adds; their keys are in the arena
  std::atomic<const RangeSet*> ranges_{nullptr};
  std::atomic<std::uint64_t> range_tombstones_{0};
  std::atomic<std::size_t> ranges_memory_{0};
  std::atomic<bool> has_expiring_{false};
};

// Copyable and movable; a copy walks on by itself. Never fails.
class MemTable::Iterator {
 public:
  bool Valid() const { return entry_ != nullptr; }
  std::string_view user_key() const { return entry_->key(); }
  std::uint64_t trailer() const { return entry_->trailer; }
  std::string_view value() const { return entry_->value(); }
  static bool PrevKeepsValue() { return true; }  // as long as the memtable lives
  Status status() const { return OkStatus(); }

  void SeekToFirst() {
    Move([](auto& it) { it.SeekToFirst(); });
  }
  void SeekToLast() {
    Move([](auto& it) { it.SeekToLast(); });
  }
  void Seek(std::string_view key, std::uint64_t trailer) {
    Move([=](auto& it) { it.Seek(key, trailer); });
  }
  void SeekForPrev(std::string_view key, std::uint64_t trailer) {
    Move([=](auto& it) { it.SeekForPrev(key, trailer); });
  }
  void Next() {
    Move([](auto& it) { it.Next(); });
  }
  void Prev() {
    Move([](auto& it) { it.Prev(); });
  }

 private:
  friend class MemTable;
  using Structure = std::variant<RadixTree::Iterator, SkipList::Iterator>;
  explicit Iterator(Structure structure) : structure_(std::move(structure)) {}

  template <typename Step>
  void Move(Step step) {
    if (auto* tree = std::get_if<RadixTree::Iterator>(&structure_)) {
      step(*tree);
      entry_ = tree->entry();
    } else {
      auto& list = *std::get_if<SkipList::Iterator>(&structure_);
      step(list);
      entry_ = list.entry();
    }
  }

  Structure structure_;
  const Entry* entry_ = nullptr;  // where structure_ stands, so that reading it needs no branch
};
static_assert(EntryIterator<MemTable::Iterator>);

}  // namespace beachdb
