#include "manifest/version_edit.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/random.h"
#include "beachdb/options.h"
#include "manifest/edit_fields.h"
#include "manifest/test_files.h"
#include "manifest/version.h"

namespace beachdb {
namespace {

TEST(VersionEditTest, RandomEditsComeBackAsTheyWere) {
  const std::uint64_t seed = TestSeed();
  SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed));
  Random random(seed);
  for (int i = 0; i < 500; ++i) {
    const VersionEdit edit = RandomEdit(random);
    const std::string bytes = EncodeVersionEdit(edit);
    const auto decoded = DecodeVersionEdit(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.error().ToString();
    ASSERT_EQ(*decoded, edit);
    ASSERT_EQ(EncodeVersionEdit(*decoded), bytes);
  }
}

TEST(VersionEditTest, AnEmptyEditTakesNoBytes) {
  EXPECT_EQ(EncodeVersionEdit({}), "");
  const auto decoded = DecodeVersionEdit("");
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, VersionEdit{});
}

// A shorter payload is an error, or, where the cut falls between two fields, an edit with fewer
// fields; it never has what was cut away.
TEST(VersionEditTest, TruncationNeverInventsAnything) {
  Random random(7);
  const VersionEdit edit = RandomEdit(random);
  const std::string bytes = EncodeVersionEdit(edit);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = DecodeVersionEdit(bytes.substr(0, size));
    if (!decoded.ok()) {
      EXPECT_EQ(decoded.error().code(), Code::kCorruption);
    } else {
      EXPECT_EQ(EncodeVersionEdit(*decoded), bytes.substr(0, size)) << size;
    }
  }
}

// The frame's checksum catches flips; what passes all the same must be a canonical edit within all
// limits: encoding it again gives the same bytes (but for odd fields, which are skipped).
TEST(VersionEditTest, WhateverDecodesIsCanonical) {
  Random random(8);
  VersionEdit edit = RandomEdit(random);
  edit.added.resize(1);
  const std::string bytes = EncodeVersionEdit(edit);
  int refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      const auto decoded = DecodeVersionEdit(flipped);
      if (!decoded.ok()) {
        ++refused;
        EXPECT_NE(decoded.error().message().find("offset "), std::string::npos);
        continue;
      }
      const std::string again = EncodeVersionEdit(*decoded);
      EXPECT_TRUE(again == flipped || again.size() < flipped.size()) << "byte " << i;
    }
  }
  EXPECT_GT(refused, 0);
}

struct BadEdit {
  const char* what;
  std::string bytes;
  const char* want;
};

std::string Field(std::uint32_t tag, std::string_view contents) {
  std::string out;
  PutField(out, tag, contents);
  return out;
}

std::string Encoded(VersionEdit edit) { return EncodeVersionEdit(edit); }

VersionEdit Adding(int level, FileMetadata file) {
  VersionEdit edit;
  edit.added.push_back({level, std::move(file)});
  return edit;
}

FileMetadata Changed(void (*change)(FileMetadata&)) {
  FileMetadata file = MakeFile(5, "a", "b", 1, 2);
  change(file);
  return file;
}

TEST(VersionEditTest, EveryLimitIsChecked) {
  const std::string number = Encoded({.log_number = 4});
  // clang-format off
  const BadEdit kCases[] = {
      {"level beyond the tree", Encoded(Adding(kLevels, MakeFile(5, "a", "b", 1, 2))), "level 7"},
      {"negative level", Encoded(Adding(-1, MakeFile(5, "a", "b", 1, 2))), "level 4294967295"},
      {"file number 0", Encoded(Adding(1, Changed([](FileMetadata& f) { f.number = 0; }))), "file number 0"},
      {"empty key", Encoded(Adding(1, Changed([](FileMetadata& f) { f.smallest = ""; }))), "smallest key has 0 bytes"},
      {"huge key", Encoded(Adding(1, Changed([](FileMetadata& f) { f.largest = std::string(kMaxKeySize + 1, 'x'); }))), "largest key has 65537 bytes"},
      {"keys swapped", Encoded(Adding(1, Changed([](FileMetadata& f) { f.smallest = "c"; }))), "above the largest"},
      {"seqnos swapped", Encoded(Adding(1, Changed([](FileMetadata& f) { f.smallest_seqno = 3; }))), "impossible seqno range 3 to 2"},
      {"seqno of 57 bits", Encoded(Adding(1, Changed([](FileMetadata& f) { f.largest_seqno = kMaxSeqno + 1; }))), "impossible seqno range"},
      {"more keys than entries", Encoded(Adding(1, Changed([](FileMetadata& f) { f.distinct_keys = f.entries + 1; }))), "distinct keys among"},
      {"more tombstones than entries", Encoded(Adding(1, Changed([](FileMetadata& f) { f.tombstones = f.entries + 1; }))), "tombstones among"},
      {"last seqno of 57 bits", Encoded({.last_seqno = kMaxSeqno + 1}), "beyond 56 bits"},
      {"a number twice", number + number, "is there twice"},
      {"tags that descend", Encoded({.last_seqno = 1}) + number, "tags never descend"},
      {"tag 0", std::string(2, '\0'), "no valid field tag"},
      {"endless tag", std::string(6, '\xff'), "no valid field tag"},
      {"no length", "\x08", "no valid length"},
      {"contents cut short", number.substr(0, 2), "claims 1 bytes, 0 are left"},
      {"four gigabytes promised", std::string("\x12\xff\xff\xff\xff\x0f", 6), "claims 4294967295 bytes, 0 are left"},
      {"contents too long", Field(edit_tag::kLogNumber, std::string("\x04\x00", 2)), "1 bytes too many"},
      {"number in a long form", Field(edit_tag::kLogNumber, std::string("\x84\x00", 2)), "cut short or malformed"},
      {"removed file cut short", Field(edit_tag::kRemoved, "\x01"), "file number is cut short"},
      {"a snapshot's field", Field(edit_tag::kComparator, "bytewise"), "unknown to this build"},
  };
  // clang-format on
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    const auto decoded = DecodeVersionEdit(c.bytes);
    ASSERT_FALSE(decoded.ok());
    EXPECT_NE(decoded.error().message().find(c.want), std::string::npos)
        << decoded.error().ToString();
    EXPECT_NE(decoded.error().message().find("offset "), std::string::npos);
  }
}

TEST(VersionEditTest, KeysAtTheirLimitsAreFine) {
  const VersionEdit edit =
      Adding(kLevels - 1,
             MakeFile(5, std::string(1, '\0'), std::string(kMaxKeySize, '\xff'), 0, kMaxSeqno));
  const auto decoded = DecodeVersionEdit(EncodeVersionEdit(edit));
  ASSERT_TRUE(decoded.ok()) << decoded.error().ToString();
  EXPECT_EQ(*decoded, edit);
}

TEST(VersionEditTest, UnknownEvenFieldsAreRefusedAndOddOnesSkipped) {
  const VersionEdit edit{.log_number = 4, .last_seqno = 9};
  const auto odd = DecodeVersionEdit(EncodeVersionEdit(edit) + Field(edit_tag::kAdded + 1, "note"));
  ASSERT_TRUE(odd.ok()) << odd.error().ToString();
  EXPECT_EQ(*odd, edit);

  const auto even =
      DecodeVersionEdit(EncodeVersionEdit(edit) + Field(edit_tag::kAddedWithMore + 2, "must"));
  ASSERT_FALSE(even.ok());
  EXPECT_EQ(even.error().code(), Code::kNotSupported);
  EXPECT_NE(even.error().message().find("tag 22"), std::string::npos);
}

}  // namespace
}  // namespace beachdb
