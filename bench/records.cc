#include "bench/records.h"

#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "base/strings.h"

namespace beachdb::bench {

KeySpace::KeySpace(KeyShape shape, std::uint64_t count)
    : shape_(shape),
      count_(count),
      stride_(~std::uint64_t{0} / count),
      gaps_(shape == KeyShape::kDecimal ? (count + 9) / 10 : count),
      gap_step_(gaps_ * 5 / 8 + 1) {
  while (std::gcd(gap_step_, gaps_) != 1) ++gap_step_;
}

Key KeySpace::Added(std::uint64_t n) const {
  const std::uint64_t gap = n % gaps_ * gap_step_ % gaps_;
  const std::uint64_t number = n / gaps_;  // within the gap
  Key key = At(shape_ == KeyShape::kDecimal ? 10 * gap + 9 : gap);
  char& last = key.data()[kKeyBytes - 1];
  const auto byte = static_cast<unsigned char>(last);
  // Absent has ';', the byte before '<', and the lowest bit flipped.
  last = static_cast<char>(shape_ == KeyShape::kDecimal ? '<' + number : byte ^ (2 + number));
  return key;
}

ValueMaker::ValueMaker(std::size_t value_bytes, std::uint64_t seed) : value_(value_bytes, '\0') {
  // Eight random bytes, then eight that a compressor has seen: about half is redundant.
  constexpr std::size_t kFillerBytes = 1u << 20;
  Random random(seed);
  filler_.reserve(kFillerBytes + value_bytes);
  while (filler_.size() < kFillerBytes + value_bytes) {
    PutFixed64(filler_, random.Next());
    filler_.append("abcdefgh");
  }
}

void RecordChecker::Wrong(std::string_view what, std::string_view key) {
  if (wrong_ == 0) first_wrong_ = fmt::format("{} at key {}", what, EscapeBytes(key));
  ++wrong_;
}

std::vector<std::uint32_t> ShuffledIndexes(std::uint64_t count, std::uint64_t seed) {
  std::vector<std::uint32_t> indexes(count);
  std::iota(indexes.begin(), indexes.end(), 0u);
  Random random(seed);
  for (std::uint64_t i = count; i > 1; --i) std::swap(indexes[i - 1], indexes[random.Uniform(i)]);
  return indexes;
}

std::vector<std::uint32_t> ZipfRanks(std::uint64_t count, double theta, std::uint64_t draws,
                                     std::uint64_t seed) {
  double zeta = 0;
  for (std::uint64_t i = 1; i <= count; ++i) zeta += 1.0 / std::pow(static_cast<double>(i), theta);
  const double zeta2 = 1.0 + std::pow(0.5, theta);
  const double n = static_cast<double>(count);
  const double alpha = 1.0 / (1.0 - theta);
  const double eta = (1.0 - std::pow(2.0 / n, 1.0 - theta)) / (1.0 - zeta2 / zeta);

  Random random(seed);
  std::vector<std::uint32_t> ranks(draws);
  for (std::uint32_t& drawn : ranks) {
    const double u = static_cast<double>(random.Next() >> 11) * 0x1.0p-53;
    std::uint64_t rank = 0;
    if (u * zeta >= zeta2) {
      rank = static_cast<std::uint64_t>(n * std::pow(eta * u - eta + 1.0, alpha));
    } else if (u * zeta >= 1.0) {
      rank = 1;
    }
    drawn = static_cast<std::uint32_t>(rank < count ? rank : count - 1);
  }
  return ranks;
}

std::vector<std::uint32_t> ZipfIndexes(std::uint64_t count, double theta, std::uint64_t draws,
                                       std::uint64_t seed) {
  const std::vector<std::uint32_t> index_of_rank = ShuffledIndexes(count, seed ^ 0x5eed);
  std::vector<std::uint32_t> indexes = ZipfRanks(count, theta, draws, seed);
  for (std::uint32_t& index : indexes) index = index_of_rank[index];
  return indexes;
}

}  // namespace beachdb::bench
