#include "sstable/table_format.h"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "sstable/table_properties.h"

namespace beachdb {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t kSeed = 12345;
constexpr std::uint64_t kOffset = 4096;

std::string Sealed(const std::string& contents, BlockType type, Compression compression,
                   std::uint32_t raw_size) {
  std::string bytes = contents + std::string(kBlockTrailerSize, '\0');
  SealBlock(bytes.data(), contents.size(), type, compression, raw_size, kSeed, kOffset);
  return bytes;
}

TEST(TableFormatTest, ASealedBlockOpensOnlyAsWhatItIsAndWhereItIs) {
  const std::string block = Sealed("sand", BlockType::kData, Compression::kNone, 4);
  const auto opened = OpenBlock(block, BlockType::kData, kSeed, kOffset);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->contents, "sand");
  EXPECT_FALSE(OpenBlock(block, BlockType::kData, kSeed, kOffset + 1).ok()) << "another place";
  EXPECT_FALSE(OpenBlock(block, BlockType::kData, kSeed + 1, kOffset).ok()) << "another file";
  const auto other = OpenBlock(block, BlockType::kIndex, kSeed, kOffset);
  ASSERT_FALSE(other.ok()) << "another type";
  EXPECT_THAT(other.error().message(), HasSubstr("type 1 (data), want index"));
}

TEST(TableFormatTest, ImpossibleSizesAreRefusedBeforeMemoryIsSpentOnThem) {
  const struct {
    const char* lie;
    Compression compression;
    std::uint32_t raw_size;
    Code code;
  } cases[] = {{"uncompressed of another size", Compression::kNone, 5, Code::kCorruption},
               {"nothing", Compression::kLz4, 0, Code::kCorruption},
               {"more than lz4 can reach", Compression::kLz4, 4 * 255 + 1, Code::kCorruption},
               {"more than zstd can reach", Compression::kZstd, 4 * 32768 + 1, Code::kCorruption},
               {"unknown compression", Compression{3}, 4, Code::kNotSupported}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.lie);
    const std::string block = Sealed("sand", BlockType::kData, c.compression, c.raw_size);
    const auto opened = OpenBlock(block, BlockType::kData, kSeed, kOffset);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), c.code);
  }
  const std::string large(40'000, 'x');
  const std::string bomb = Sealed(large, BlockType::kData, Compression::kZstd, UINT32_MAX);
  EXPECT_FALSE(OpenBlock(bomb, BlockType::kData, kSeed, kOffset).ok()) << "above the limit";
  EXPECT_FALSE(OpenBlock("short", BlockType::kData, kSeed, kOffset).ok());
}

class FooterTest : public testing::Test {
 protected:
  FooterTest() {
    footer_.filter = {500, 100};
    footer_.index = {600, 50};
    footer_.properties = {650, 50};
    footer_.file_size = 700 + kFooterSize;
  }
  // The footer with a change, its checksum right again.
  Result<Footer> Changed(const std::function<void(std::string&)>& change) {
    std::string bytes = EncodeFooter(footer_, kSeed);
    change(bytes);
    const std::string_view covered(bytes.data(), kFooterSize - 4);
    StoreFixed32(bytes.data() + kFooterSize - 4, BoundChecksum(kSeed, 700, covered));
    return DecodeFooter(bytes, kSeed, footer_.file_size);
  }
  Footer footer_;
};

TEST_F(FooterTest, WhatIsEncodedIsDecoded) {
  const auto same = DecodeFooter(EncodeFooter(footer_, kSeed), kSeed, footer_.file_size);
  ASSERT_TRUE(same.ok()) << same.error().ToString();
  EXPECT_EQ(*same, footer_);
  const Footer before = footer_;
  footer_.ranges = {650 - 20, 20};
  footer_.index.size -= 20;
  const auto ranged = DecodeFooter(EncodeFooter(footer_, kSeed), kSeed, footer_.file_size);
  ASSERT_TRUE(ranged.ok()) << ranged.error().ToString();
  EXPECT_EQ(*ranged, footer_);
  footer_ = before;
  footer_.filter = {};
  footer_.index = {500, 150};
  const auto unfiltered = DecodeFooter(EncodeFooter(footer_, kSeed), kSeed, footer_.file_size);
  ASSERT_TRUE(unfiltered.ok()) << unfiltered.error().ToString();
  EXPECT_EQ(*unfiltered, footer_);
}

TEST_F(FooterTest, ARightChecksumDoesNotMakeAWrongFooterRight) {
  const struct {
    const char* fault;
    std::size_t at;
    std::uint8_t byte;
    Code code;
    const char* want;
  } cases[] = {{"magic", 0, 'X', Code::kCorruption, "bad magic"},
               {"version", 8, 2, Code::kNotSupported, "version 2"},
               {"reserved", 12, 1, Code::kCorruption, "reserved"},
               {"reserved in a handle", 28, 1, Code::kCorruption, "reserved"},
               {"reserved at the end", 120, 1, Code::kCorruption, "reserved"},
               {"range tombstones of no size", 64, 1, Code::kCorruption, "range tombstones block"},
               {"range tombstones elsewhere", 72, 50, Code::kCorruption, "must end at 650"},
               {"reserved behind them", 76, 1, Code::kCorruption, "reserved"},
               {"file size", 80, 1, Code::kCorruption, "file size"},
               {"index far away", 22, 255, Code::kCorruption, "index"},
               {"index too short", 24, 49, Code::kCorruption, "must end at 650"},
               {"filter over the index", 32, 245, Code::kCorruption, "filter"},
               {"no properties", 56, 0, Code::kCorruption, "properties"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.fault);
    const auto footer = Changed([&](std::string& b) { b[c.at] = static_cast<char>(c.byte); });
    ASSERT_FALSE(footer.ok());
    EXPECT_EQ(footer.error().code(), c.code);
    EXPECT_THAT(footer.error().message(), HasSubstr(c.want));
  }
}

TEST(TablePropertiesTest, UnknownTagsAreSkippedAndDamagedOnesNamed) {
  TableProperties properties;
  properties.entries = 300;
  properties.smallest_key = "a";
  properties.largest_key = std::string("z\0z", 3);
  properties.job.inputs = {1, 1u << 20};
  const std::string bytes = EncodeTableProperties(properties);
  const auto same = DecodeTableProperties(bytes + std::string("\x63\x03new", 5));
  ASSERT_TRUE(same.ok()) << same.error().ToString();
  EXPECT_EQ(EncodeTableProperties(*same), bytes);

  const auto fails = [](const std::string& input, Code code) {
    const auto decoded = DecodeTableProperties(input);
    return !decoded.ok() && decoded.error().code() == code;
  };
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    // Cut between two tags, the rest keeps its defaults; Table::Open holds them against the file.
    const auto cut = DecodeTableProperties(bytes.substr(0, size));
    if (!cut.ok()) continue;
    EXPECT_EQ(EncodeTableProperties(*cut).substr(0, size), bytes.substr(0, size));
  }
  EXPECT_TRUE(fails(bytes + bytes, Code::kCorruption)) << "a tag twice";
  EXPECT_TRUE(fails(std::string("\x01\x02\x05\x05", 4), Code::kCorruption)) << "bytes left over";
  EXPECT_TRUE(fails(std::string("\x01\x7f\x05", 3), Code::kCorruption)) << "size beyond the end";
  EXPECT_TRUE(fails(std::string("\x10\x01\x09", 3), Code::kNotSupported)) << "compression 9";
  EXPECT_TRUE(fails(std::string("\x12\x01\x00", 3), Code::kNotSupported)) << "origin 0";
}

}  // namespace
}  // namespace beachdb
