// A counter that many threads bump without fighting over one cache line: a few padded cells, each
// thread adding to its own. Reading sums the cells.
// Thread safety: all of it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace beachdb {

class Counter {
 public:
  void Add(std::uint64_t n) { cells_[ThreadCell()].value.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t Sum() const {
    std::uint64_t sum = 0;
    for (const Cell& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static constexpr std::size_t kCells = 16;
  struct alignas(64) Cell {
    std::atomic<std::uint64_t> value{0};
  };
  static std::size_t ThreadCell() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % kCells;
    return mine;
  }

  std::array<Cell, kCells> cells_;
};

}  // namespace beachdb
