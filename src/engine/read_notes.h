// What a point lookup notes of its way, when somebody wants to know (beachdb/explain.h).
//
// PointReader::Get is made twice, with and without notes, from the same lines; without, nothing is
// left of them. The order of calls is that of the lookup:
//
//   MemTable    each memtable that was asked, newest first
//   Table       a table is about to be asked; Outcome says what came of it
//
// Thread safety: none.
#pragma once

#include <cstdint>

#include "beachdb/explain.h"
#include "engine/table_cache.h"
#include "io/clock.h"
#include "kv/internal_key.h"
#include "memtable/memtable.h"
#include "sstable/block_trace.h"

namespace beachdb {

// Of what settled a get: `found`, that it is a value.
inline Finding FindingOf(std::uint64_t trailer, bool found) {
  if (found) return Finding::kValue;
  if (TrailerKind(trailer) == Kind::kDeleteRange) return Finding::kRangeDeleted;
  return TrailerKind(trailer) == Kind::kPutExpiring ? Finding::kExpired : Finding::kTombstone;
}

struct NoReadNotes {
  void MemTable(Finding /*finding*/, Seqno /*seqno*/ = 0) const {}
  void Table(const TableSlot& /*slot*/, const beachdb::Table* /*open*/) const {}
  static NoBlockNotes Block() { return {}; }
  void Outcome(Finding /*finding*/, Seqno /*seqno*/ = 0) const {}
};

// Fills in an explanation whose memtables and levels stand there already, nothing asked.
class ReadNotes {
 public:
  ReadNotes(Clock& clock, GetExplanation& explanation)
      : clock_(clock), explanation_(explanation), last_(clock.MonotonicNanos()) {}

  // `seqno`: of the version that settles it.
  void MemTable(Finding finding, Seqno seqno = 0);
  void Table(const TableSlot& slot, const beachdb::Table* open);
  BlockNotes Block() { return BlockNotes(&block_); }
  void Outcome(Finding finding, Seqno seqno = 0);

 private:
  // Since the step before.
  std::uint64_t Lap();
  void Settle(Finding finding, Seqno seqno);

  Clock& clock_;
  GetExplanation& explanation_;
  std::uint64_t last_;
  std::size_t next_memtable_ = 0;
  ExplainedTable* table_ = nullptr;  // the one being asked
  BlockTrace block_;
};

}  // namespace beachdb
