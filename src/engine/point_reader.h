// Point lookups: the newest version of a key that a snapshot may see.
//
//   memtables, newest first     no I/O, no lock; most of them are excused by their filter
//   level 0, newest run first   one filter line and at most one block each
//   deeper levels               one table each: found by its range, then filter, then block
//
// The filter lines of all candidate tables are prefetched together before the memtables are
// searched, so that their cache misses overlap each other and the search.
//
// A range tombstone that covers the key hides what is older, in its own run and in all older ones:
// so each run is asked for one, and the lookup ends there. Where there are none that is one load.
//
// Of many keys, the blocks that are not cached are read at once (sstable/block_batch.h).
//
// Thread safety: all of it. REQUIRES: an EpochGuard around every call, for as long as the hit is
// used without a pin.
// Errors: kCorruption and kIoError of the table that failed; no older version is returned instead.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "beachdb/result.h"
#include "engine/engine_context.h"
#include "engine/read_notes.h"
#include "engine/read_state.h"
#include "sstable/table_probe.h"

namespace beachdb {

// Where a lookup ended.
struct PointHit {
  bool found = false;        // a value, not a tombstone
  bool in_memtable = false;  // value lies in a memtable of the read state, else in a block
  std::string_view value;
  // Its trailer is that of what settled the lookup, wherever that was, range tombstones included
  // (0: nothing did); the rest is of a table's block.
  TableHit table;
};

class PointReader {
 public:
  PointReader(EngineContext& context, const ReadState& state, Seqno snapshot, bool fill_cache)
      : context_(context), state_(state), snapshot_(snapshot), fill_cache_(fill_cache) {}

  Status Get(std::string_view key, PointHit* hit) { return Get(key, hit, NoReadNotes()); }
  // The same, noting its way. `notes`: NoReadNotes or ReadNotes& (engine/read_notes.h).
  template <typename Notes>
  Status Get(std::string_view key, PointHit* hit, Notes&& notes);
  // As many gets, in stages, so that the misses of different keys overlap. The i-th status belongs
  // to the i-th key. REQUIRES: spans of equal size.
  Status GetMany(std::span<const std::string_view> keys, std::span<PointHit> hits);

 private:
  static constexpr std::size_t kCandidatesMax = 24;

  // The tables that may hold one key, newest first.
  struct Candidates {
    std::string_view key;
    std::uint64_t hash = 0;
    std::size_t count = 0;
    bool more = false;  // level 0 has more runs than fit: SearchTables asks them all
    TableSlot* slots[kCandidatesMax];
    Table* tables[kCandidatesMax];  // nullptr: not open
  };

  // One of many keys on its way.
  struct Lookup {
    Candidates candidates;
    TableProbe probe;
    std::size_t next = 0;  // the candidate that the probe aims at; those before it are done with
    bool settled = false;  // by a memtable
    bool aimed = false;    // the probe goes on
  };

  void FindCandidates(std::string_view key, Candidates& candidates) const;
  template <typename Notes>
  bool SearchMemTables(const Candidates& candidates, PointHit* hit, Notes& notes) const;
  // The candidates from `first` on.
  template <typename Notes>
  Status SearchTables(const Candidates& candidates, std::size_t first, PointHit* hit, Notes& notes);
  // Hardly ever: level 0 is far beyond its limit.
  template <typename Notes>
  Status SearchAllTables(const Candidates& candidates, PointHit* hit, Notes& notes);
  // True: settled, found or deleted.
  template <typename Notes>
  Result<bool> SearchTable(TableSlot& slot, Table* table, const Candidates& candidates,
                           PointHit* hit, Notes& notes);
  template <typename Notes>
  static bool Nothing(Finding why, Seqno covering, PointHit* hit, Notes& notes);
  bool AimAtTable(Lookup& lookup);
  Status ReadMissing(std::span<Lookup> lookups);
  Status FinishLookup(Lookup& lookup, PointHit* hit);
  // The version that settles the lookup, or the range tombstone that hides it.
  void Settle(std::uint64_t trailer, std::string_view stored, PointHit* hit) const {
    hit->table.trailer = trailer;
    hit->value = stored;
    hit->found = TrailerKind(trailer) == Kind::kPut;
    if (TrailerKind(trailer) == Kind::kPutExpiring) [[unlikely]]
      SettleByClock(stored, hit);
  }
  void SettleByClock(std::string_view stored, PointHit* hit) const;
  static void SettleByRange(Seqno seqno, PointHit* hit);
  void Count(std::uint64_t gets, std::uint64_t found);

  EngineContext& context_;
  const ReadState& state_;
  const Seqno snapshot_;
  const bool fill_cache_;
};

}  // namespace beachdb
