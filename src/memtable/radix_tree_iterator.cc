#include "memtable/radix_tree.h"
#include "memtable/version_chain.h"

namespace beachdb {
namespace {

using radix::Node;
using radix::Place;

// All keys below `node` against `key`, of which the bytes before `from` are known to be equal:
// negative or positive if the bytes that the path skips decide it; zero if key has them too.
int CompareSkipped(const Node& node, std::string_view key, std::uint32_t from) {
  if (node.depth == from) return 0;
  const std::string_view skipped(node.shared_end() - (node.depth - from), node.depth - from);
  return skipped.compare(key.substr(from, skipped.size()));
}

}  // namespace

Place& RadixTree::Iterator::Push(const Node& node) {
  if (depth_ < kInlinePlaces) {
    places_[depth_] = Place(node);
  } else {
    more_places_.resize(depth_ - kInlinePlaces);
    more_places_.emplace_back(node);
  }
  ++depth_;
  return Top();
}

Place& RadixTree::Iterator::Top() {
  return depth_ <= kInlinePlaces ? places_[depth_ - 1] : more_places_[depth_ - kInlinePlaces - 1];
}

void RadixTree::Iterator::ToFirstKeyIn(Ref ref) {
  while (!ref.is_entry()) ref = Push(*ref.node()).First();
  newest_ = ref.entry();
}

void RadixTree::Iterator::ToLastKeyIn(Ref ref) {
  while (!ref.is_entry()) ref = Push(*ref.node()).Last();
  newest_ = ref.entry();
}

void RadixTree::Iterator::ToNextKey() {
  for (; depth_ > 0; --depth_) {
    const Ref ref = Top().Next();
    if (!ref.none()) return ToFirstKeyIn(ref);
  }
  newest_ = nullptr;
}

void RadixTree::Iterator::ToPreviousKey() {
  for (; depth_ > 0; --depth_) {
    const Ref ref = Top().Previous();
    if (!ref.none()) return ToLastKeyIn(ref);
  }
  newest_ = nullptr;
}

bool RadixTree::Iterator::ToKeyAtLeast(std::string_view key) {
  depth_ = 0;
  std::uint32_t spelled = 0;  // bytes of key that the path to ref has spelled
  Ref ref = tree_->root_.load(std::memory_order_acquire);
  while (!ref.none() && !ref.is_entry()) {
    const Node& node = *ref.node();
    const int order = CompareSkipped(node, key, spelled);
    if (order > 0) {
      ToFirstKeyIn(ref);
      return false;
    }
    if (order < 0) {
      ref = Ref();
      break;
    }
    spelled = node.depth;
    Place& place = Push(node);
    if (key.size() == spelled) {
      ref = place.Terminal();
      break;
    }
    const auto byte = static_cast<std::uint8_t>(key[spelled]);
    ref = place.AtLeast(byte);
    if (!ref.none() && place.byte() != byte) {
      ToFirstKeyIn(ref);
      return false;
    }
    ++spelled;
  }
  // An entry that has every byte so far, or none: then the next key is a step away.
  if (!ref.none()) {
    newest_ = ref.entry();
    const int order = newest_->key().compare(key);
    if (order >= 0) return order == 0;
  }
  ToNextKey();
  return false;
}

bool RadixTree::Iterator::ToKeyAtMost(std::string_view key) {
  depth_ = 0;
  std::uint32_t spelled = 0;
  Ref ref = tree_->root_.load(std::memory_order_acquire);
  while (!ref.none() && !ref.is_entry()) {
    const Node& node = *ref.node();
    const int order = CompareSkipped(node, key, spelled);
    if (order < 0) {
      ToLastKeyIn(ref);
      return false;
    }
    if (order > 0) {
      ref = Ref();
      break;
    }
    spelled = node.depth;
    Place& place = Push(node);
    if (key.size() == spelled) {
      ref = place.Terminal();
      break;
    }
    const auto byte = static_cast<std::uint8_t>(key[spelled]);
    ref = place.AtMost(byte);
    if (!ref.none() && (place.at_terminal() || place.byte() != byte)) {
      ToLastKeyIn(ref);
      return false;
    }
    ++spelled;
  }
  if (!ref.none()) {
    newest_ = ref.entry();
    const int order = newest_->key().compare(key);
    if (order <= 0) return order == 0;
  }
  ToPreviousKey();
  return false;
}

void RadixTree::Iterator::ToOldest() {
  entry_ = newest_ == nullptr ? nullptr : OldestAtLeast(newest_, 0);
}

void RadixTree::Iterator::SeekToFirst() {
  depth_ = 0;
  const Ref root = tree_->root_.load(std::memory_order_acquire);
  newest_ = nullptr;
  if (!root.none()) ToFirstKeyIn(root);
  entry_ = newest_;
}

void RadixTree::Iterator::SeekToLast() {
  depth_ = 0;
  const Ref root = tree_->root_.load(std::memory_order_acquire);
  newest_ = nullptr;
  if (!root.none()) ToLastKeyIn(root);
  ToOldest();
}

void RadixTree::Iterator::Seek(std::string_view key, std::uint64_t trailer) {
  if (ToKeyAtLeast(key)) {
    entry_ = NewestAtMost(newest_, trailer);
    if (entry_ != nullptr) return;
    ToNextKey();
  }
  entry_ = newest_;
}

void RadixTree::Iterator::SeekForPrev(std::string_view key, std::uint64_t trailer) {
  if (ToKeyAtMost(key)) {
    entry_ = OldestAtLeast(newest_, trailer);
    if (entry_ != nullptr) return;
    ToPreviousKey();
  }
  ToOldest();
}

void RadixTree::Iterator::Next() {
  entry_ = OlderVersion(entry_);
  if (entry_ != nullptr) return;
  ToNextKey();
  entry_ = newest_;
}

void RadixTree::Iterator::Prev() {
  if (entry_ != newest_) {
    entry_ = OldestAtLeast(newest_, entry_->trailer + 1);
    return;
  }
  ToPreviousKey();
  ToOldest();
}

}  // namespace beachdb
