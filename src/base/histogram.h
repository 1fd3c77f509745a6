// How often each value came, with a relative error of at most 1/16: what percentiles are read from.
//
// Buckets are log-linear: each power of two is cut into 16 equal parts, and values below 16 have a
// bucket each. So 64-bit values need a fixed 976 buckets (8 KiB), and adding one is a few
// instructions without a branch that misses.
//
// Thread safety: none; one histogram per thread, merged afterwards.
// Limits: any 64-bit value; the unit is the caller's.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace beachdb {

class Histogram {
 public:
  void Add(std::uint64_t value) {
    ++buckets_[BucketOf(value)];
    ++count_;
    sum_ += static_cast<double>(value);
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }
  void Merge(const Histogram& other);
  void Clear() { *this = Histogram(); }

  std::uint64_t Count() const { return count_; }
  std::uint64_t Min() const { return count_ == 0 ? 0 : min_; }
  std::uint64_t Max() const { return max_; }
  double Mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  // The value that `percent` of all values do not exceed: the upper end of its bucket, but never
  // more than Max(). 0 when empty. REQUIRES: 0 <= percent <= 100.
  std::uint64_t Percentile(double percent) const;

 private:
  static constexpr int kPartBits = 4;
  static constexpr std::size_t kParts = std::size_t{1} << kPartBits;
  static constexpr std::size_t kBuckets = (64 - kPartBits + 1) * kParts;

  static std::size_t BucketOf(std::uint64_t value) {
    if (value < kParts) return static_cast<std::size_t>(value);
    const int shift = std::bit_width(value) - 1 - kPartBits;
    return (static_cast<std::size_t>(shift) << kPartBits) +
           static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t BucketUpper(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
};

}  // namespace beachdb
