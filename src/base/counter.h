// A counter that many threads bump without fighting over one cache line: a few padded cells, each
// of which only one living thread writes, so that adding is a load and a store. Threads beyond
// their number share the last cell. Reading sums the cells.
// Thread safety: all of it.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/thread_number.h"

namespace beachdb {

class Counter {
 public:
  // Returns the new value of the thread's cell.
  std::uint64_t Add(std::uint64_t n) {
    const std::size_t number = ThreadNumber();
    std::atomic<std::uint64_t>& value = cells_[std::min(number, kOwnCells)].value;
    if (number < kOwnCells) [[likely]] {
      const std::uint64_t sum = value.load(std::memory_order_relaxed) + n;
      value.store(sum, std::memory_order_relaxed);
      return sum;
    }
    return value.fetch_add(n, std::memory_order_relaxed) + n;
  }
  std::uint64_t Sum() const {
    std::uint64_t sum = 0;
    for (const Cell& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static constexpr std::size_t kOwnCells = 16;
  struct alignas(64) Cell {
    std::atomic<std::uint64_t> value{0};
  };

  std::array<Cell, kOwnCells + 1> cells_;
};

}  // namespace beachdb
