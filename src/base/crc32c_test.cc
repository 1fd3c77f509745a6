#include "base/crc32c.h"

#include <sys/mman.h>

#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace beachdb {
namespace {

// Bit by bit, from the definition: reflected polynomial 0x1edc6f41, inverted on both sides.
std::uint32_t SlowCrc(std::string_view data) {
  std::uint32_t crc = ~0u;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
  }
  return ~crc;
}

TEST(Crc32cTest, IsTheStandardOne) {
  // RFC 3720, appendix B.4, and the check value of every catalogue of CRCs.
  EXPECT_EQ(crc32c::Value("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c::Value(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c::Value(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c::Value(""), 0u);
}

TEST(Crc32cTest, EveryLengthAndAlignmentAgreesWithTheDefinition) {
  Random random(1);
  std::string data(1024 + 64, '\0');
  for (char& c : data) c = static_cast<char>(random.Next());
  for (std::size_t start = 0; start < 16; ++start) {
    for (std::size_t size = 0; size < 1024; size = size < 70 ? size + 1 : size * 2 + 1) {
      const std::string_view piece = std::string_view(data).substr(start, size);
      ASSERT_EQ(crc32c::Value(piece), SlowCrc(piece)) << start << "+" << size;
    }
  }
}

TEST(Crc32cTest, APieceAtATimeIsTheSameAsTheWhole) {
  const std::string data = "the tide comes in and the tide goes out";
  for (std::size_t cut = 0; cut <= data.size(); ++cut) {
    const std::uint32_t head = crc32c::Value(data.substr(0, cut));
    EXPECT_EQ(crc32c::Extend(head, data.substr(cut)), crc32c::Value(data));
  }
}

// ISA-L's length is an int. Pages that were only mapped cost no memory.
TEST(Crc32cTest, MoreBytesThanAnIntCountsAreFedInPieces) {
  constexpr std::size_t kSize = (std::size_t{1} << 31) + 5;
  void* zeros = ::mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(zeros, MAP_FAILED);
  const std::string_view data(static_cast<const char*>(zeros), kSize);
  std::uint32_t crc = 0;
  for (std::size_t at = 0; at < kSize; at += 100u << 20) {
    crc = crc32c::Extend(crc, data.substr(at, 100u << 20));
  }
  EXPECT_EQ(crc32c::Value(data), crc);
  ::munmap(zeros, kSize);
}

TEST(Crc32cTest, EverySingleFlippedBitShows) {
  std::string data(64, '\0');
  const std::uint32_t right = crc32c::Value(data);
  for (std::size_t bit = 0; bit < 8 * data.size(); ++bit) {
    data[bit / 8] = static_cast<char>(data[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(crc32c::Value(data), right) << bit;
    data[bit / 8] = static_cast<char>(data[bit / 8] ^ (1 << bit % 8));
  }
}

}  // namespace
}  // namespace beachdb
