#include "memtable/radix_node.h"

#include <cstring>
#include <new>

namespace beachdb::radix {
namespace {

constexpr std::memory_order kRelaxed = std::memory_order_relaxed;
constexpr std::memory_order kRelease = std::memory_order_release;

template <typename N>
N* Make(Arena& arena, const Node& header) {
  N* node = new (arena.AllocateAligned(sizeof(N))) N(header.depth);
  node->shared_size = header.shared_size;
  std::memcpy(node->bytes, header.bytes, sizeof node->bytes);  // the copy or the pointer
  node->terminal.store(header.terminal.load(kRelaxed), kRelaxed);
  return node;
}

// Puts `slot`, the first unused one, into `order` at the place of its byte.
template <typename ByteOf>
std::uint64_t WithSlot(std::uint64_t order, unsigned slot, ByteOf byte_of) {
  unsigned rank = 0;
  while (rank < slot && byte_of(order >> 4 * rank & 15) < byte_of(slot)) ++rank;
  const std::uint64_t below = order & ((std::uint64_t{1} << 4 * rank) - 1);
  const std::uint64_t above = order >> 4 * rank << 4 * rank;
  return below | std::uint64_t{slot} << 4 * rank | above << 4;
}

// `keys` with the byte of `slot` set; the first byte fills the unused ones too.
template <typename Word>
Word WithByte(Word keys, unsigned slot, std::uint8_t byte) {
  const unsigned shift = 8 * slot;
  return static_cast<Word>((keys & ~(Word{255} << shift)) | Word{byte} << shift);
}

void Add(Node4& node, std::uint8_t byte, Ref child) {
  const unsigned slot = node.count;
  const std::uint32_t keys =
      slot == 0 ? byte * 0x01010101u : WithByte(node.keys.load(kRelaxed), slot, byte);
  node.children[slot].store(child, kRelease);
  node.keys.store(keys, kRelease);
  const auto byte_of = [keys](std::uint64_t s) { return keys >> 8 * s & 255; };
  // The order is widened with "none" above its four places, and cut back.
  const std::uint64_t order = node.order.load(kRelaxed) | ~std::uint64_t{0xffff};
  node.order.store(static_cast<std::uint16_t>(WithSlot(order, slot, byte_of)), kRelease);
}

void Add(Node15& node, std::uint8_t byte, Ref child) {
  const unsigned slot = node.count;
  node.children[slot].store(child, kRelease);
  if (slot == 0) {
    for (auto& word : node.keys) word.store(byte * 0x0101010101010101u, kRelease);
  } else {
    std::atomic<std::uint64_t>& word = node.keys[slot / 8];
    word.store(WithByte(word.load(kRelaxed), slot % 8, byte), kRelease);
  }
  const auto byte_of = [&node](std::uint64_t s) {
    return node.keys[s / 8].load(kRelaxed) >> 8 * (s % 8) & 255;
  };
  node.order.store(WithSlot(node.order.load(kRelaxed), slot, byte_of), kRelease);
}

void Add(Node48& node, std::uint8_t byte, Ref child) {
  node.children[node.count].store(child, kRelease);
  node.index[byte].store(static_cast<std::uint8_t>(node.count + 1), kRelease);
  node.present.Add(byte);
}

void Add(Node256& node, std::uint8_t byte, Ref child) {
  node.children[byte].store(child, kRelease);
  node.present.Add(byte);
}

template <typename N>
void AddTo(Node& node, std::uint8_t byte, Ref child) {
  CHECK(node.count < N::kCapacity);
  Add(static_cast<N&>(node), byte, child);
  ++node.count;
}

}  // namespace

int ByteSet::AtLeast(int from) const {
  if (from > 255) return -1;
  unsigned word = static_cast<unsigned>(from) / 64;
  std::uint64_t bits = words_[word].load(std::memory_order_acquire) & ~std::uint64_t{0}
                                                                          << from % 64;
  while (bits == 0) {
    if (++word == words_.size()) return -1;
    bits = words_[word].load(std::memory_order_acquire);
  }
  return static_cast<int>(64 * word) + std::countr_zero(bits);
}

int ByteSet::AtMost(int from) const {
  if (from < 0) return -1;
  unsigned word = static_cast<unsigned>(from) / 64;
  std::uint64_t bits =
      words_[word].load(std::memory_order_acquire) & ~std::uint64_t{0} >> (63 - from % 64);
  while (bits == 0) {
    if (word-- == 0) return -1;
    bits = words_[word].load(std::memory_order_acquire);
  }
  return static_cast<int>(64 * word) + 63 - std::countl_zero(bits);
}

Node4* NewNode(Arena& arena, const char* key, std::uint32_t from, std::uint32_t depth) {
  auto* node = new (arena.AllocateAligned(sizeof(Node4))) Node4(depth);
  if (depth - from <= Node::kInline) {
    node->shared_size = static_cast<std::uint8_t>(depth - from);
    std::memcpy(node->bytes, key + from, depth - from);
  } else {
    node->shared_size = Node::kInline + 1;
    node->sample = key;
  }
  return node;
}

bool IsFull(const Node& node) {
  switch (node.kind) {
    case NodeKind::k4:
      return node.count == Node4::kCapacity;
    case NodeKind::k15:
      return node.count == Node15::kCapacity;
    case NodeKind::k48:
      return node.count == Node48::kCapacity;
    case NodeKind::k256:
      return node.count == Node256::kCapacity;
  }
  __builtin_unreachable();
}

void AddChild(Node& node, std::uint8_t byte, Ref child) {
  switch (node.kind) {
    case NodeKind::k4:
      return AddTo<Node4>(node, byte, child);
    case NodeKind::k15:
      return AddTo<Node15>(node, byte, child);
    case NodeKind::k48:
      return AddTo<Node48>(node, byte, child);
    case NodeKind::k256:
      return AddTo<Node256>(node, byte, child);
  }
}

Node* Grow(Arena& arena, const Node& node) {
  switch (node.kind) {
    case NodeKind::k4: {
      const auto& from = static_cast<const Node4&>(node);
      const std::uint32_t keys = from.keys.load(kRelaxed);
      auto* to = Make<Node15>(arena, node);
      for (unsigned slot = 0; slot < from.count; ++slot) {
        AddTo<Node15>(*to, static_cast<std::uint8_t>(keys >> 8 * slot),
                      from.children[slot].load(kRelaxed));
      }
      return to;
    }
    case NodeKind::k15: {
      const auto& from = static_cast<const Node15&>(node);
      auto* to = Make<Node48>(arena, node);
      for (unsigned slot = 0; slot < from.count; ++slot) {
        AddTo<Node48>(
            *to, static_cast<std::uint8_t>(from.keys[slot / 8].load(kRelaxed) >> 8 * (slot % 8)),
            from.children[slot].load(kRelaxed));
      }
      return to;
    }
    case NodeKind::k48: {
      const auto& from = static_cast<const Node48&>(node);
      auto* to = Make<Node256>(arena, node);
      for (unsigned byte = 0; byte < 256; ++byte) {
        const unsigned slot = from.index[byte].load(kRelaxed);
        if (slot == 0) continue;
        AddTo<Node256>(*to, static_cast<std::uint8_t>(byte),
                       from.children[slot - 1].load(kRelaxed));
      }
      return to;
    }
    case NodeKind::k256:
      break;
  }
  CHECK(false);  // 256 children are all that there can be
}

}  // namespace beachdb::radix
