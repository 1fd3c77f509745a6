// Keys that a writer puts one after the other, so that a reader beside him can tell a prefix.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "beachdb/db.h"

namespace beachdb {

inline std::string KeyInOrder(std::uint64_t i) { return fmt::format("key{:08}", i); }
inline std::string ValueInOrder(std::uint64_t i) {
  return fmt::format("value {} ", i) + std::string(i % 90, 'v');
}

// How many of them are there; throws unless they are the first so many.
inline std::uint64_t PrefixIn(const Db& db) {
  std::uint64_t count = 0;
  Iterator it = db.NewIterator();
  for (it.SeekToFirst(); it.Valid(); it.Next(), ++count) {
    if (it.key() != KeyInOrder(count) || it.value() != ValueInOrder(count)) {
      throw std::runtime_error(
          fmt::format("{} stands where {} should", it.key(), KeyInOrder(count)));
    }
  }
  if (!it.status().ok()) throw std::runtime_error(it.status().ToString());
  return count;
}

}  // namespace beachdb
