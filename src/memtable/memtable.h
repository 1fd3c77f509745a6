// The newest writes, in memory, in internal key order, until a flush makes a table of them.
//
// Every version and every tombstone is kept. Two structures satisfy the same contract and the same
// tests: a skip list (Pugh 1990; the yardstick) and an adaptive radix tree (Leis et al. 2013; the
// default, several times faster). Keys are copied into an arena that dies as a whole.
//
// Thread safety: one thread adds at a time (the caller serialises); any number read and iterate at
// the same time, without a lock; a reader sees every entry whose Add returned before its own start,
// and an iterator at least the entries that were there when it was made.
// Lifetime: iterators and hits point into the memtable and must not outlive it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>

#include "base/arena.h"
#include "beachdb/options.h"
#include "beachdb/result.h"
#include "kv/internal_key.h"

namespace beachdb {

struct MemHit {
  std::uint64_t trailer = 0;
  std::string_view value;
};

class MemTable {
 public:
  explicit MemTable(MemTableKind kind);
  ~MemTable();

  // REQUIRES: no entry of this key with this seqno; 1 <= key.size() <= kMaxKeySize.
  void Add(std::string_view key, std::uint64_t trailer, std::string_view value);

  // The newest version of `key` with seqno <= snapshot, tombstones included; false: none here.
  bool Get(std::string_view key, Seqno snapshot, MemHit* hit) const;

  std::size_t MemoryUsage() const;  // bytes taken from the system, exact
  std::size_t BytesUsed() const;    // bytes of entries and structure: decides when it is full
  std::uint64_t entries() const;
  std::uint64_t tombstones() const;
  bool empty() const { return entries() == 0; }

  class Iterator;  // an EntryIterator (kv/iterator.h); memtable/memtable_iterator.h or below
  Iterator NewIterator() const;
};

}  // namespace beachdb
