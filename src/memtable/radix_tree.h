// The memtable's default structure: an adaptive radix tree from user keys to their versions.
//
// A path spells a key byte by byte; a node stands only where keys part, so that bytes which all
// keys below share are skipped (path compression). A lookup therefore touches few nodes and one
// entry, and compares the key once, at the end. Keys may be prefixes of others and hold any bytes.
//
// Invariants
//   1. The tree only grows. A child slot, once filled, is never empty again; what replaces a child
//      (a grown copy of it, a new node above it, a newer version) leads to all that it led to.
//   2. What is reachable is complete: bytes are written before the release store that publishes
//      them, and slots are read with acquire.
//   3. A node that was replaced is never written again, and stays in the arena: whoever stands in
//      it sees the tree as it was when it was replaced, and below it the children of that moment.
//
// Thread safety: one writer; any number of readers beside it, without a lock.
// Lifetime: that of the arena; iterators must not outlive it.
// Limits: nodes take at most 64 bytes a key, those that were outgrown included (each size is left
// for the next only when it has that many keys to show for it); some 30 with random keys. Keys of n
// bytes nest at most n nodes deep.
// Technique: see radix_node.h; publication without reclamation works because the arena dies whole.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "memtable/entry.h"
#include "memtable/radix_node.h"
#include "memtable/radix_place.h"

namespace beachdb {

class RadixTree {
 public:
  explicit RadixTree(Arena& arena) : arena_(arena) {}
  RadixTree(const RadixTree&) = delete;
  RadixTree& operator=(const RadixTree&) = delete;

  // REQUIRES: every version of this key that is here has a smaller trailer.
  void Add(std::string_view key, std::uint64_t trailer, std::string_view value);

  // The newest version of `key` whose trailer is at most `trailer`, or nullptr. O(log n) in the
  // number of the key's versions that are newer.
  const Entry* Find(std::string_view key, std::uint64_t trailer) const;

  class Iterator;

 private:
  using Ref = radix::Ref;
  using Slot = radix::Slot;

  void AddToNode(Slot& slot, radix::Node& node, std::uint8_t byte, Entry* entry);
  void AddVersionOrFork(Slot& slot, const Entry* old, std::uint32_t from, std::string_view key,
                        std::uint64_t trailer, std::string_view value);
  void Fork(Slot& slot, Ref old, int old_byte, Entry* entry, std::uint32_t from,
            std::uint32_t depth);

  Arena& arena_;
  Slot root_{};  // none, a lone entry, or a node
};

// Walks all versions of all keys, both ways; see EntryIterator for the order.
//
// It sees every entry that was there when it was made, and may see later ones. Why: it reads the
// root no earlier than that, and by invariant 1 that root leads to every such entry. A node on its
// stack was current when it was read, or, if it was read from a replaced node, when that one was
// replaced (invariant 3): never before the iterator was made, so it leads to all of them too.
// Within a node a Place misses none and moves one way only, so that every walk ends and stays in
// order.
//
// Limits: holds one place a node on the path, 24 bytes each; 16 of them without an allocation.
class RadixTree::Iterator {
 public:
  explicit Iterator(const RadixTree& tree) : tree_(&tree) {}

  const Entry* entry() const { return entry_; }  // nullptr: not at an entry
  void SeekToFirst();
  void SeekToLast();
  void Seek(std::string_view key, std::uint64_t trailer);
  void SeekForPrev(std::string_view key, std::uint64_t trailer);
  // REQUIRES: entry().
  void Next();
  void Prev();

 private:
  using Place = radix::Place;

  static constexpr std::size_t kInlinePlaces = 16;

  Place& Top();
  Place& Push(const radix::Node& node);

  // These set newest_ to the newest version of a key; nullptr: there is none further.
  void ToNextKey();
  void ToPreviousKey();
  void ToFirstKeyIn(Ref ref);
  void ToLastKeyIn(Ref ref);
  // To the first key at or after (last at or before) `key`; true: it is that very key.
  bool ToKeyAtLeast(std::string_view key);
  bool ToKeyAtMost(std::string_view key);

  void ToOldest();  // version of the key that the walk has come to

  const RadixTree* tree_;
  const Entry* entry_ = nullptr;
  const Entry* newest_ = nullptr;  // of entry_'s key, as it was when the walk came to it
  std::size_t depth_ = 0;          // places in use
  std::array<Place, kInlinePlaces> places_;
  std::vector<Place> more_places_;
};

}  // namespace beachdb
