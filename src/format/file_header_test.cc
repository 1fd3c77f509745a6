#include "format/file_header.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/crc32c.h"
#include "tests/support/doc_example.h"

namespace beachdb {
namespace {

using testing::HasSubstr;

FileHeader ExampleHeader() {
  FileHeader header;
  header.magic = kTableMagic;
  header.identity.database = ParseDatabaseId("b3f0c2d1-5a6e-4c07-9b1d-2f83e4a5c6d7").value();
  header.identity.number = 7;
  header.created_micros = 1'700'000'000'000'000;
  return header;
}

// Overwrites a 32-bit field and makes the checksum right again: a file that somebody wrote so.
std::string WithField(std::string bytes, std::size_t offset, std::uint32_t value) {
  StoreFixed32(bytes.data() + offset, value);
  StoreFixed32(bytes.data() + 60, crc32c::Value(bytes.substr(0, 60)));
  return bytes;
}

TEST(FileHeaderTest, ThePageOfTheFormatIsTrue) {
  const DocPage page("docs/formats/file_header.md");
  const std::string bytes = EncodeFileHeader(ExampleHeader());
  EXPECT_EQ(page.Example(0), bytes);
  const auto header = DecodeFileHeader(page.Example(0), kTableMagic);
  ASSERT_TRUE(header.ok()) << header.error().ToString();

  std::size_t end = 0;
  for (const DocPage::TableRow& row : page.Rows()) {
    EXPECT_EQ(row.offset, end) << row.field;
    end = row.offset + row.size;
  }
  EXPECT_EQ(end, kFileHeaderSize);
  // Each field stands where the table says: only its bytes change when it changes.
  const struct {
    const char* field;
    void (*change)(FileHeader&);
  } kFields[] = {
      {"magic", [](FileHeader& h) { h.magic = kWalMagic; }},
      {"format version", [](FileHeader& h) { h.version = ~h.version; }},
      {"incompatible features", [](FileHeader& h) { h.incompatible_features = ~0u; }},
      {"compatible features", [](FileHeader& h) { h.compatible_features = ~0u; }},
      {"database identity", [](FileHeader& h) { h.identity.database.fill(1); }},
      {"file number", [](FileHeader& h) { h.identity.number = ~h.identity.number; }},
      {"creation time", [](FileHeader& h) { h.created_micros = ~h.created_micros; }},
  };
  for (const auto& f : kFields) {
    FileHeader changed = ExampleHeader();
    f.change(changed);
    const std::string other = EncodeFileHeader(changed);
    const DocPage::TableRow row = page.Row(f.field);
    for (std::size_t i = 0; i < 60; ++i) {
      if (i < row.offset || i >= row.offset + row.size) {
        EXPECT_EQ(other[i], bytes[i]) << f.field << " changed byte " << i;
      }
    }
    EXPECT_NE(other.substr(row.offset, row.size), bytes.substr(row.offset, row.size)) << f.field;
  }
  EXPECT_EQ(LoadFixed32(bytes.data() + page.Row("checksum").offset),
            crc32c::Value(std::string_view(bytes).substr(0, 60)));
}

TEST(FileHeaderTest, EveryFieldComesBack) {
  FileHeader header = ExampleHeader();
  header.magic = kManifestMagic;
  header.compatible_features = 0x80000001;
  header.identity.number = 0x0123456789abcdef;
  const auto back = DecodeFileHeader(EncodeFileHeader(header), kManifestMagic);
  ASSERT_TRUE(back.ok()) << back.error().ToString();
  EXPECT_EQ(back->magic, header.magic);
  EXPECT_EQ(back->version, kFormatVersion);
  EXPECT_EQ(back->incompatible_features, 0u);
  EXPECT_EQ(back->compatible_features, 0x80000001) << "unknown compatible features: read on";
  EXPECT_EQ(back->identity, header.identity);
  EXPECT_EQ(back->created_micros, header.created_micros);
}

TEST(FileHeaderTest, EveryFlippedBitAndEveryTruncationIsFound) {
  const std::string good = EncodeFileHeader(ExampleHeader());
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const auto header = DecodeFileHeader(bad, kTableMagic);
    ASSERT_FALSE(header.ok()) << "bit " << bit;
    EXPECT_EQ(header.error().code(), Code::kCorruption) << "bit " << bit;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(DecodeFileHeader(good.substr(0, size), kTableMagic).ok()) << size;
  }
}

TEST(FileHeaderTest, EachRefusalSaysWhatWasWantedAndWhatWasFound) {
  const std::string good = EncodeFileHeader(ExampleHeader());
  std::string flipped = good;
  flipped[30] = static_cast<char>(flipped[30] ^ 1);
  const struct {
    const char* damage;
    std::string bytes;
    Code code;
    const char* want;
  } kCases[] = {
      {"empty", "", Code::kCorruption, "file header is cut short: want 64 bytes, found 0"},
      {"a JPEG", "\xff\xd8\xff\xe0" + std::string(100, 'j'), Code::kCorruption,
       "bad magic at offset 0, want \"BEACHSST\", found \"\\xff\\xd8\\xff\\xe0jjjj\""},
      {"zeros", std::string(64, '\0'), Code::kCorruption, "bad magic"},
      {"another kind of file", std::string(kWalMagic) + good.substr(8), Code::kCorruption,
       "want \"BEACHSST\", found \"BEACHWAL\""},
      {"flipped bit", flipped, Code::kCorruption, "checksum mismatch at offset 60, want "},
      {"newer version", WithField(good, 8, 2), Code::kNotSupported,
       "format version 2, this build reads up to 1"},
      {"version zero", WithField(good, 8, 0), Code::kCorruption, "format version 0"},
      {"unknown feature", WithField(good, 12, 0x40), Code::kNotSupported,
       "unknown incompatible features 0x00000040"},
      {"first gap used", WithField(good, 20, 1), Code::kCorruption, "want to be zero"},
      {"second gap used", WithField(good, 56, 1), Code::kCorruption, "want to be zero"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.damage);
    const auto header = DecodeFileHeader(c.bytes, kTableMagic);
    ASSERT_FALSE(header.ok());
    EXPECT_EQ(header.error().code(), c.code);
    EXPECT_THAT(header.error().message(), HasSubstr(c.want));
  }
}

TEST(FileHeaderTest, AFileOfAnotherDatabaseOrNumberIsToldFromOurs) {
  const std::string bytes = EncodeFileHeader(ExampleHeader());
  FileIdentity want = ExampleHeader().identity;
  EXPECT_TRUE(CheckFileHeader(bytes, kTableMagic, want).ok());
  want.number = 8;
  EXPECT_THAT(CheckFileHeader(bytes, kTableMagic, want).error().message(),
              HasSubstr("is file number 7, want 8"));
  want.database[0] = 0;
  EXPECT_THAT(CheckFileHeader(bytes, kTableMagic, want).error().message(),
              HasSubstr("belongs to database b3f0c2d1-5a6e-4c07-9b1d-2f83e4a5c6d7, this one is "
                        "00f0c2d1-"));
}

TEST(DatabaseIdTest, TheTextComesBackAndOnlyTheTextIsAccepted) {
  const std::string text = "00112233-4455-6677-8899-aabbccddeeff";
  const auto id = ParseDatabaseId(text);
  ASSERT_TRUE(id.ok());
  EXPECT_EQ((*id)[0], 0x00);
  EXPECT_EQ((*id)[15], 0xff);
  EXPECT_EQ(FormatDatabaseId(*id), text);
  for (const char* bad :
       {"", "0", "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff0",
        "001122334-455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-AABBCCDDEEFF",
        "00112233_4455_6677_8899_aabbccddeeff", "00112233-4455-6677-8899-aabbccddeefg"}) {
    EXPECT_FALSE(ParseDatabaseId(bad).ok()) << bad;
  }
}

TEST(BoundChecksumTest, IsTheCrcOfIdentityNumberOffsetAndBytes) {
  const FileIdentity file = ExampleHeader().identity;
  std::string all(reinterpret_cast<const char*>(file.database.data()), 16);
  PutFixed64(all, file.number);
  PutFixed64(all, 4096);
  all += "a block";
  EXPECT_EQ(BoundChecksum(IdentityChecksum(file), 4096, "a block"), crc32c::Value(all));
}

TEST(BoundChecksumTest, TheSameBytesInAnotherPlaceFileOrDatabaseHaveAnother) {
  const FileIdentity here = ExampleHeader().identity;
  FileIdentity other_file = here;
  other_file.number = 8;
  FileIdentity other_database = here;
  other_database.database[15] ^= 1;
  const std::uint32_t right = BoundChecksum(IdentityChecksum(here), 4096, "a block");
  EXPECT_NE(BoundChecksum(IdentityChecksum(here), 8192, "a block"), right);
  EXPECT_NE(BoundChecksum(IdentityChecksum(other_file), 4096, "a block"), right);
  EXPECT_NE(BoundChecksum(IdentityChecksum(other_database), 4096, "a block"), right);
}

TEST(BoundChecksumTest, IsNeverZero) {
  // Four bytes can bring a CRC to any value: find those that bring it to zero by undoing it
  // bit by bit.
  const std::uint32_t seed = IdentityChecksum(ExampleHeader().identity);
  char offset[8] = {};
  std::uint32_t state = 0xffffffff;  // the register that is inverted to zero
  for (int bit = 0; bit < 32; ++bit) {
    state = (state & 0x80000000) != 0 ? ((state ^ 0x82f63b78) << 1 | 1) : state << 1;
  }
  std::string bytes(4, '\0');
  StoreFixed32(bytes.data(), state ^ ~crc32c::Extend(seed, {offset, sizeof offset}));
  ASSERT_EQ(crc32c::Extend(crc32c::Extend(seed, {offset, sizeof offset}), bytes), 0u);
  EXPECT_EQ(BoundChecksum(seed, 0, bytes), kZeroChecksumStandIn);
}

}  // namespace
}  // namespace beachdb
