// Everything that a read looks at, at one moment: the memtables and the tables of one version.
//
// Immutable. The engine publishes the newest one in an atomic pointer; point reads use it under an
// EpochGuard, iterators and pinned values count themselves (Ref), and whoever goes last frees it.
//
// Why a reader loads the read state first and the visible seqno second: the state then holds every
// write that was acknowledged before the read began, and what became visible in between either is
// in it or lies wholly behind it; both ways the read sees a prefix of the commit order.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/coding.h"
#include "engine/table_cache.h"
#include "manifest/version.h"
#include "memtable/memtable.h"

namespace beachdb {

using MemTableRef = std::shared_ptr<MemTable>;

// The tables of one level, laid out for point lookups.
class LevelView {
 public:
  LevelView() = default;
  explicit LevelView(std::vector<TableRef> tables);

  bool empty() const { return tables_.empty(); }
  const std::vector<TableRef>& tables() const { return tables_; }

  // The first of the tables [begin, end) whose largest key is at or behind `key`; `end`: there is
  // none. REQUIRES: these are in key order and disjoint.
  std::size_t FirstReaching(std::string_view key, std::size_t begin, std::size_t end) const;
  // Of a level below 0: the one table whose key range holds `key`; nullptr: none.
  TableSlot* Find(std::string_view key) const;
  // Of level 0: visits all tables whose key ranges hold `key`, newest first.
  template <typename Visit>
  void VisitHolders(std::string_view key, Visit visit) const {
    if (!EqualBytes(key.substr(0, prefix_.size()), prefix_)) return;
    const std::uint64_t head = KeyHead64(key.substr(prefix_.size()));
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      if (Begins(i, key, head) && Reaches(i, key, head)) visit(*tables_[i]);
    }
  }

 private:
  std::size_t FirstReaching(std::string_view key, std::uint64_t head, std::size_t begin,
                            std::size_t end) const;
  // Whether the smallest key of table i is at or before `key`, its largest at or behind it. `head`
  // is that of `key`. The keys themselves are looked at only where heads are equal.
  bool Begins(std::size_t i, std::string_view key, std::uint64_t head) const {
    return smallest_[i] < head || (smallest_[i] == head && tables_[i]->file().smallest <= key);
  }
  bool Reaches(std::size_t i, std::string_view key, std::uint64_t head) const {
    return head < largest_[i] || (head == largest_[i] && key <= tables_[i]->file().largest);
  }

  std::vector<TableRef> tables_;
  // What a search looks at: the smallest and the largest key of every table, as numbers made of the
  // 8 bytes behind what all of these keys begin with.
  std::string prefix_;
  std::vector<std::uint64_t> smallest_;
  std::vector<std::uint64_t> largest_;
};

struct ReadState {
  MemTableRef active;
  std::vector<MemTableRef> waiting;  // full, not yet in tables; newest first
  VersionRef version;
  std::array<LevelView, kLevels> levels;
  std::vector<TableRef> with_ranges;  // those tables that have range tombstones

  ReadState(MemTableRef active_table, std::vector<MemTableRef> waiting_tables,
            VersionRef live_version, TableCache& tables);
  ReadState(const ReadState&) = delete;
  ReadState& operator=(const ReadState&) = delete;

  // Born with one reference: the engine's.
  void Ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  ~ReadState() = default;
  std::atomic<std::uint32_t> references_{1};
};

// One reference, given back however the scope is left.
struct UnrefReadState {
  void operator()(ReadState* state) const { state->Unref(); }
};
using ReadStateRef = std::unique_ptr<ReadState, UnrefReadState>;

}  // namespace beachdb
