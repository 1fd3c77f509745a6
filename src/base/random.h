// A small, fast, seeded generator (xoshiro256**, Blackman and Vigna 2018). Not for secrets.
// Thread safety: none.
#pragma once

#include <cstdint>

namespace beachdb {

class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t Next();
  // Uniform in [0, n). REQUIRES: n > 0.
  std::uint64_t Uniform(std::uint64_t n) {
    __extension__ using Wide = unsigned __int128;  // the high half of the product (Lemire 2019)
    return static_cast<std::uint64_t>((static_cast<Wide>(Next()) * n) >> 64);
  }
  bool OneIn(std::uint64_t n) { return Uniform(n) == 0; }

 private:
  std::uint64_t state_[4];
};

}  // namespace beachdb
