// CURRENT and IDENTITY: what they have in common, and what each says.
#include "format/text_line.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/current.h"
#include "format/identity.h"
#include "tests/support/doc_example.h"

namespace beachdb {
namespace {

using testing::HasSubstr;

const DatabaseId kId = ParseDatabaseId("b3f0c2d1-5a6e-4c07-9b1d-2f83e4a5c6d7").value();

TEST(TextLineTest, TheWordsComeBack) {
  for (const std::string words : {"", "x", "two words", "ends in space "}) {
    const std::string line = EncodeTextLine(words);
    EXPECT_EQ(*DecodeTextLine(line, "FILE"), words);
  }
  EXPECT_EQ(EncodeTextLine("123456789"), "123456789 e3069283\n");
}

TEST(TextLineTest, EveryFlippedBitEveryTruncationAndEveryAdditionIsFound) {
  const std::string good = EncodeTextLine("MANIFEST-000009");
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(DecodeTextLine(bad, "CURRENT").ok()) << "bit " << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(DecodeTextLine(good.substr(0, size), "CURRENT").ok()) << size;
  }
  EXPECT_FALSE(DecodeTextLine(good + "x", "CURRENT").ok());
  EXPECT_FALSE(DecodeTextLine(good + "\n", "CURRENT").ok());
  EXPECT_FALSE(DecodeTextLine(good + good, "CURRENT").ok());
  EXPECT_FALSE(DecodeTextLine(good + std::string(4096, '\0'), "CURRENT").ok());
}

TEST(TextLineTest, TheRefusalNamesTheFileAndShowsWhatItHolds) {
  EXPECT_EQ(DecodeTextLine("", "CURRENT").error().ToString(),
            "corruption: CURRENT: the file is empty, want one line, found \"\" (0 bytes)");
  EXPECT_EQ(DecodeTextLine("MANIFEST-000009\n", "CURRENT").error().message(),
            "CURRENT: checksum mismatch, want 4a2dfa95, found \"MANIFEST-000009\\x0a\" (16 bytes)");
  const std::string long_noise(1u << 20, 'x');
  EXPECT_LT(DecodeTextLine(long_noise, "CURRENT").error().message().size(), 200u);
}

TEST(CurrentTest, ThePageOfTheFormatIsTrue) {
  const DocPage page("docs/formats/current.md");
  EXPECT_EQ(page.Example(0), EncodeCurrent(9));
  EXPECT_EQ(*DecodeCurrent(page.Example(0)), 9u);
}

TEST(CurrentTest, AnyNumberComesBack) {
  for (const std::uint64_t number : {std::uint64_t{1}, std::uint64_t{1234567}, UINT64_MAX}) {
    EXPECT_EQ(*DecodeCurrent(EncodeCurrent(number)), number);
  }
}

TEST(CurrentTest, ALineThatNamesNoManifestIsRefused) {
  for (const char* words :
       {"", "000007.sst", "CURRENT", "MANIFEST-9", "MANIFEST-000009 x", "../MANIFEST-000009"}) {
    const auto current = DecodeCurrent(EncodeTextLine(words));
    ASSERT_FALSE(current.ok()) << words;
    EXPECT_EQ(current.error().code(), Code::kCorruption);
    EXPECT_THAT(current.error().message(), HasSubstr("CURRENT: want the name of a manifest"));
  }
}

TEST(IdentityTest, ThePageOfTheFormatIsTrue) {
  const DocPage page("docs/formats/identity.md");
  EXPECT_EQ(page.Example(0), EncodeIdentity(kId));
  EXPECT_EQ(*DecodeIdentity(page.Example(0)), kId);
}

TEST(IdentityTest, ANewIdentityIsARandomUuidAndUsesAllOtherBits) {
  EXPECT_EQ(FormatDatabaseId(MakeDatabaseId(0, 0)), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(FormatDatabaseId(MakeDatabaseId(UINT64_MAX, UINT64_MAX)),
            "ffffffff-ffff-4fff-bfff-ffffffffffff");
  EXPECT_EQ(FormatDatabaseId(MakeDatabaseId(0x0102030405060708, 0x1112131415161718)),
            "08070605-0403-4201-9817-161514131211");
}

TEST(IdentityTest, AnotherLineOrANewerVersionIsRefused) {
  const auto newer = DecodeIdentity(EncodeTextLine("beachdb-identity 2 whatever"));
  ASSERT_FALSE(newer.ok());
  EXPECT_EQ(newer.error().code(), Code::kNotSupported);
  EXPECT_EQ(newer.error().message(), "IDENTITY: version 2, this build reads 1: use a newer build");
  for (const char* words : {"", "MANIFEST-000009", "beachdb-identity", "beachdb-identity 1 ",
                            "beachdb-identity 1 b3f0c2d1",
                            "beachdb-identity 1 b3f0c2d1-5a6e-4c07-9b1d-2f83e4a5c6d7 x"}) {
    const auto id = DecodeIdentity(EncodeTextLine(words));
    ASSERT_FALSE(id.ok()) << words;
    EXPECT_EQ(id.error().code(), Code::kCorruption) << words;
    EXPECT_THAT(id.error().message(), HasSubstr("IDENTITY: ")) << words;
  }
}

}  // namespace
}  // namespace beachdb
