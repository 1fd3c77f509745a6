// A place in a node of the radix tree, and the steps from it to its neighbours. Each step returns
// the child at the new place; none: there is none further, and the place is beyond that end.
//
// The order within a node: its terminal (a key sorts before those that it is a prefix of), then its
// children by ascending byte. A walk fetches the next few children into the cache before it gets
// there: they lie where their keys arrived, and waiting for them is most of what a scan costs.
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

  // REQUIRES: a step has returned a child.
  bool at_terminal() const { return position_ == kTerminal; }
  std::uint8_t byte() const;  // REQUIRES: not at the terminal

 private:
  // A position is the rank in order_ in small nodes, the byte in large ones; before the first is
  // the terminal's, behind the last the end.
  static constexpr int kTerminal = -1;
  static constexpr int kEnd = 256;
  static constexpr unsigned kNoSlot = 15;
  static constexpr int kLead = 4;  // children fetched ahead

  bool IsSmall() const { return node_->kind <= NodeKind::k15; }
  unsigned SlotAt(int rank) const { return order_ >> 4 * rank & 15; }
  std::uint8_t ByteOf(unsigned slot) const;
  int Count() const;  // of a small node

  int After(int position) const;   // the next one that has a child, or kEnd
  int Before(int position) const;  // the one before that has a child, or kTerminal
  Ref ChildAt(int position) const;
  Ref MoveTo(int position);
  Ref SeekTo(int position);
  void PrefetchForward(int children);
  void PrefetchBackward(int children);

  const Node* node_ = nullptr;
  std::uint64_t order_ = 0;  // of a small node, when the place was made; later ones renumber
  std::int32_t position_ = kTerminal;
  std::int16_t ahead_ = kTerminal;  // the furthest position fetched
  std::int16_t lead_ = 0;           // children fetched and not yet come to, at most kLead
};

}  // namespace beachdb::radix
