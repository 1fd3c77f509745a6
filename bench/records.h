// What the workloads write and how an answer is told from a wrong one.
//
// Every key is 16 bytes and its order is the order of its index, in both shapes:
//   decimal  "0000000000001234": a long prefix that all keys share
//   hashed   8 bytes that look random and differ early, then 8 that are random
// Every value carries its key's last 8 bytes first, then 8 bytes that stamp the write, then filler,
// then the key's last byte. So a read checks its answer with two loads, and a value that belongs to
// another key, or is cut short, fails the run.
#pragma once

#include <array>
#include <charconv>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/coding.h"

namespace beachdb::bench {

enum class KeyShape : std::uint8_t { kDecimal, kHashed };

inline constexpr std::size_t kKeyBytes = 16;
inline constexpr std::size_t kMinValueBytes = 24;

class Key {
 public:
  std::string_view view() const { return {bytes_.data(), kKeyBytes}; }
  char* data() { return bytes_.data(); }

 private:
  std::array<char, kKeyBytes> bytes_{};
};

// The keys of one run, by index in [0, count).
class KeySpace {
 public:
  // REQUIRES: 1 <= count < 2^32.
  KeySpace(KeyShape shape, std::uint64_t count);

  std::uint64_t count() const { return count_; }

  Key At(std::uint64_t index) const {
    Key key;
    if (shape_ == KeyShape::kDecimal) {
      std::array<char, 20> digits;
      const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), index).ptr;
      const auto length = static_cast<std::size_t>(end - digits.data());
      std::memset(key.data(), '0', kKeyBytes);
      std::memcpy(key.data() + kKeyBytes - length, digits.data(), length);
    } else {
      const std::uint64_t noise = Mix(index);
      StoreFixed64(key.data(), __builtin_bswap64(index * stride_ + noise % stride_));
      StoreFixed64(key.data() + 8, Mix(noise));
    }
    return key;
  }

  // A key that is never written, between At(index) and its neighbours.
  Key Absent(std::uint64_t index) const {
    Key key = At(index);
    char& last = key.data()[kKeyBytes - 1];
    last = shape_ == KeyShape::kDecimal ? ';' : static_cast<char>(last ^ 1);
    return key;
  }

  // The n-th key beyond the `count` ones, somewhere between them; n and n + 1 lie far apart. Each
  // is another one, and none is any Absent. REQUIRES: n < MaxAdded().
  Key Added(std::uint64_t n) const;
  std::uint64_t MaxAdded() const { return gaps_ * kAddedPerGap; }

 private:
  // Added keys differ from a key of the series in their last byte alone. After a decimal 9, and
  // before the digit before it changes, there is room from '<' on; hashed ones take what the
  // random byte is not.
  static constexpr std::uint64_t kAddedPerGap = 190;

  // A bijection that spreads consecutive numbers (the finaliser of SplitMix64, Steele 2014).
  static std::uint64_t Mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }

  KeyShape shape_;
  std::uint64_t count_;
  std::uint64_t stride_;
  std::uint64_t gaps_;      // places for added keys
  std::uint64_t gap_step_;  // from one added key's to the next one's; coprime to gaps_
};

// Makes values whose filler compresses to about half. Thread safety: one thread at a time.
class ValueMaker {
 public:
  ValueMaker(std::size_t value_bytes, std::uint64_t seed);
  // Valid until the next call.
  std::string_view Make(std::string_view key, std::uint64_t stamp) {
    if (filler_at_ + value_.size() > filler_.size()) filler_at_ = 0;
    char* out = value_.data();
    std::memcpy(out + 16, filler_.data() + filler_at_, value_.size() - 17);
    std::memcpy(out, key.data() + 8, 8);
    StoreFixed64(out + 8, stamp);
    out[value_.size() - 1] = key[kKeyBytes - 1];
    filler_at_ += 61;  // not a divisor of any block size: values stay different
    return value_;
  }

 private:
  std::string value_;
  std::string filler_;
  std::size_t filler_at_ = 0;
};

inline std::uint64_t StampOf(std::string_view value) { return LoadFixed64(value.data() + 8); }

// Takes the answers of one thread and counts what is wrong with them.
class RecordChecker {
 public:
  explicit RecordChecker(std::size_t value_bytes) : value_bytes_(value_bytes) {}

  // The answer to a get.
  void Answer(std::string_view key, std::string_view value) {
    if (!Fits(key, value)) Wrong("a value of another key, or damaged", key);
    ++records_;
    if (stamps_ != nullptr) stamps_->push_back(StampOf(value));
  }

  // Walks: BeginWalk, then every record in the order of the walk.
  enum class Order : std::uint8_t { kAscending, kDescending };
  void BeginWalk(Order order) {
    order_ = order;
    walked_ = 0;
  }
  void Visit(std::string_view key, std::string_view value) {
    if (!Fits(key, value)) return Wrong("a value of another key, or damaged", key);
    const KeyNumber now = NumberOf(key);
    if (walked_ != 0 && (order_ == Order::kAscending ? now <= previous_ : now >= previous_)) {
      Wrong("a key out of order", key);
    }
    previous_ = now;
    if (walked_ == 0) first_ = now;
    ++walked_;
    ++records_;
  }
  std::uint64_t walked() const { return walked_; }
  // Whether the current walk began at `key`.
  bool BeganAt(std::string_view key) const { return walked_ != 0 && first_ == NumberOf(key); }

  // From here on every Answer also appends its value's stamp there.
  void KeepStamps(std::vector<std::uint64_t>* stamps) { stamps_ = stamps; }

  void Wrong(std::string_view what, std::string_view key);

  std::uint64_t records() const { return records_; }
  std::uint64_t wrong() const { return wrong_; }
  const std::string& first_wrong() const { return first_wrong_; }

 private:
  // A key as a number that orders as its bytes do.
  struct KeyNumber {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend auto operator<=>(const KeyNumber&, const KeyNumber&) = default;
  };
  static KeyNumber NumberOf(std::string_view key) {
    return {__builtin_bswap64(LoadFixed64(key.data())),
            __builtin_bswap64(LoadFixed64(key.data() + 8))};
  }

  bool Fits(std::string_view key, std::string_view value) const {
    return key.size() == kKeyBytes && value.size() == value_bytes_ &&
           LoadFixed64(value.data()) == LoadFixed64(key.data() + 8) &&
           value.back() == key[kKeyBytes - 1];
  }

  const std::size_t value_bytes_;
  std::uint64_t records_ = 0;
  std::uint64_t wrong_ = 0;
  std::string first_wrong_;
  Order order_ = Order::kAscending;
  std::uint64_t walked_ = 0;
  KeyNumber previous_;
  KeyNumber first_;
  std::vector<std::uint64_t>* stamps_ = nullptr;
};

// All indexes in [0, count), shuffled.
std::vector<std::uint32_t> ShuffledIndexes(std::uint64_t count, std::uint64_t seed);

// `draws` ranks in [0, count), Zipf distributed with exponent `theta`, 0 the most frequent.
// Method: inversion by the closed form of Gray et al., 1994.
std::vector<std::uint32_t> ZipfRanks(std::uint64_t count, double theta, std::uint64_t draws,
                                     std::uint64_t seed);
// The same for indexes: which of them has which rank is random.
std::vector<std::uint32_t> ZipfIndexes(std::uint64_t count, double theta, std::uint64_t draws,
                                       std::uint64_t seed);

}  // namespace beachdb::bench
