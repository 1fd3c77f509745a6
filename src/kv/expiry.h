// Values with an end: what a put with expiry stores, in batches, memtables and tables.
//
//   offset  size  field
//        0     8  expires at          seconds of the database's clock, little-endian
//        8     n  value
//
// From that second on the entry is as good as a tombstone to every reader, snapshots included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/coding.h"
#include "kv/internal_key.h"

namespace beachdb {

inline constexpr std::size_t kExpirySize = 8;

// REQUIRES: at least kExpirySize bytes, here and below.
inline std::uint64_t ExpiresAt(std::string_view stored) { return LoadFixed64(stored.data()); }
inline std::string_view ValueBehindExpiry(std::string_view stored) {
  return stored.substr(kExpirySize);
}

inline std::string WithExpiry(std::uint64_t expires_at, std::string_view value) {
  std::string stored;
  stored.reserve(kExpirySize + value.size());
  PutFixed64(stored, expires_at);
  return stored.append(value);
}

}  // namespace beachdb
