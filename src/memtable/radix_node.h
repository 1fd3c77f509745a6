// The inner nodes of the radix tree: 4, 15, 48 or 256 children by one byte of the key.
//
//   node      bytes  how it finds a child
//   Node4        64  4 key bytes in one word, compared all at once
//   Node15      168  the same with two words; the order of the slots fills a third word
//   Node48      696  an index of 256 bytes into 48 slots, and a bitmap of those present
//   Node256    2104  a slot for every byte, and the same bitmap
//
// Thread safety: one writer, readers without a lock. A node grows only by AddChild, which stores
// the child, then what makes it found by byte, then what makes it found in order, each with
// release; every reader loads in the opposite direction with acquire. What was there stays as it
// was: a full node is not changed but copied by Grow and left to those who still stand in it.
// Lifetime: that of the arena.
// Technique: V. Leis, A. Kemper, T. Neumann, "The adaptive radix tree", 2013; the order of the
// slots as one atomic word from Y. Mao, E. Kohler, R. Morris, "Masstree", 2012.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "base/arena.h"
#include "memtable/entry.h"

namespace beachdb::radix {

struct Node;

// A child: none, an entry, or a node, told apart by the lowest bit of the address.
class Ref {
 public:
  Ref() = default;
  static Ref To(Entry* entry) { return Ref(reinterpret_cast<char*>(entry) + 1); }
  static Ref To(Node* node) { return Ref(reinterpret_cast<char*>(node)); }

  bool none() const { return address_ == nullptr; }
  bool is_entry() const { return (reinterpret_cast<std::uintptr_t>(address_) & 1) != 0; }
  const Entry* entry() const { return reinterpret_cast<const Entry*>(address_ - 1); }
  Node* node() const { return reinterpret_cast<Node*>(address_); }
  void Prefetch() const {  // two lines: a Node4 that straddles them, or an entry's key and more
    __builtin_prefetch(address_);
    __builtin_prefetch(address_ + 64);
  }

 private:
  explicit Ref(char* address) : address_(address) {}

  char* address_ = nullptr;
};

using Slot = std::atomic<Ref>;
static_assert(Slot::is_always_lock_free && sizeof(Slot) == 8);

enum class NodeKind : std::uint8_t { k4, k15, k48, k256 };

// What every node begins with. `depth` counts from the start of the key, so that a node stays good
// when another is put in above it. All keys below agree on the bytes before `depth`; the node can
// show those that its path skips: from its own copy if they are few, else from one of those keys.
struct Node {
  Node(NodeKind node_kind, std::uint32_t node_depth) : kind(node_kind), depth(node_depth) {}

  // The byte after the last one that all keys below share: [-1] is the byte at depth - 1.
  const char* shared_end() const {
    return shared_size <= kInline ? bytes + shared_size : sample + depth;
  }

  static constexpr std::uint32_t kInline = 8;

  NodeKind kind;
  std::uint8_t shared_size = 0;  // of `bytes`; more than kInline: `sample` holds
  std::uint16_t count = 0;       // children; the writer's own
  std::uint32_t depth;           // the children differ in this byte of the key
  union {
    char bytes[kInline] = {};
    const char* sample;  // the whole key of an entry
  };
  Slot terminal{};  // the entry whose key ends at depth
};

struct Node4 : Node {
  static constexpr int kCapacity = 4;
  explicit Node4(std::uint32_t node_depth) : Node(NodeKind::k4, node_depth) {}

  std::atomic<std::uint16_t> order{0xffff};  // slots by ascending byte, 4 bits each; 15: none
  std::atomic<std::uint32_t> keys{0};        // the byte of slot i in bits 8i; of an unused one: as
                                             // of slot 0, so that the lowest match is a true one
  std::array<Slot, kCapacity> children{};
};
static_assert(sizeof(Node4) == 64);

struct Node15 : Node {
  static constexpr int kCapacity = 15;
  explicit Node15(std::uint32_t node_depth) : Node(NodeKind::k15, node_depth) {}

  std::atomic<std::uint64_t> order{~std::uint64_t{0}};
  std::array<std::atomic<std::uint64_t>, 2> keys{};
  std::array<Slot, kCapacity> children{};
};
static_assert(sizeof(Node15) == 168);

// The bytes that have a child.
class ByteSet {
 public:
  void Add(std::uint8_t byte) {
    std::atomic<std::uint64_t>& word = words_[byte / 64];
    word.store(word.load(std::memory_order_relaxed) | std::uint64_t{1} << byte % 64,
               std::memory_order_release);
  }
  // The smallest at or above `from`, which may be 256; -1: none.
  int AtLeast(int from) const;
  // The largest at or below `from`, which may be -1; -1: none.
  int AtMost(int from) const;

 private:
  std::array<std::atomic<std::uint64_t>, 4> words_{};
};

struct Node48 : Node {
  static constexpr int kCapacity = 48;
  explicit Node48(std::uint32_t node_depth) : Node(NodeKind::k48, node_depth) {}

  ByteSet present;
  std::array<std::atomic<std::uint8_t>, 256> index{};  // slot + 1; 0: none
  std::array<Slot, kCapacity> children{};
};
static_assert(sizeof(Node48) == 696);

struct Node256 : Node {
  static constexpr int kCapacity = 256;
  explicit Node256(std::uint32_t node_depth) : Node(NodeKind::k256, node_depth) {}

  ByteSet present;
  std::array<Slot, kCapacity> children{};
};
static_assert(sizeof(Node256) == 2104);

// A new, empty Node4 whose path skips the bytes [from, depth) of `key`, which must outlive it.
Node4* NewNode(Arena& arena, const char* key, std::uint32_t from, std::uint32_t depth);

// The slot of the child by `byte`; nullptr: there is none. A slot once found is never empty.
const Slot* FindSlot(const Node& node, std::uint8_t byte);
inline Slot* FindSlot(Node& node, std::uint8_t byte) {
  return const_cast<Slot*>(FindSlot(static_cast<const Node&>(node), byte));
}

bool IsFull(const Node& node);
// REQUIRES: not full; no child by `byte`.
void AddChild(Node& node, std::uint8_t byte, Ref child);
// A copy with more room. REQUIRES: full (a Node256 never is when a byte is missing).
Node* Grow(Arena& arena, const Node& node);

// The lowest of the bytes of `keys` that equals `byte`, as its number; the word's size: none does.
// (Subtracting one borrows through zero bytes only, so the lowest mark is always a true one.)
template <typename Word>
int FindByte(Word keys, std::uint8_t byte) {
  constexpr Word kOnes = static_cast<Word>(0x0101010101010101);
  const Word zero_where_equal = keys ^ static_cast<Word>(kOnes * byte);
  const Word marks = (zero_where_equal - kOnes) & ~zero_where_equal & static_cast<Word>(kOnes << 7);
  return std::countr_zero(marks) / 8;
}

inline const Slot* FindSlot(const Node& node, std::uint8_t byte) {
  switch (node.kind) {
    case NodeKind::k4: {
      const auto& n = static_cast<const Node4&>(node);
      const int slot = FindByte(n.keys.load(std::memory_order_acquire), byte);
      return slot < Node4::kCapacity ? &n.children[static_cast<unsigned>(slot)] : nullptr;
    }
    case NodeKind::k15: {
      const auto& n = static_cast<const Node15&>(node);
      int slot = FindByte(n.keys[0].load(std::memory_order_acquire), byte);
      if (slot == 8) slot += FindByte(n.keys[1].load(std::memory_order_acquire), byte);
      return slot < 16 ? &n.children[static_cast<unsigned>(slot)] : nullptr;
    }
    case NodeKind::k48: {
      const auto& n = static_cast<const Node48&>(node);
      const unsigned slot = n.index[byte].load(std::memory_order_acquire);
      return slot != 0 ? &n.children[slot - 1] : nullptr;
    }
    case NodeKind::k256: {
      const Slot& slot = static_cast<const Node256&>(node).children[byte];
      return slot.load(std::memory_order_acquire).none() ? nullptr : &slot;
    }
  }
  __builtin_unreachable();
}

}  // namespace beachdb::radix
