#include "base/aligned_buffer.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(AlignedBufferTest, BeginsOnAPageAndHoldsWhatItSays) {
  for (const std::size_t size : {1u, 4096u, 4097u, 100'000u, 131'072u, 3'000'000u}) {
    const AlignedBuffer buffer(size);
    EXPECT_GE(buffer.size(), size);
    EXPECT_LT(buffer.size(), size + AlignedBuffer::kAlignment);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % AlignedBuffer::kAlignment, 0u);
    std::memset(buffer.data(), 1, buffer.size());
  }
}

TEST(AlignedBufferTest, MovesAndFreesWhatItHeldBefore) {
  AlignedBuffer a(5000);
  AlignedBuffer b(500'000);
  char* const large = b.data();
  a = std::move(b);
  EXPECT_EQ(a.data(), large);
  EXPECT_EQ(b.data(), nullptr);  // NOLINT(bugprone-use-after-move): that it is empty is the promise
  EXPECT_EQ(b.size(), 0u);
  a = AlignedBuffer();
  EXPECT_EQ(a.data(), nullptr);
}

}  // namespace
}  // namespace beachdb
