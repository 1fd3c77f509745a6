// What every source of entries (memtable, table, level, merge) offers to walk it. A concept, not a
// base class: the merge is a template over its sources, and the compiler sees through every call.
//
// Entries come in internal key order (kv/internal_key.h): all versions, tombstones included. Views
// stay good until the iterator moves. Seek(key, trailer) goes to the first entry at or after that
// internal key, SeekForPrev to the last one at or before it. An error makes the iterator invalid
// and shows in status().
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb {

template <typename T>
concept EntryIterator = requires(T it, const T cit, std::string_view key, std::uint64_t trailer) {
  { cit.Valid() } -> std::same_as<bool>;
  { cit.user_key() } -> std::same_as<std::string_view>;
  { cit.trailer() } -> std::same_as<std::uint64_t>;
  { cit.value() } -> std::same_as<std::string_view>;
  { cit.status() } -> std::same_as<Status>;
  it.SeekToFirst();
  it.SeekToLast();
  it.Seek(key, trailer);
  it.SeekForPrev(key, trailer);
  it.Next();
  it.Prev();
};

}  // namespace beachdb
