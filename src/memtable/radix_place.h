// A place in a node of the radix tree, and the steps from it to its neighbours. Each step returns
// the child at the new place; none: there is none further, and the place is beyond that end.
//
// The order within a node: its terminal (a key sorts before those that it is a prefix of), then its
// children by ascending byte.
//
// Thread safety: walks beside the writer. It sees every child that was there when it was made:
// small nodes are walked in the order that they had then, large ones by byte, which only moves
// away from where it started, so that a walk in one direction ends after 257 steps at most.
#pragma once

#include <cstdint>

#include "memtable/radix_node.h"

namespace beachdb::radix {

class Place {
 public:
  Place() = default;  // of no node: must be assigned before use
  explicit Place(const Node& node);

  Ref First();
  Ref Last();
  Ref Next();
  Ref Previous();
  Ref Terminal();                  // none: the place is before all children
  Ref AtLeast(std::uint8_t byte);  // the first child whose byte is at least that
  Ref AtMost(std::uint8_t byte);   // the last child whose byte is at most that, or the terminal

  // The byte of the child here. REQUIRES: a step has returned a child, and not the terminal.
  std::uint8_t byte() const;
  bool at_terminal() const { return position_ == kTerminal; }

 private:
  bool is_small() const { return node_->kind <= NodeKind::k15; }
  unsigned SlotAt(int rank) const { return order_ >> 4 * rank & 15; }
  std::uint8_t ByteOf(unsigned slot) const;
  int Count() const;
  Ref ChildHere() const;
  Ref FirstFrom(int position);  // at that position or the next one that has a child
  Ref LastFrom(int position);

  static constexpr int kTerminal = -1;
  static constexpr unsigned kNoSlot = 15;

  const Node* node_ = nullptr;
  std::uint64_t order_ = 0;     // of a small node, when the place was made; later ones renumber
  std::int32_t position_ = -1;  // small: rank in order_; large: the byte
};

}  // namespace beachdb::radix
