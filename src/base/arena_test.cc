#include "base/arena.h"

#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace beachdb {
namespace {

TEST(ArenaTest, AnEmptyArenaTakesNothingAndStillHandsOutNothing) {
  Arena arena;
  EXPECT_EQ(arena.MemoryUsage(), 0u);
  EXPECT_NE(arena.Allocate(0), nullptr);
  EXPECT_EQ(arena.MemoryUsage(), 0u);
}

TEST(ArenaTest, TheFirstByteCosts16KiB) {
  Arena arena;
  arena.Allocate(1);
  EXPECT_EQ(arena.MemoryUsage(), 16u << 10);
  EXPECT_EQ(arena.BytesUsed(), 1u);
}

TEST(ArenaTest, MemoryIsZeroedDistinctAndKeepsWhatIsWritten) {
  const std::uint64_t seed = 3;
  Random random(seed);
  Arena arena;
  struct Piece {
    char* data;
    std::size_t size;
    char fill;
  };
  std::vector<Piece> pieces;
  for (int i = 0; i < 20000; ++i) {
    const std::size_t size = random.OneIn(500) ? random.Uniform(300'000) : random.Uniform(200);
    const std::size_t align = std::size_t{1} << random.Uniform(7);
    char* data = arena.AllocateAligned(size, align);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(data) % align, 0u);
    for (std::size_t k = 0; k < size; k += 97) ASSERT_EQ(data[k], 0);
    const char fill = static_cast<char>(i + 1);
    std::memset(data, fill, size);
    pieces.push_back({data, size, fill});
  }
  for (const Piece& piece : pieces) {
    ASSERT_EQ(std::string_view(piece.data, piece.size), std::string(piece.size, piece.fill));
  }
}

TEST(ArenaTest, UnalignedPiecesLieBackToBack) {
  Arena arena;
  char* a = arena.Allocate(3);
  char* b = arena.Allocate(5);
  EXPECT_EQ(b, a + 3);
}

TEST(ArenaTest, ChunksDoubleAndThenStayAt2MiBOnHugePageBoundaries) {
  Arena arena;
  std::size_t usage = 0;
  std::vector<std::size_t> chunks;
  while (chunks.size() < 10) {
    char* p = arena.Allocate(4096);
    if (arena.MemoryUsage() == usage) continue;
    chunks.push_back(arena.MemoryUsage() - usage);
    usage = arena.MemoryUsage();
    if (chunks.back() == 2u << 20) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(p) % (2u << 20), 0u);
    }
  }
  const std::vector<std::size_t> want = {16u << 10,  32u << 10, 64u << 10, 128u << 10, 256u << 10,
                                         512u << 10, 1u << 20,  2u << 20,  2u << 20,   2u << 20};
  EXPECT_EQ(chunks, want);
}

TEST(ArenaTest, ALargeRequestGetsAChunkOfItsOwnAndWastesNoneOfTheCurrentOne) {
  Arena arena;
  char* before = arena.Allocate(10);
  const std::size_t usage = arena.MemoryUsage();
  const std::size_t large = (5u << 20) + 123;
  char* block = arena.AllocateAligned(large, 64);
  std::memset(block, 1, large);
  EXPECT_EQ(arena.MemoryUsage() - usage, (5u << 20) + 4096);
  EXPECT_EQ(arena.Allocate(1), before + 10);
}

TEST(ArenaTest, WasteIsAQuarterOfAChunkAtMost) {
  Arena arena;
  std::size_t asked = 0;
  Random random(11);
  while (asked < 32u << 20) {
    const std::size_t size = random.Uniform(600u << 10);
    arena.Allocate(size);
    asked += size;
  }
  EXPECT_EQ(arena.BytesUsed(), asked);
  EXPECT_LT(arena.MemoryUsage(), asked + asked / 3 + (4u << 20));
}

}  // namespace
}  // namespace beachdb
