// A filter answers "certainly not here" for most absent keys at the price of one cache line.
// Specified in docs/formats/filter.md.
//
//   offset  size  field
//        0     4  filter kind         1: blocked Bloom
//        4     4  probes              k, 1 to 14: bits set for each key
//        8     4  line count          n, at least 1
//       12     4  zero
//       16   64n  lines               512 bits each; bit b of a line is bit b%8 of its byte b/8
//
// A key with hash h = Hash64(user key) lives in line (h * n) >> 64. Its bits are the top 9-bit
// fields of h * kProbeMultiplier mod 2^64: field i is (product >> (55 - 9i)) & 511 for i = 0 to 6.
// Fields 7 to 13 come from product * kProbeMultiplier in the same way.
// The technique: blocked Bloom filters (Putze, Sanders, Singler 2007).
//
// Thread safety: a Filter is immutable; a FilterBuilder belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb {

inline constexpr std::size_t kFilterHeaderSize = 16;
inline constexpr std::size_t kFilterLineSize = 64;  // bytes
inline constexpr std::uint32_t kFilterKindBlockedBloom = 1;
inline constexpr int kMaxFilterProbes = 14;
inline constexpr std::uint64_t kProbeMultiplier = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio, odd

__extension__ using Uint128 = unsigned __int128;

// How many probes make the fewest false positives at so many bits a key.
int FilterProbes(int bits_per_key);

// Calls `visit(bit)` for the k bits of a key within its line, as long as it returns true.
template <typename Visit>
inline bool VisitFilterBits(std::uint64_t hash, int probes, Visit visit) {
  std::uint64_t product = hash * kProbeMultiplier;
  for (int i = 0; i < probes; ++i) {
    if (i == 7) product = hash * kProbeMultiplier * kProbeMultiplier;
    if (!visit(static_cast<unsigned>(product >> 55))) return false;
    product <<= 9;
  }
  return true;
}

class FilterBuilder {
 public:
  explicit FilterBuilder(int bits_per_key) : bits_per_key_(bits_per_key) {}

  // Once for every distinct user key.
  void AddHash(std::uint64_t hash) { hashes_.push_back(hash); }
  std::size_t EstimatedSize() const;
  // The filter block's contents. REQUIRES: at least one key.
  std::string Finish() const;

 private:
  std::size_t Lines() const;

  int bits_per_key_;
  std::deque<std::uint64_t> hashes_;  // grows without being copied, in small pieces
};

class Filter {
 public:
  // An empty filter lets every key through.
  Filter() = default;
  // Copies the lines into memory aligned to cache lines.
  static Result<Filter> Decode(std::string_view contents);

  void Prefetch(std::uint64_t hash) const {
    if (lines_ != 0) __builtin_prefetch(&bits_[Line(hash)]);
  }
  bool MayContain(std::uint64_t hash) const {
    if (lines_ == 0) return true;
    const std::uint64_t* words = bits_[Line(hash)].words;
    return VisitFilterBits(hash, probes_, [words](unsigned bit) {
      return ((words[bit / 64] >> (bit % 64)) & 1) != 0;
    });
  }

  int probes() const { return probes_; }
  std::uint32_t lines() const { return lines_; }
  std::size_t memory_usage() const { return std::size_t{lines_} * kFilterLineSize; }

 private:
  struct alignas(kFilterLineSize) Bits {
    std::uint64_t words[8];
  };
  std::size_t Line(std::uint64_t hash) const {
    return static_cast<std::size_t>((Uint128{hash} * lines_) >> 64);
  }

  std::unique_ptr<Bits[]> bits_;
  std::uint32_t lines_ = 0;
  int probes_ = 0;
};

}  // namespace beachdb
