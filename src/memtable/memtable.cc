#include "memtable/memtable.h"

#include <cstring>

#include "base/epoch.h"
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

// Nobody reads it any more, so its set goes at once.
MemTable::~MemTable() { delete ranges_.load(std::memory_order_relaxed); }

void MemTable::Apply(std::string_view batch, Seqno first_seqno) {
  Seqno seqno = first_seqno;
  BatchReader reader(batch);
  for (BatchOp op; reader.Next(op); ++seqno) {
    if (op.kind <= Kind::kPut) [[likely]] {
      Add(op.key, PackTrailer(seqno, op.kind), op.value);
    } else {
      ApplyRare(op, seqno);
    }
  }
  if (all_ranges_.size() != range_tombstones()) [[unlikely]]
    PublishRanges();
}

void MemTable::ApplyRare(const BatchOp& op, Seqno seqno) {
  switch (op.kind) {
    case Kind::kPutExpiring:
      has_expiring_.store(true, std::memory_order_relaxed);
      [[fallthrough]];
    case Kind::kDelete:
    case Kind::kPut:
      Add(op.key, PackTrailer(seqno, op.kind), op.value);
      break;
    case Kind::kDeleteRange:
      AddRange(op.key, op.value, seqno);
      break;
    case Kind::kGuard:  // was asked when the batch was committed
      break;
  }
}

void MemTable::AddRange(std::string_view begin, std::string_view end, Seqno seqno) {
  const auto keep = [this](std::string_view key) {
    char* copy = arena_.Allocate(key.size());
    std::memcpy(copy, key.data(), key.size());
    return std::string_view(copy, key.size());
  };
  all_ranges_.push_back({keep(begin), keep(end), seqno});
}

void MemTable::PublishRanges() {
  const auto* fresh = new RangeSet(all_ranges_, ranges_.load(std::memory_order_relaxed));
  ranges_memory_.store(fresh->MemoryUsage() + all_ranges_.capacity() * sizeof(RangeTombstone),
                       std::memory_order_relaxed);
  range_tombstones_.store(all_ranges_.size(), std::memory_order_relaxed);
  const RangeSet* stale = ranges_.exchange(fresh, std::memory_order_acq_rel);
  if (stale == nullptr) return;
  const std::size_t bytes = stale->MemoryBeside(*fresh);
  Retire(
      const_cast<RangeSet*>(stale), [](void* set) { delete static_cast<RangeSet*>(set); }, bytes);
}

void MemTable::AppendRanges(std::vector<RangeTombstone>& out) const {
  const EpochGuard guard;
  if (const RangeSet* set = ranges(); set != nullptr) set->AppendTo(out);
}

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
