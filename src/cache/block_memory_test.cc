#include "cache/block_memory.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/huge_pages.h"
#include "base/random.h"

namespace beachdb {
namespace {

constexpr std::size_t kBlock = 4200;

// Cells of one memory, each filled with a byte of its own, which is looked at before it goes.
class Cells {
 public:
  explicit Cells(BlockMemory& memory) : memory_(memory) {}
  ~Cells() {
    while (!cells_.empty()) Delete(cells_.size() - 1);
  }
  Cells(const Cells&) = delete;
  Cells& operator=(const Cells&) = delete;

  void New(std::size_t bytes) {
    const BlockMemory::Cell cell = memory_.New(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(cell.memory) % 64, 0u);
    const char fill = static_cast<char>(++made_);
    std::memset(cell.memory, fill, bytes);
    cells_.push_back({cell, bytes, fill});
  }
  void Delete(std::size_t i) {
    const Held held = std::exchange(cells_[i], cells_.back());
    cells_.pop_back();
    const char* const end = held.cell.memory + held.bytes;
    ASSERT_EQ(std::find_if(held.cell.memory, const_cast<char*>(end),
                           [&](char byte) { return byte != held.fill; }),
              end);
    memory_.Delete(held.cell, held.bytes);
  }
  std::size_t count() const { return cells_.size(); }
  std::size_t InChunks() const {
    return static_cast<std::size_t>(std::count_if(
        cells_.begin(), cells_.end(), [](const Held& held) { return held.cell.in_chunk; }));
  }

 private:
  struct Held {
    BlockMemory::Cell cell;
    std::size_t bytes;
    char fill;
  };
  BlockMemory& memory_;
  std::vector<Held> cells_;
  std::size_t made_ = 0;
};

TEST(BlockMemoryTest, ACellHoldsItsBytesAndWastesAtMostASixteenth) {
  for (std::size_t bytes = 1; bytes <= 200'000; ++bytes) {
    const std::size_t size = BlockMemory::CellSize(bytes);
    ASSERT_GE(size, bytes);
    ASSERT_EQ(size % 64, 0u) << bytes;
    ASSERT_LT(size, bytes + std::max<std::size_t>(64, bytes / 16 + 1)) << bytes;
    ASSERT_GE(BlockMemory::CellSize(bytes + 1), size) << bytes;
  }
}

TEST(BlockMemoryTest, FewCellsTakeNoChunkAndManyDo) {
  BlockMemory memory;
  Cells cells(memory);
  const std::size_t few = kHugePage / BlockMemory::CellSize(kBlock);
  for (std::size_t i = 0; i <= few; ++i) cells.New(kBlock);
  EXPECT_EQ(memory.chunk_bytes(), 0u);
  EXPECT_EQ(cells.InChunks(), 0u);
  for (std::size_t i = 0; i < 3 * few; ++i) cells.New(kBlock);
  EXPECT_EQ(memory.chunk_bytes(), 3 * kHugePage);
  EXPECT_EQ(cells.InChunks(), 3 * few);
  cells.New(100);  // another size stays where it is
  EXPECT_EQ(cells.InChunks(), 3 * few);
}

TEST(BlockMemoryTest, LargeCellsComeFromTheGeneralAllocator) {
  BlockMemory memory;
  Cells cells(memory);
  for (int i = 0; i < 100; ++i) cells.New(100'000);
  EXPECT_EQ(memory.chunk_bytes(), 0u);
}

TEST(BlockMemoryTest, EmptyChunksGoBackButForOne) {
  BlockMemory memory;
  Cells cells(memory);
  for (int i = 0; i < 5000; ++i) cells.New(kBlock);
  EXPECT_GT(memory.chunk_bytes(), 8 * kHugePage);
  while (cells.count() > 0) cells.Delete(cells.count() - 1);
  EXPECT_EQ(memory.chunk_bytes(), kHugePage);
}

TEST(BlockMemoryTest, FreedCellsAreUsedBeforeAnotherChunkIsTaken) {
  BlockMemory memory;
  Cells cells(memory);
  for (int i = 0; i < 5000; ++i) cells.New(kBlock);
  const std::size_t full = memory.chunk_bytes();
  Random random(1);
  for (int round = 0; round < 20'000; ++round) {
    cells.Delete(random.Uniform(cells.count()));
    cells.New(kBlock);
  }
  EXPECT_LE(memory.chunk_bytes(), full + kHugePage);
}

TEST(BlockMemoryTest, RandomWorkOfManyThreadsKeepsEveryCellWhole) {
  BlockMemory memory;
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&memory, seed] {
      Cells cells(memory);
      Random random(seed);
      for (int i = 0; i < 10'000; ++i) {
        if (cells.count() < 2000 || random.Uniform(2) == 0) {
          cells.New(random.Uniform(8) == 0 ? 1 + random.Uniform(70'000) : kBlock);
        } else {
          cells.Delete(random.Uniform(cells.count()));
        }
        while (cells.count() > 3000) cells.Delete(cells.count() - 1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(memory.chunk_bytes(), kHugePage);
  EXPECT_LE(memory.chunk_bytes(), 112 * kHugePage) << "more than one empty chunk of some size";
}

}  // namespace
}  // namespace beachdb
