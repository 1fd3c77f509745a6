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

// Slots in use are numbered 0 to 14, so that four set bits are always an unused place.
int Place::Count() const { return 16 - std::countl_one(order_) / 4; }

int Place::After(int position) const {
  const int next = position + 1;
  if (IsSmall()) return next < Node15::kCapacity && SlotAt(next) != kNoSlot ? next : kEnd;
  const int byte = PresentIn(*node_).AtLeast(next);
  return byte < 0 ? kEnd : byte;
}

int Place::Before(int position) const {
  static_assert(kTerminal == -1);  // what AtMost says when there is none
  if (!IsSmall()) return PresentIn(*node_).AtMost(position - 1);
  return (position == kEnd ? Count() : position) - 1;
}

Ref Place::ChildAt(int position) const {
  switch (node_->kind) {
    case NodeKind::k4:
      return As4(*node_).children[SlotAt(position)].load(kAcquire);
    case NodeKind::k15:
      return As15(*node_).children[SlotAt(position)].load(kAcquire);
    case NodeKind::k48:
    case NodeKind::k256:
      return FindSlot(*node_, static_cast<std::uint8_t>(position))->load(kAcquire);
  }
  __builtin_unreachable();
}

Ref Place::MoveTo(int position) {
  position_ = position;
  if (position == kTerminal) return node_->terminal.load(kAcquire);
  return position == kEnd ? Ref() : ChildAt(position);
}

Ref Place::SeekTo(int position) {
  ahead_ = static_cast<std::int16_t>(position);  // nothing is fetched: the walk may end here
  lead_ = 0;
  return MoveTo(position);
}

void Place::PrefetchForward(int children) {
  if (ahead_ < position_) {
    ahead_ = static_cast<std::int16_t>(position_);
    lead_ = 0;
  }
  for (; children > 0 && lead_ < kLead && ahead_ != kEnd; --children) {
    ahead_ = static_cast<std::int16_t>(After(ahead_));
    if (ahead_ == kEnd) return;
    ChildAt(ahead_).Prefetch();
    ++lead_;
  }
}

void Place::PrefetchBackward(int children) {
  if (ahead_ > position_) {
    ahead_ = static_cast<std::int16_t>(position_);
    lead_ = 0;
  }
  for (; children > 0 && lead_ < kLead && ahead_ != kTerminal; --children) {
    ahead_ = static_cast<std::int16_t>(Before(ahead_));
    if (ahead_ == kTerminal) return;
    ChildAt(ahead_).Prefetch();
    ++lead_;
  }
}

Ref Place::First() {
  const Ref terminal = Terminal();
  PrefetchForward(kLead);
  return terminal.none() ? Next() : terminal;
}

Ref Place::Last() {
  position_ = kEnd;
  ahead_ = kEnd;
  PrefetchBackward(kLead);
  return Previous();
}

// A walk that begins in the middle of a node gains its lead by fetching two children a step.
Ref Place::Next() {
  const Ref next = MoveTo(After(position_));
  if (lead_ > 0) --lead_;
  PrefetchForward(2);
  return next;
}

Ref Place::Previous() {
  if (position_ == kTerminal) return Ref();
  const Ref previous = MoveTo(Before(position_));
  if (lead_ > 0) --lead_;
  PrefetchBackward(2);
  return previous;
}

Ref Place::Terminal() { return MoveTo(kTerminal); }

Ref Place::AtLeast(std::uint8_t byte) {
  if (!IsSmall()) return SeekTo(After(byte - 1));
  int rank = 0;
  while (SlotAt(rank) != kNoSlot && ByteOf(SlotAt(rank)) < byte) ++rank;
  return SeekTo(After(rank - 1));
}

Ref Place::AtMost(std::uint8_t byte) {
  if (!IsSmall()) return SeekTo(Before(byte + 1));
  int rank = Count();
  while (rank > 0 && ByteOf(SlotAt(rank - 1)) > byte) --rank;
  return SeekTo(Before(rank));
}

std::uint8_t Place::byte() const {
  return IsSmall() ? ByteOf(SlotAt(position_)) : static_cast<std::uint8_t>(position_);
}

}  // namespace beachdb::radix
