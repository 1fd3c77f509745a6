#include "memtable/radix_place.h"

namespace beachdb::radix {
namespace {

constexpr std::memory_order kAcquire = std::memory_order_acquire;

const Node4& As4(const Node& node) { return static_cast<const Node4&>(node); }
const Node15& As15(const Node& node) { return static_cast<const Node15&>(node); }

const ByteSet& PresentIn(const Node& node) {
  return node.kind == NodeKind::k48 ? static_cast<const Node48&>(node).present
                                    : static_cast<const Node256&>(node).present;
}

}  // namespace

Place::Place(const Node& node) : node_(&node) {
  if (node.kind == NodeKind::k4) {
    order_ = As4(node).order.load(kAcquire) | ~std::uint64_t{0xffff};
  } else if (node.kind == NodeKind::k15) {
    order_ = As15(node).order.load(kAcquire);
  }
}

std::uint8_t Place::ByteOf(unsigned slot) const {
  const std::uint64_t keys = node_->kind == NodeKind::k4
                                 ? As4(*node_).keys.load(kAcquire)
                                 : As15(*node_).keys[slot / 8].load(kAcquire);
  return static_cast<std::uint8_t>(keys >> 8 * (slot % 8));
}

// Places that are in use hold slots 0 to 14, so that four set bits are always an unused one.
int Place::Count() const { return 16 - std::countl_one(order_) / 4; }

Ref Place::ChildHere() const {
  switch (node_->kind) {
    case NodeKind::k4:
      return As4(*node_).children[SlotAt(position_)].load(kAcquire);
    case NodeKind::k15:
      return As15(*node_).children[SlotAt(position_)].load(kAcquire);
    case NodeKind::k48:
    case NodeKind::k256:
      return FindSlot(*node_, static_cast<std::uint8_t>(position_))->load(kAcquire);
  }
  __builtin_unreachable();
}

Ref Place::FirstFrom(int position) {
  if (is_small()) {
    position_ = position;
    return SlotAt(position) == kNoSlot ? Ref() : ChildHere();
  }
  const int byte = PresentIn(*node_).AtLeast(position);
  position_ = byte < 0 ? 256 : byte;
  return byte < 0 ? Ref() : ChildHere();
}

Ref Place::LastFrom(int position) {
  position_ = position >= 0 && !is_small() ? PresentIn(*node_).AtMost(position) : position;
  return position_ >= 0 ? ChildHere() : Terminal();
}

Ref Place::First() {
  const Ref terminal = Terminal();
  return terminal.none() ? FirstFrom(0) : terminal;
}

Ref Place::Last() { return LastFrom((is_small() ? Count() : 256) - 1); }

Ref Place::Next() { return FirstFrom(position_ + 1); }

Ref Place::Previous() { return position_ >= 0 ? LastFrom(position_ - 1) : Ref(); }

Ref Place::Terminal() {
  position_ = kTerminal;
  return node_->terminal.load(kAcquire);
}

Ref Place::AtLeast(std::uint8_t byte) {
  if (!is_small()) return FirstFrom(byte);
  int rank = 0;
  while (SlotAt(rank) != kNoSlot && ByteOf(SlotAt(rank)) < byte) ++rank;
  return FirstFrom(rank);
}

Ref Place::AtMost(std::uint8_t byte) {
  if (!is_small()) return LastFrom(byte);
  int rank = Count() - 1;
  while (rank >= 0 && ByteOf(SlotAt(rank)) > byte) --rank;
  return LastFrom(rank);
}

std::uint8_t Place::byte() const {
  return is_small() ? ByteOf(SlotAt(position_)) : static_cast<std::uint8_t>(position_);
}

}  // namespace beachdb::radix
