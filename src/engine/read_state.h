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
  // Of a level below 0: the one table whose key range may hold `key`; nullptr: none.
  TableSlot* Find(std::string_view key) const;

 private:
  std::vector<TableRef> tables_;
  // A search looks at one array: the largest key of every table, as a number made of the 8 bytes
  // behind what all of these keys begin with.
  std::string prefix_;
  std::vector<std::uint64_t> heads_;
};

struct ReadState {
  MemTableRef active;
  std::vector<MemTableRef> waiting;  // full, not yet in tables; newest first
  VersionRef version;
  std::array<LevelView, kLevels> levels;

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

}  // namespace beachdb
