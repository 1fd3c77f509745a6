// All versions of one key, newest first: an immutable linked list that can be searched.
//
// Every version but the first carries links before its header: to the next older version, and a
// jump over many of them. The jump lengths follow the skew binary numbers, so that a push costs
// O(1) and a search O(log n): a counter that is overwritten a million times in one memtable costs
// a reader at an old snapshot some forty steps, and walking the list backwards needs no stack.
//
// Thread safety: a list never changes; a push makes a new head, which the caller publishes.
// Technique: E. Myers, "An applicative random-access stack", 1983.
#pragma once

#include <cstdint>
#include <string_view>

#include "memtable/entry.h"

namespace beachdb {

struct VersionLinks {
  const Entry* older;
  const Entry* jump;
  std::uint64_t length;  // versions from here to the oldest
};
static_assert(sizeof(VersionLinks) == 24);

// REQUIRES: entry->has_older.
inline const VersionLinks& LinksOf(const Entry* entry) {
  return reinterpret_cast<const VersionLinks*>(entry)[-1];
}

inline const Entry* OlderVersion(const Entry* entry) {
  return entry->has_older ? LinksOf(entry).older : nullptr;
}

// The new head of the list whose head was `newest`. REQUIRES: a larger trailer than its.
Entry* PushVersion(Arena& arena, const Entry* newest, std::string_view key, std::uint64_t trailer,
                   std::string_view value);

// The newest version whose trailer is at most `trailer`; nullptr: all are newer.
inline const Entry* NewestAtMost(const Entry* entry, std::uint64_t trailer) {
  while (entry->trailer > trailer) {
    if (!entry->has_older) return nullptr;
    const VersionLinks& links = LinksOf(entry);
    entry = links.jump->trailer > trailer ? links.jump : links.older;
  }
  return entry;
}

// The oldest version whose trailer is at least `trailer`; nullptr: all are older.
inline const Entry* OldestAtLeast(const Entry* entry, std::uint64_t trailer) {
  if (entry->trailer < trailer) return nullptr;
  while (entry->has_older) {
    const VersionLinks& links = LinksOf(entry);
    if (links.jump->trailer >= trailer) {
      entry = links.jump;
    } else if (links.older->trailer >= trailer) {
      entry = links.older;
    } else {
      break;
    }
  }
  return entry;
}

}  // namespace beachdb
