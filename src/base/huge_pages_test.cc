#include "base/huge_pages.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(HugePagesTest, PagesAreZeroedWritableAndOnTheirBoundary) {
  for (const std::size_t size : {kHugePage, 3 * kHugePage, kHugePage + 4096}) {
    char* pages = MapHugePages(size);
    ASSERT_NE(pages, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages) % kHugePage, 0u);
    for (std::size_t i = 0; i < size; i += 4096) ASSERT_EQ(pages[i]++, 0);
    UnmapPages(pages, size);
  }
}

TEST(HugePagesTest, WhatCannotBeMappedIsNull) {
  EXPECT_EQ(MapPages(std::size_t{1} << 60), nullptr);
  EXPECT_EQ(MapHugePages(std::size_t{1} << 60), nullptr);
}

}  // namespace
}  // namespace beachdb
