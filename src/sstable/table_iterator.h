// Walks the entries of one table, both ways. An EntryIterator (kv/iterator.h), concrete.
//
// Lifetime: the Table must outlive it. Holds one block (a BlockRef) at a time.
// Long forward walks read ahead in growing steps (from 16 KiB up to 1 MiB).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "sstable/table.h"

namespace beachdb {

enum class ScanKind : std::uint8_t {
  kRead,     // a user's iterator: fills the cache with CachePriority::kScan
  kNoFill,   // ReadOptions::fill_cache off
  kCompact,  // background: own large reads past the cache, never fills it
};

class TableIterator {
 public:
  TableIterator(Table& table, ScanKind kind);

  bool Valid() const;
  std::string_view user_key() const;
  std::uint64_t trailer() const;
  std::string_view value() const;
  Status status() const;
  void SeekToFirst();
  void SeekToLast();
  void Seek(std::string_view key, std::uint64_t trailer);
  void SeekForPrev(std::string_view key, std::uint64_t trailer);
  void Next();
  void Prev();
};

}  // namespace beachdb
