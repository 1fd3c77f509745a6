#include "base/histogram.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace beachdb {

void Histogram::Merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::Percentile(double percent) const {
  CHECK(percent >= 0 && percent <= 100);
  if (count_ == 0) return 0;
  const double exact = std::ceil(percent / 100 * static_cast<double>(count_));
  const std::uint64_t rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(exact));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min(BucketUpper(i), max_);
  }
  return max_;
}

// The inverse of BucketOf: the largest value that falls into the bucket.
std::uint64_t Histogram::BucketUpper(std::size_t bucket) {
  if (bucket < 2 * kParts) return bucket;
  const std::size_t shift = (bucket >> kPartBits) - 1;
  const std::uint64_t part = kParts + (bucket & (kParts - 1));
  return (part << shift) + ((std::uint64_t{1} << shift) - 1);
}

}  // namespace beachdb
