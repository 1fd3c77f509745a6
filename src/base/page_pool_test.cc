#include "base/page_pool.h"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "base/arena.h"
#include "base/huge_pages.h"

namespace beachdb {
namespace {

TEST(PagePoolTest, GivesWhatItKeptBeforeItAsksTheSystem) {
  std::int64_t kept = 0;
  PagePool pool(2 * kHugePage, [&](std::int64_t bytes) { kept += bytes; });
  std::vector<char*> pages;
  for (int i = 0; i < 3; ++i) pages.push_back(pool.Take());
  for (char* page : pages) {
    ASSERT_NE(page, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(page) % kHugePage, 0u);
    std::memset(page, 1, kHugePage);
  }
  EXPECT_EQ(kept, 0);
  for (char* page : pages) pool.GiveBack(page);
  EXPECT_EQ(kept, std::int64_t{2 * kHugePage}) << "the third went back to the system";
  EXPECT_EQ(pool.Take(), pages[1]);
  EXPECT_EQ(pool.Take(), pages[0]);
  EXPECT_EQ(kept, 0);
  pool.GiveBack(pages[0]);
  pool.GiveBack(pages[1]);
}

TEST(PagePoolTest, KeepsNothingWhenItMayNot) {
  PagePool pool(kHugePage - 1);
  pool.GiveBack(pool.Take());
  char* page = pool.Take();
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(page[0], 0) << "new from the system";
  pool.GiveBack(page);
}

TEST(PagePoolTest, AnArenaTakesAndGivesBackItsLargeChunks) {
  std::int64_t kept = 0;
  PagePool pool(16 * kHugePage, [&](std::int64_t bytes) { kept += bytes; });
  for (int round = 0; round < 3; ++round) {
    {
      Arena arena(&pool);
      for (int i = 0; i < 800; ++i) std::memset(arena.Allocate(10'000), round, 10'000);
      EXPECT_EQ(kept, 0) << "all of it is in use";
      std::memset(arena.Allocate(3 * kHugePage), 7, 3 * kHugePage);  // a chunk of its own
    }
    EXPECT_GE(kept, std::int64_t{3 * kHugePage});
    EXPECT_LE(kept, std::int64_t{4 * kHugePage}) << "only chunks of one page";
  }
}

}  // namespace
}  // namespace beachdb
