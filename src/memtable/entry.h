// One version of one key, as both structures keep it in the arena: this header, the bytes of the
// key, the bytes of the value. What a structure needs beside it (a tower, links to older versions)
// lies before the header, so that whoever holds an entry reads on in one direction.
//
// Thread safety: immutable from the moment that it is published (a release store of its address).
// Lifetime: that of the arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

#include "base/arena.h"
#include "base/check.h"
#include "beachdb/options.h"

namespace beachdb {

struct Entry {
  std::uint64_t trailer;
  std::uint32_t key_size : 31;
  std::uint32_t has_older : 1;  // VersionLinks lie before it (memtable/version_chain.h)
  std::uint32_t value_size;

  std::string_view key() const { return {Bytes(), key_size}; }
  std::string_view value() const { return {Bytes() + key_size, value_size}; }

 private:
  const char* Bytes() const { return reinterpret_cast<const char*>(this + 1); }
};
static_assert(sizeof(Entry) == 16 && alignof(Entry) == 8);

// Bytes of the arena that an entry takes, what lies before it not counted: whole words, so that
// everything in the arena stays aligned and nothing is lost to padding.
inline constexpr std::size_t EntrySize(std::size_t key_size, std::size_t value_size) {
  return (sizeof(Entry) + key_size + value_size + 7) & ~std::size_t{7};
}

// Copies key and value behind `room_before` bytes (a multiple of 8) for the structure's own use.
inline Entry* NewEntry(Arena& arena, std::size_t room_before, std::string_view key,
                       std::uint64_t trailer, std::string_view value) {
  CHECK(key.size() >= kMinKeySize && key.size() <= kMaxKeySize && value.size() <= kMaxValueSize);
  char* room = arena.AllocateAligned(room_before + EntrySize(key.size(), value.size()));
  Entry* entry = new (room + room_before) Entry{trailer, static_cast<std::uint32_t>(key.size()), 0,
                                                static_cast<std::uint32_t>(value.size())};
  char* bytes = reinterpret_cast<char*>(entry + 1);
  std::memcpy(bytes, key.data(), key.size());
  if (!value.empty()) std::memcpy(bytes + key.size(), value.data(), value.size());
  return entry;
}

}  // namespace beachdb
