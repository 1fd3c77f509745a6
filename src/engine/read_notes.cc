#include "engine/read_notes.h"

#include <utility>

#include "base/check.h"

namespace beachdb {

std::uint64_t ReadNotes::Lap() {
  const std::uint64_t now = clock_.MonotonicNanos();
  return now - std::exchange(last_, now);
}

void ReadNotes::Settle(Finding finding, Seqno seqno) {
  if (finding < Finding::kValue) return;
  explanation_.answer = finding;
  explanation_.seqno = seqno;
}

void ReadNotes::MemTable(Finding finding, Seqno seqno) {
  CHECK(next_memtable_ < explanation_.memtables.size());
  ExplainedMemTable& memtable = explanation_.memtables[next_memtable_++];
  memtable.finding = finding;
  memtable.nanos = Lap();
  Settle(finding, seqno);
}

void ReadNotes::Table(const TableSlot& slot, const beachdb::Table* open) {
  Lap();
  block_ = BlockTrace();
  table_ = nullptr;
  for (ExplainedLevel& level : explanation_.levels) {
    for (ExplainedTable& table : level.tables) {
      if (table.number == slot.file().number) table_ = &table;
    }
  }
  CHECK(table_ != nullptr);
  table_->opened = open == nullptr;
}

void ReadNotes::Outcome(Finding finding, Seqno seqno) {
  table_->finding = finding;
  table_->nanos = Lap();
  if (block_.blocks > 0) {
    table_->block = ExplainedBlock{.number = block_.number,
                                   .blocks = block_.blocks,
                                   .offset = block_.handle.offset,
                                   .bytes = block_.handle.size,
                                   .cached = block_.cached,
                                   .entries = block_.entries,
                                   .compared = block_.compared,
                                   .newer = block_.newer};
  }
  Settle(finding, seqno);
}

}  // namespace beachdb
