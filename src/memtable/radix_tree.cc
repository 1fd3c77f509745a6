#include "memtable/radix_tree.h"

#include <algorithm>
#include <cstring>

#include "memtable/version_chain.h"

namespace beachdb {
namespace {

using radix::Node;
using radix::Node4;

constexpr std::memory_order kAcquire = std::memory_order_acquire;
constexpr std::memory_order kRelaxed = std::memory_order_relaxed;
constexpr std::memory_order kRelease = std::memory_order_release;

// How many bytes a and b share, of at most `size`.
std::size_t SharedBytes(const char* a, const char* b, std::size_t size) {
  std::size_t i = 0;
  while (i + 8 <= size && std::memcmp(a + i, b + i, 8) == 0) i += 8;
  while (i < size && a[i] == b[i]) ++i;
  return i;
}

std::uint8_t ByteAt(std::string_view key, std::size_t at) {
  return static_cast<std::uint8_t>(key[at]);
}

constexpr int kEnd = -1;  // in place of a byte: the key has none there
int ByteOrEnd(std::string_view key, std::size_t at) {
  return at < key.size() ? ByteAt(key, at) : kEnd;
}

// Where key, which agrees with the node's keys on the bytes before `from`, leaves what they share:
// at node.depth if nowhere before.
std::uint32_t WhereItParts(const Node& node, std::string_view key, std::uint32_t from) {
  const std::size_t size = std::min<std::size_t>(key.size(), node.depth) - from;
  const char* shared = node.shared_end() - (node.depth - from);
  return from + static_cast<std::uint32_t>(SharedBytes(shared, key.data() + from, size));
}

}  // namespace

const Entry* RadixTree::Find(std::string_view key, std::uint64_t trailer) const {
  // Skipped bytes are not compared on the way: a wrong path ends at an entry of another key.
  Ref ref = root_.load(kAcquire);
  while (!ref.none() && !ref.is_entry()) {
    const Node& node = *ref.node();
    if (key.size() <= node.depth) {
      if (key.size() < node.depth) return nullptr;
      ref = node.terminal.load(kAcquire);
      break;  // an entry, or none
    }
    const Slot* slot = radix::FindSlot(node, ByteAt(key, node.depth));
    if (slot == nullptr) return nullptr;
    ref = slot->load(kAcquire);
  }
  if (ref.none() || ref.entry()->key() != key) return nullptr;
  return NewestAtMost(ref.entry(), trailer);
}

void RadixTree::Add(std::string_view key, std::uint64_t trailer, std::string_view value) {
  Slot* slot = &root_;
  std::uint32_t depth = 0;  // bytes of key that the path to slot has spelled
  for (;;) {
    const Ref ref = slot->load(kRelaxed);
    if (ref.none()) {  // an empty tree, or a node where no key has ended so far
      slot->store(Ref::To(NewEntry(arena_, 0, key, trailer, value)), kRelease);
      return;
    }
    if (ref.is_entry()) {
      AddVersionOrFork(*slot, ref.entry(), depth, key, trailer, value);
      return;
    }
    Node& node = *ref.node();
    if (node.depth != depth) {
      const std::uint32_t parts = WhereItParts(node, key, depth);
      if (parts < node.depth) {
        const int node_byte =
            static_cast<std::uint8_t>(*(node.shared_end() - (node.depth - parts)));
        Fork(*slot, ref, node_byte, NewEntry(arena_, 0, key, trailer, value), depth, parts);
        return;
      }
      depth = node.depth;
    }
    if (key.size() == depth) {
      slot = &node.terminal;
      continue;
    }
    Slot* child = FindSlot(node, ByteAt(key, depth));
    if (child == nullptr) {
      AddToNode(*slot, node, ByteAt(key, depth), NewEntry(arena_, 0, key, trailer, value));
      return;
    }
    slot = child;
    ++depth;
  }
}

// Puts entry into the node that slot leads to, or into a larger copy of it.
void RadixTree::AddToNode(Slot& slot, Node& node, std::uint8_t byte, Entry* entry) {
  if (!radix::IsFull(node)) {
    radix::AddChild(node, byte, Ref::To(entry));
    return;
  }
  Node* larger = radix::Grow(arena_, node);
  radix::AddChild(*larger, byte, Ref::To(entry));
  slot.store(Ref::To(larger), kRelease);
}

// slot leads to the entry `old`, whose key agrees with `key` on the bytes before `from`.
void RadixTree::AddVersionOrFork(Slot& slot, const Entry* old, std::uint32_t from,
                                 std::string_view key, std::uint64_t trailer,
                                 std::string_view value) {
  const std::string_view old_key = old->key();
  if (old_key == key) {
    slot.store(Ref::To(PushVersion(arena_, old, key, trailer, value)), kRelease);
    return;
  }
  const std::size_t rest = std::min(old_key.size(), key.size()) - from;
  const std::uint32_t depth = from + static_cast<std::uint32_t>(SharedBytes(
                                         old_key.data() + from, key.data() + from, rest));
  Fork(slot, slot.load(kRelaxed), ByteOrEnd(old_key, depth),
       NewEntry(arena_, 0, key, trailer, value), from, depth);
}

// Puts a node at `depth` in place of `old`, with old and entry below it. The path to slot spells
// the bytes before `from`; old and entry part at `depth`.
void RadixTree::Fork(Slot& slot, Ref old, int old_byte, Entry* entry, std::uint32_t from,
                     std::uint32_t depth) {
  Node4* node = radix::NewNode(arena_, entry->key().data(), from, depth);
  const auto attach = [node](int byte, Ref child) {
    if (byte == kEnd) {
      node->terminal.store(child, kRelaxed);
    } else {
      radix::AddChild(*node, static_cast<std::uint8_t>(byte), child);
    }
  };
  attach(old_byte, old);
  attach(ByteOrEnd(entry->key(), depth), Ref::To(entry));
  slot.store(Ref::To(node), kRelease);
}

}  // namespace beachdb
