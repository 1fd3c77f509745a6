// Says of most keys that are not in a memtable that they are not, for the price of one word: a
// reader spares itself the walk through the structure, a chain of cache misses that ends with
// nothing. Small enough to stay in the processor's cache.
//
// A key with hash h has four bits of one 64-bit word: the top bits of h choose the word, the lowest
// four groups of six the bits.
// Technique: F. Putze, P. Sanders, J. Singler, "Cache-, hash- and space-efficient Bloom filters",
// 2007, with blocks of a word.
//
// Thread safety: one thread adds, any number ask, without a lock. Whoever learned of a key by an
// acquire of what the adding thread released afterwards is never told that it is not here.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace beachdb {

class KeyFilter {
 public:
  // About two bytes a key make one mistake in two hundred. Rounded down to a power of two.
  explicit KeyFilter(std::size_t bytes)
      : bits_of_index_(bytes < 16 ? 1 : std::bit_width(bytes / sizeof(Word)) - 1),
        words_(std::make_unique<Word[]>(words())) {}

  void Add(std::uint64_t hash) {
    Word& word = words_[IndexOf(hash)];
    word.store(word.load(std::memory_order_relaxed) | BitsOf(hash), std::memory_order_relaxed);
  }
  bool MayContain(std::uint64_t hash) const {
    const std::uint64_t bits = BitsOf(hash);
    return (words_[IndexOf(hash)].load(std::memory_order_relaxed) & bits) == bits;
  }

  std::size_t MemoryUsage() const { return words() * sizeof(Word); }

 private:
  using Word = std::atomic<std::uint64_t>;

  std::size_t words() const { return std::size_t{1} << bits_of_index_; }
  std::size_t IndexOf(std::uint64_t hash) const { return hash >> (64 - bits_of_index_); }
  static std::uint64_t BitsOf(std::uint64_t hash) {
    return std::uint64_t{1} << (hash & 63) | std::uint64_t{1} << (hash >> 6 & 63) |
           std::uint64_t{1} << (hash >> 12 & 63) | std::uint64_t{1} << (hash >> 18 & 63);
  }

  const int bits_of_index_;
  const std::unique_ptr<Word[]> words_;  // all zero at first
};

}  // namespace beachdb
