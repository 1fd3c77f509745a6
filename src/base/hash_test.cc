#include "base/hash.h"

#include <gtest/gtest.h>

namespace beachdb {
namespace {

// Filters on disk hold bits of these: another value here is another file format. The first is
// XXH3's published value of the empty input, the others are what released builds computed.
TEST(HashTest, TheHashThatFiltersAreMadeOfNeverChanges) {
  EXPECT_EQ(Hash64(""), 0x2d06800538d394c2u);
  EXPECT_EQ(Hash64("conch"), 0xfd795a9f3b413c87u);
}

}  // namespace
}  // namespace beachdb
