// The contents of a data block, searched where they lie: nothing is decoded to find an entry.
// Specified in docs/formats/sstable.md.
//
//   offset  size  field
//        0     4  entry count         n, at least 1
//        4     4  prefix length       p: bytes that all user keys of the block begin with
//        8     1  offset width        w: 2, or 4 when the block has 64 KiB or more
//        9     3  zero
//       12     p  prefix
//     12+p    4n  heads               of every key, the 4 bytes behind the prefix as one number,
//                                     first byte highest, zeros for bytes that are missing
//   12+p+4n w(n+1) offsets            of every entry, from the start of the block; then the end
//      ...        entries             back to back, to the end of the block:
//                   varint  r         bytes of the key behind the prefix, the head's included
//                   max(0, r-4)       the key bytes that are neither in the prefix nor in the head
//                   8       trailer   seqno << 8 | kind
//                   rest    value
//
// A search compares the prefix once, then 4-byte numbers in an array: for a block of 4 KiB these
// are two or three cache lines. Only entries whose head equals the target's are looked at. The
// technique: key heads ("poor man's normalized keys", Graefe and Larson 2001) in a slotted page.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/coding.h"
#include "beachdb/result.h"
#include "kv/internal_key.h"

namespace beachdb {

inline constexpr std::size_t kDataBlockHeaderSize = 12;
// Readers copy key bytes in steps of 16, so they may read (never use) this much past the end.
inline constexpr std::size_t kBlockSlack = 16;

// A view of a block that was validated or that we made. Copies are cheap; the bytes, and
// kBlockSlack more, must outlive it.
class DataBlock {
 public:
  struct Entry {
    std::uint32_t remainder_size;  // bytes of the key behind the prefix
    const char* tail;              // those of them that are not in the head
    std::uint64_t trailer;
    std::string_view value;

    std::uint32_t tail_size() const { return remainder_size > 4 ? remainder_size - 4 : 0; }
  };

  DataBlock() = default;
  explicit DataBlock(const char* base)
      : base_(base),
        size_(LoadFixed32(base)),
        prefix_size_(LoadFixed32(base + 4)),
        wide_(base[8] == 4),
        heads_(base + kDataBlockHeaderSize + prefix_size_),
        offsets_(heads_ + std::size_t{4} * size_) {}

  // Everything that the functions below rely on, in one pass: sizes, offsets, keys within their
  // limits, kinds. After this no search can leave the block. Not the order of the keys: a wrong one
  // (which the checksum makes a bug) gives wrong answers, and Table::Verify finds it.
  static Status Validate(std::string_view raw);

  std::uint32_t size() const { return size_; }  // entries
  std::string_view prefix() const { return {base_ + kDataBlockHeaderSize, prefix_size_}; }
  std::uint32_t Head(std::uint32_t i) const { return LoadFixed32(heads_ + std::size_t{4} * i); }

  Entry At(std::uint32_t i) const {
    const char* p = base_ + Offset(i);
    const char* end = base_ + Offset(i + 1);
    Entry entry;
    entry.remainder_size = static_cast<unsigned char>(*p++);
    if (entry.remainder_size >= 0x80) p = LoadLongSize(p, &entry.remainder_size);
    entry.tail = p;
    p += entry.tail_size();
    entry.trailer = LoadFixed64(p);
    entry.value = {p + 8, static_cast<std::size_t>(end - p - 8)};
    return entry;
  }

  const char* base() const { return base_; }
  // Where the entries begin.
  const char* entries() const { return base_ + Offset(0); }

  // Asks for the lines of a block at `base` that a search touches first: the header, the heads and
  // the offsets. Nothing needs to be valid there.
  static void Prefetch(const char* base) {
    constexpr int kLines = 4;
    for (int line = 0; line < kLines; ++line) __builtin_prefetch(base + 64 * line);
  }

  // Asks for the lines in front of entry i (or of the end), where a walk back goes: processors see
  // by themselves only where one forward goes.
  void PrefetchBefore(std::uint32_t i) const {
    constexpr std::ptrdiff_t kLines = 16;
    const char* entry = base_ + Offset(i);
    for (std::ptrdiff_t line = 1; line <= kLines; ++line) __builtin_prefetch(entry - 64 * line);
  }

  // The whole user key of entry i, put together: for tools; iterators keep the prefix.
  void CopyKey(std::uint32_t i, std::string* key) const;

  // A lookup in two steps, so that a caller may do others meanwhile. Aim: the first entry that may
  // be of `key`, or size(); asks for its lines. Find: the newest version of `key` at or after
  // `trailer`; false: none is here.
  std::uint32_t Aim(std::string_view key) const;
  bool Find(std::uint32_t aim, std::string_view key, std::uint64_t trailer, Entry* entry) const;

  // The first entry at or after (key, trailer) in internal key order; size() if there is none.
  std::uint32_t LowerBound(std::string_view key, std::uint64_t trailer) const;
  // How many heads a search looks at: a halving of all of them, and the last one.
  std::uint32_t HeadsCompared() const {
    return static_cast<std::uint32_t>(std::bit_width(size_ - 1)) + 1;
  }
  // Whether the user key of entry i is `key`.
  bool KeyEquals(std::uint32_t i, std::string_view key) const;

 private:
  std::size_t Offset(std::uint32_t i) const {
    return wide_ ? LoadFixed32(offsets_ + std::size_t{4} * i)
                 : LoadFixed16(offsets_ + std::size_t{2} * i);
  }
  // The rest of a varint whose first byte, at p[-1], had its high bit set.
  static const char* LoadLongSize(const char* p, std::uint32_t* size);
  std::uint32_t FirstByHead(std::uint32_t head) const;
  int Compare(std::uint32_t i, std::string_view rest, std::uint64_t trailer) const;
  std::uint32_t LowerBoundAmongEqualHeads(std::uint32_t first, std::string_view rest,
                                          std::uint64_t trailer) const;

  const char* base_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t prefix_size_ = 0;
  bool wide_ = false;
  const char* heads_ = nullptr;
  const char* offsets_ = nullptr;
};

}  // namespace beachdb
