#include "memtable/memtable.h"

#include "base/hash.h"

namespace beachdb {
namespace {

// The same for every memtable: heights are not guessable for an attacker only if they are secret,
// and a slow skip list is all that guessing them would buy.
constexpr std::uint64_t kSkipListSeed = 0xbeac4;

// By the only writer, so without a locked instruction.
void Increment(std::atomic<std::uint64_t>& counter) {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

MemTable::Structure MemTable::Build(MemTableKind kind, Arena& arena) {
  if (kind == MemTableKind::kSkipList) {
    return Structure(std::in_place_type<SkipList>, arena, kSkipListSeed);
  }
  return Structure(std::in_place_type<RadixTree>, arena);
}

MemTable::MemTable(MemTableKind kind, std::size_t full_bytes, PagePool* pool)
    : filter_(full_bytes / kFilterShare), arena_(pool), structure_(Build(kind, arena_)) {}

void MemTable::Add(std::string_view key, std::uint64_t trailer, std::string_view value) {
  filter_.Add(Hash64(key));  // before a reader can learn of the entry
  if (auto* tree = std::get_if<RadixTree>(&structure_)) {
    tree->Add(key, trailer, value);
  } else {
    std::get_if<SkipList>(&structure_)->Add(key, trailer, value);
  }
  Increment(entries_);
  if (TrailerKind(trailer) == Kind::kDelete) Increment(tombstones_);
}

bool MemTable::Get(std::string_view key, Seqno snapshot, MemHit* hit) const {
  const auto* tree = std::get_if<RadixTree>(&structure_);
  const Entry* entry = tree != nullptr
                           ? tree->Find(key, SeekTrailer(snapshot))
                           : std::get_if<SkipList>(&structure_)->Find(key, SeekTrailer(snapshot));
  if (entry == nullptr) return false;
  *hit = MemHit{entry->trailer, entry->value()};
  return true;
}

MemTable::Iterator MemTable::NewIterator() const {
  if (const auto* tree = std::get_if<RadixTree>(&structure_)) {
    return Iterator(RadixTree::Iterator(*tree));
  }
  return Iterator(SkipList::Iterator(*std::get_if<SkipList>(&structure_)));
}

}  // namespace beachdb
