#include "format/file_names.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

TEST(FileNamesTest, NumbersHaveSixDigitsAtLeast) {
  EXPECT_EQ(TableName(7), "000007.sst");
  EXPECT_EQ(LogName(8), "000008.wal");
  EXPECT_EQ(ManifestName(9), "MANIFEST-000009");
  EXPECT_EQ(TableName(1234567), "1234567.sst");
}

TEST(FileNamesTest, EveryNumberedNameParsesBack) {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{999999},
                                     std::uint64_t{1000000}, UINT64_MAX}) {
    const struct {
      std::string name;
      FileType type;
    } kCases[] = {{TableName(number), FileType::kTable},
                  {LogName(number), FileType::kLog},
                  {ManifestName(number), FileType::kManifest}};
    for (const auto& c : kCases) {
      const auto parsed = ParseFileName(c.name);
      ASSERT_TRUE(parsed.has_value()) << c.name;
      EXPECT_EQ(parsed->type, c.type);
      EXPECT_EQ(parsed->number, number);
    }
  }
}

TEST(FileNamesTest, TheFixedNamesAndTemporariesAreOurs) {
  EXPECT_EQ(ParseFileName("CURRENT")->type, FileType::kCurrent);
  EXPECT_EQ(ParseFileName("IDENTITY")->type, FileType::kIdentity);
  EXPECT_EQ(ParseFileName("LOCK")->type, FileType::kLock);
  EXPECT_EQ(ParseFileName("EVENTS.log")->type, FileType::kEvents);
  EXPECT_EQ(ParseFileName("CURRENT.tmp")->type, FileType::kTemporary);
  EXPECT_EQ(ParseFileName("MANIFEST-000009.tmp")->type, FileType::kTemporary);
  EXPECT_EQ(ParseFileName("000007.sst.tmp")->type, FileType::kTemporary);
}

// What does not parse is never touched, so a name that is nearly ours must not parse.
TEST(FileNamesTest, WhateverWeWouldNotHaveWrittenIsNotOurs) {
  for (const char* name : {"",
                           ".",
                           "..",
                           "7.sst",
                           "00007.sst",
                           "0000007.sst",
                           "000007.SST",
                           "000007.sst2",
                           "000007",
                           "-00007.sst",
                           "+00007.sst",
                           " 000007.sst",
                           "000007.sst ",
                           "00000x.sst",
                           "0x0007.sst",
                           "18446744073709551616.sst",
                           "99999999999999999999.wal",
                           "100000000000000000000.wal",
                           "MANIFEST",
                           "MANIFEST-",
                           "MANIFEST-9",
                           "MANIFEST-0000009",
                           "manifest-000009",
                           "current",
                           "CURRENT2",
                           "LOCK ",
                           "IDENTITY.bak",
                           ".tmp",
                           "notes.txt",
                           ".sst",
                           ".wal"}) {
    EXPECT_FALSE(ParseFileName(name).has_value()) << name;
  }
}

TEST(FileNamesTest, PathsHaveOneSlash) {
  EXPECT_EQ(JoinPath("db", "LOCK"), "db/LOCK");
  EXPECT_EQ(JoinPath("db/", "LOCK"), "db/LOCK");
  EXPECT_EQ(JoinPath("/", "LOCK"), "/LOCK");
  EXPECT_EQ(JoinPath("", "LOCK"), "LOCK");
}

}  // namespace
}  // namespace beachdb
