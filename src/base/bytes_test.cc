#include "base/bytes.h"

#include <string>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(BytesTest, AnyDifferenceIsSeen) {
  for (std::size_t size = 0; size <= 70; ++size) {
    const std::string a(size, 'x');
    std::string b = a;
    EXPECT_TRUE(EqualBytes(a, b)) << size;
    EXPECT_FALSE(EqualBytes(a, a + "x")) << size;
    for (std::size_t i = 0; i < size; ++i) {
      b[i] = 'y';
      EXPECT_FALSE(EqualBytes(a, b)) << size << " " << i;
      b[i] = 'x';
    }
  }
}

TEST(BytesTest, ACopyIsWholeAndNothingBeside) {
  for (std::size_t size = 0; size <= 70; ++size) {
    std::string from;
    for (std::size_t i = 0; i < size; ++i) from.push_back(static_cast<char>('0' + i));
    std::string to(size + 2, '!');
    CopyBytes(to.data() + 1, from);
    EXPECT_EQ(to, "!" + from + "!");
  }
}

}  // namespace
}  // namespace beachdb
