#include "base/coding.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace beachdb {
namespace {

using std::string_literals::operator""s;

TEST(CodingTest, FixedNumbersAreLittleEndian) {
  std::string out;
  PutFixed16(out, 0x0102);
  PutFixed32(out, 0x01020304);
  PutFixed64(out, 0x0102030405060708);
  EXPECT_EQ(out, "\x02\x01\x04\x03\x02\x01\x08\x07\x06\x05\x04\x03\x02\x01"s);
  EXPECT_EQ(LoadFixed16(out.data()), 0x0102);
  EXPECT_EQ(LoadFixed32(out.data() + 2), 0x01020304u);
  EXPECT_EQ(LoadFixed64(out.data() + 6), 0x0102030405060708u);
}

TEST(CodingTest, FixedNumbersComeBackAndAreConsumed) {
  std::string out;
  PutFixed16(out, 0xfedc);
  PutFixed32(out, 0xfedcba98);
  PutFixed64(out, 0xfedcba9876543210);
  std::string_view in = out;
  std::uint16_t a = 0;
  std::uint32_t b = 0;
  std::uint64_t c = 0;
  ASSERT_TRUE(GetFixed16(in, a) && GetFixed32(in, b) && GetFixed64(in, c));
  EXPECT_EQ(a, 0xfedc);
  EXPECT_EQ(b, 0xfedcba98u);
  EXPECT_EQ(c, 0xfedcba9876543210u);
  EXPECT_TRUE(in.empty());
}

TEST(CodingTest, AFixedNumberThatIsCutShortIsRefusedAndNothingConsumed) {
  const std::string seven(7, 'x');
  std::string_view in = seven;
  std::uint64_t v = 5;
  EXPECT_FALSE(GetFixed64(in, v));
  EXPECT_EQ(in.size(), 7u);
  EXPECT_EQ(v, 5u);
}

std::vector<std::uint64_t> InterestingNumbers() {
  std::vector<std::uint64_t> numbers = {0};
  for (int bit = 0; bit < 64; ++bit) {
    const std::uint64_t power = std::uint64_t{1} << bit;
    numbers.insert(numbers.end(), {power - 1, power, power + 1});
  }
  numbers.push_back(std::numeric_limits<std::uint64_t>::max());
  return numbers;
}

TEST(CodingTest, EveryVarintComesBackInItsShortestForm) {
  for (const std::uint64_t number : InterestingNumbers()) {
    SCOPED_TRACE(number);
    std::string out;
    PutVarint64(out, number);
    EXPECT_EQ(out.size(), static_cast<std::size_t>(VarintLength(number)));
    std::string_view in = out;
    std::uint64_t back = ~number;
    ASSERT_TRUE(GetVarint64(in, back));
    EXPECT_EQ(back, number);
    EXPECT_TRUE(in.empty());

    if (number <= std::numeric_limits<std::uint32_t>::max()) {
      std::string out32;
      PutVarint32(out32, static_cast<std::uint32_t>(number));
      EXPECT_EQ(out32, out);
      in = out32;
      std::uint32_t back32 = 0;
      ASSERT_TRUE(GetVarint32(in, back32));
      EXPECT_EQ(back32, number);
      char room[5];
      EXPECT_EQ(StoreVarint32(room, back32) - room, VarintLength(number));
    }
  }
}

TEST(CodingTest, MalformedVarintsAreRefusedAndNothingConsumed) {
  const struct {
    const char* damage;
    std::string bytes;
    bool valid32;
    bool valid64;
  } kCases[] = {
      {"nothing", "", false, false},
      {"cut short", "\x80"s, false, false},
      {"cut short after nine", std::string(9, '\x80'), false, false},
      {"zero in two bytes", "\x80\x00"s, false, false},
      {"one in three bytes", "\x81\x80\x00"s, false, false},
      {"bit 32", "\x80\x80\x80\x80\x10"s, false, true},
      {"six bytes", "\x80\x80\x80\x80\x80\x01"s, false, true},
      {"bit 64", std::string(9, '\x80') + "\x02", false, false},
      {"eleven bytes", std::string(10, '\x80') + "\x01", false, false},
      {"never ends", std::string(100, '\xff'), false, false},
      {"largest 32", "\xff\xff\xff\xff\x0f"s, true, true},
      {"largest 64", std::string(9, '\xff') + "\x01", false, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.damage);
    std::uint32_t v32 = 0;
    std::uint64_t v64 = 0;
    std::string_view in = c.bytes;
    EXPECT_EQ(GetVarint32(in, v32), c.valid32);
    EXPECT_EQ(in.size(), c.valid32 ? 0 : c.bytes.size());
    in = c.bytes;
    EXPECT_EQ(GetVarint64(in, v64), c.valid64);
    EXPECT_EQ(in.size(), c.valid64 ? 0 : c.bytes.size());
  }
}

TEST(CodingTest, LengthPrefixedBytesComeBackAndLiesAreRefused) {
  std::string out;
  PutLengthPrefixed(out, "");
  PutLengthPrefixed(out, std::string(300, 'b'));
  std::string_view in = out;
  std::string_view bytes = "old";
  ASSERT_TRUE(GetLengthPrefixed(in, bytes));
  EXPECT_EQ(bytes, "");
  ASSERT_TRUE(GetLengthPrefixed(in, bytes));
  EXPECT_EQ(bytes, std::string(300, 'b'));
  EXPECT_TRUE(in.empty());

  const std::string one_too_many = "\x04xyz";
  in = one_too_many;
  EXPECT_FALSE(GetLengthPrefixed(in, bytes));
  EXPECT_EQ(in, one_too_many);
}

TEST(CodingTest, KeyHeadsOrderAsTheKeysDo) {
  const std::string kKeys[] = {"",     "\x00"s,    "\x00\x00"s, "a",    "a\x00"s, "aa",      "abc",
                               "abcd", "abcdefgh", "abcdefghi", "\x7f", "\x80",   "\xff\xff"};
  for (const std::string& a : kKeys) {
    for (const std::string& b : kKeys) {
      EXPECT_LE(KeyHead32(std::min(a, b)), KeyHead32(std::max(a, b)));
      EXPECT_LE(KeyHead64(std::min(a, b)), KeyHead64(std::max(a, b)));
    }
  }
  EXPECT_EQ(KeyHead32("abcd"), 0x61626364u);
  EXPECT_EQ(KeyHead64("abcdefgh"), 0x6162636465666768u);
}

}  // namespace
}  // namespace beachdb
