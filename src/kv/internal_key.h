// An internal key: a user key and the version of it that an entry holds.
// Specified in docs/formats/internal_key.md.
//
//   offset    size  field
//        0       n  user key
//        n       8  trailer: seqno << 8 | kind, little-endian
//
// Order: user key ascending by unsigned byte, then trailer descending: the newest version first.
// Seqnos have 56 bits.
#pragma once

#include <cstdint>
#include <string_view>

namespace beachdb {

using Seqno = std::uint64_t;

inline constexpr Seqno kMaxSeqno = (Seqno{1} << 56) - 1;

// Stored in logs and tables. 0 is never valid, so that zeros are never an entry.
enum class Kind : std::uint8_t {
  kDelete = 1,
  kPut = 2,
  kDeleteRange = 3,  // a range tombstone (range_tombstones.h): never an entry of its own
  kGuard = 4,        // a precondition: in batches only
  kPutExpiring = 5,  // a put whose value begins with the time of its end (expiry.h)
};
// "put", "delete_range": as dumps and labels call it; "unknown".
inline constexpr std::string_view KindName(Kind kind) {
  constexpr std::string_view kNames[] = {"unknown",      "delete", "put",
                                         "delete_range", "guard",  "put_expiring"};
  const auto i = static_cast<std::uint8_t>(kind);
  return kNames[i <= static_cast<std::uint8_t>(Kind::kPutExpiring) ? i : 0];
}
// The largest kind: a trailer made of it sorts before every other of its seqno.
inline constexpr Kind kKindForSeek = Kind{255};

inline constexpr std::uint64_t PackTrailer(Seqno seqno, Kind kind) {
  return seqno << 8 | static_cast<std::uint8_t>(kind);
}
inline constexpr Seqno TrailerSeqno(std::uint64_t trailer) { return trailer >> 8; }
inline constexpr Kind TrailerKind(std::uint64_t trailer) {
  return static_cast<Kind>(trailer & 0xff);
}
// What to seek to for the newest version that a reader at `snapshot` may see.
inline constexpr std::uint64_t SeekTrailer(Seqno snapshot) {
  return PackTrailer(snapshot, kKindForSeek);
}

// Negative, zero, positive: a before, equal to, after b.
inline int CompareInternal(std::string_view a_key, std::uint64_t a_trailer, std::string_view b_key,
                           std::uint64_t b_trailer) {
  if (const int order = a_key.compare(b_key); order != 0) return order;
  return a_trailer > b_trailer ? -1 : a_trailer < b_trailer ? 1 : 0;
}

}  // namespace beachdb
