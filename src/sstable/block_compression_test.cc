#include "sstable/block_compression.h"

#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace beachdb {
namespace {

std::string Noise(Random& random) {
  std::string noise(4096, '\0');
  for (char& c : noise) c = static_cast<char>(random.Next());
  return noise;
}

TEST(BlockCompressionTest, GivesUpOnNoiseAndComesBackToWhatShrinks) {
  for (const Compression compression : {Compression::kLz4, Compression::kZstd}) {
    BlockCompressor compressor(compression);
    Random random(1);
    int tries = 0;
    for (int block = 0; block < 1000; ++block) {
      if (!compressor.WorthATry()) continue;
      ++tries;
      EXPECT_TRUE(compressor.Compress(Noise(random)).empty());
    }
    EXPECT_GT(tries, 16);
    EXPECT_LT(tries, 100);

    int shrunk = 0;
    for (int block = 0; block < 100; ++block) {
      if (!compressor.WorthATry()) continue;
      if (!compressor.Compress(std::string(4096, 's')).empty()) ++shrunk;
    }
    EXPECT_GE(shrunk, 84) << "one block that shrinks ends the doubt";
  }
}

TEST(BlockCompressionTest, NoneIsNeverTried) {
  BlockCompressor compressor(Compression::kNone);
  EXPECT_FALSE(compressor.WorthATry());
}

}  // namespace
}  // namespace beachdb
