#include "memtable/skiplist.h"

#include <new>

namespace beachdb {
namespace {

// The head holds no key, which NewEntry rightly refuses.
Entry* NewHead(Arena& arena) {
  constexpr std::size_t kTower = SkipList::kMaxHeight * sizeof(std::atomic<Entry*>);
  char* room = arena.AllocateAligned(kTower + sizeof(Entry));
  for (int i = 0; i < SkipList::kMaxHeight; ++i) {
    new (room + static_cast<std::size_t>(i) * sizeof(std::atomic<Entry*>))
        std::atomic<Entry*>(nullptr);
  }
  return new (room + kTower) Entry{};
}

}  // namespace

SkipList::SkipList(Arena& arena, std::uint64_t seed)
    : arena_(arena), random_(seed), head_(NewHead(arena)), height_(1) {}

int SkipList::RandomHeight() {
  int height = 1;
  while (height < kMaxHeight && random_.OneIn(kBranching)) ++height;
  return height;
}

Entry* SkipList::NewNode(int height, std::string_view key, std::uint64_t trailer,
                         std::string_view value) {
  const std::size_t tower = static_cast<std::size_t>(height) * sizeof(Link);
  Entry* node = NewEntry(arena_, tower, key, trailer, value);
  for (int level = 0; level < height; ++level) new (&NextOf(node, level)) Link(nullptr);
  return node;
}

void SkipList::Add(std::string_view key, std::uint64_t trailer, std::string_view value) {
  const int height = RandomHeight();
  int top = height_.load(std::memory_order_relaxed);
  if (height > top) {
    // A reader that sees the new height before the new links falls through the head's empty ones.
    height_.store(height, std::memory_order_relaxed);
    top = height;
  }
  Entry* previous[kMaxHeight];
  Entry* at = head_;
  for (int level = top - 1; level >= 0; --level) {
    Entry* next = NextOf(at, level).load(std::memory_order_relaxed);
    while (next != nullptr && IsBefore(next, key, trailer)) {
      at = next;
      next = NextOf(at, level).load(std::memory_order_relaxed);
    }
    previous[level] = at;
  }
  Entry* node = NewNode(height, key, trailer, value);
  for (int level = 0; level < height; ++level) {
    Link& link = NextOf(previous[level], level);
    NextOf(node, level).store(link.load(std::memory_order_relaxed), std::memory_order_relaxed);
    link.store(node, std::memory_order_release);
  }
}

SkipList::Place SkipList::Locate(std::string_view key, std::uint64_t trailer) const {
  Place place{head_, nullptr};
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    const Entry* stopped_above = place.at_or_after;  // need not be compared again
    const Entry* next = Next(place.before, level);
    while (next != nullptr && next != stopped_above && IsBefore(next, key, trailer)) {
      place.before = next;
      next = Next(place.before, level);
    }
    place.at_or_after = next;
  }
  return place;
}

const Entry* SkipList::Last() const {
  const Entry* at = head_;
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    for (const Entry* next = Next(at, level); next != nullptr; next = Next(at, level)) at = next;
  }
  return at;
}

const Entry* SkipList::Find(std::string_view key, std::uint64_t trailer) const {
  const Entry* entry = Locate(key, trailer).at_or_after;
  return entry != nullptr && entry->key() == key ? entry : nullptr;
}

void SkipList::Iterator::SeekForPrev(std::string_view key, std::uint64_t trailer) {
  const Place place = list_->Locate(key, trailer);
  const Entry* next = place.at_or_after;
  const bool exact = next != nullptr && next->trailer == trailer && next->key() == key;
  Set(exact ? next : place.before);
}

}  // namespace beachdb
