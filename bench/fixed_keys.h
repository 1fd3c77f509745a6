// The keys of micro/ and instructions/: 16 bytes, ordered as their indexes are. Recorded counts
// depend on them, so they stay as they are, whatever the workloads come to write (records.h).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace beachdb::fixed {

enum class KeyShape : std::uint8_t {
  kDecimal,  // "0000000000001234": a long prefix that all share
  kHashed,   // 8 bytes that differ early, then 8 that look random
};

inline constexpr std::size_t kKeyBytes = 16;

struct Key {
  std::array<char, kKeyBytes> bytes{};
  std::string_view view() const { return {bytes.data(), bytes.size()}; }
};

// Keys by index in [0, count).
class KeySpace {
 public:
  // REQUIRES: 1 <= count < 2^32.
  KeySpace(KeyShape shape, std::uint64_t count)
      : shape_(shape), count_(count), stride_(~std::uint64_t{0} / count) {}

  std::uint64_t count() const { return count_; }

  Key At(std::uint64_t index) const {
    Key key;
    if (shape_ == KeyShape::kDecimal) {
      for (std::size_t at = kKeyBytes; at-- > 0; index /= 10) {
        key.bytes[at] = static_cast<char>('0' + index % 10);
      }
      return key;
    }
    const std::uint64_t noise = Mix(index);
    const std::uint64_t words[2] = {__builtin_bswap64(index * stride_ + noise % stride_),
                                    Mix(noise)};
    std::memcpy(key.bytes.data(), words, sizeof words);
    return key;
  }

  // A key that At never gives, right beside At(index).
  Key Absent(std::uint64_t index) const {
    Key key = At(index);
    char& last = key.bytes.back();
    last = shape_ == KeyShape::kDecimal ? ';' : static_cast<char>(last ^ 1);
    return key;
  }

 private:
  // The finaliser of SplitMix64 (Steele 2014): a bijection that spreads neighbours.
  static std::uint64_t Mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }

  KeyShape shape_;
  std::uint64_t count_;
  std::uint64_t stride_;
};

}  // namespace beachdb::fixed
