#include "backup/backup_record.h"

#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/crc32c.h"

namespace beachdb {
namespace {

BackupRecord Sample() {
  return {.id = 3,
          .created_micros = 1767225600000000,
          .database = *ParseDatabaseId("5c3e6f0a-1b2c-4d5e-8f90-a1b2c3d4e5f6"),
          .last_seqno = 17,
          .durable_index = 4,
          .new_files = 2,
          .new_bytes = 1846,
          .manifest = {9, 512, 0x1a2b3c4d},
          .tables = {{7, 1334, 0x5e6f7a8b}, {8, 40, 0}}};
}

std::string Sealed(const std::string& lines) {
  return lines + fmt::format("end {:08x}\n", crc32c::Value(lines));
}

TEST(BackupRecordTest, WhatIsWrittenIsRead) {
  const std::string text = EncodeBackupRecord(Sample());
  EXPECT_EQ(text, Sealed("beachdb-backup 1\nid 3\ncreated_micros 1767225600000000\n"
                         "database 5c3e6f0a-1b2c-4d5e-8f90-a1b2c3d4e5f6\nlast_seqno 17\n"
                         "durable_index 4\nnew_files 2\nnew_bytes 1846\nmanifest 9 512 1a2b3c4d\n"
                         "table 7 1334 5e6f7a8b\ntable 8 40 00000000\n"));
  const auto read = DecodeBackupRecord(text);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(*read, Sample());
  EXPECT_EQ(read->bytes(), 512u + 1334u + 40u);
}

TEST(BackupRecordTest, TheExampleOfThePageIsARecord) {
  std::ifstream in(BEACHDB_SOURCE_DIR "/docs/formats/backup.md");
  const std::string page{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::string begin = "```text\n";
  const std::size_t at = page.find(begin);
  ASSERT_NE(at, std::string::npos);
  const std::string example =
      page.substr(at + begin.size(), page.find("```", at + begin.size()) - at - begin.size());
  const auto read = DecodeBackupRecord(example);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(*read, Sample());
  EXPECT_EQ(EncodeBackupRecord(*read), example);
}

TEST(BackupRecordTest, EveryFlippedBitAndEveryCutIsNoticed) {
  const std::string text = EncodeBackupRecord(Sample());
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = text;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      const auto read = DecodeBackupRecord(damaged);
      ASSERT_FALSE(read.ok()) << "byte " << i << " bit " << bit;
      EXPECT_EQ(read.error().code(), Code::kCorruption);
    }
    EXPECT_FALSE(DecodeBackupRecord(text.substr(0, i)).ok()) << "cut at " << i;
  }
}

TEST(BackupRecordTest, WhatHasARightChecksumAndMakesNoSenseIsRefused) {
  const std::string begin =
      "beachdb-backup 1\nid 3\ncreated_micros 1\ndatabase 5c3e6f0a-1b2c-4d5e-8f90-a1b2c3d4e5f6\n"
      "last_seqno 1\ndurable_index 0\nnew_files 1\nnew_bytes 1\n";
  const struct {
    const char* fault;
    std::string lines;
    const char* want;
  } kCases[] = {
      {"newer", "beachdb-backup 2\n", "version 2, this build reads 1"},
      {"no number", "beachdb-backup 1\nid three\n", "line 2: want \"id <number>\""},
      {"leading zero", "beachdb-backup 1\nid 03\n", "line 2: want \"id <number>\""},
      {"missing manifest", begin, "line 9: want \"manifest ...\""},
      {"short checksum", begin + "manifest 9 512 1a2b\n", "8 hex digits"},
      {"number too large", begin + "manifest 99999999999999999999 1 00000000\n", "<number>"},
      {"tables out of order",
       begin + "manifest 9 1 00000000\ntable 8 1 00000000\ntable 7 1 00000000\n",
       "want a table above 8"},
      {"last line joined to another", begin + "manifest 9 1 00000000", "want a newline"},
      {"unknown line", begin + "manifest 9 1 00000000\nchair 8 1 00000000\n", "want \"table ...\""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.fault);
    const auto read = DecodeBackupRecord(Sealed(c.lines));
    ASSERT_FALSE(read.ok());
    EXPECT_NE(read.error().message().find(c.want), std::string::npos) << read.error().message();
  }
}

TEST(BackupRecordTest, NamesSayWhatIsStoredAndNothingElsePassesForOne) {
  const BackupRecord record = Sample();
  const std::string table = StoredName(record.database, record.tables[0], StoredKind::kTable);
  EXPECT_EQ(table, "5c3e6f0a-1b2c-4d5e-8f90-a1b2c3d4e5f6-000007-1334-5e6f7a8b.sst");
  EXPECT_TRUE(IsStoredName(table));
  EXPECT_TRUE(IsStoredName(table + ".tmp"));
  EXPECT_TRUE(IsStoredName(StoredName(record.database, record.manifest, StoredKind::kManifest)));
  for (const std::string& name :
       {std::string("notes.txt"), std::string(".sst"), std::string("000007.sst"), "0" + table,
        table + "x", table.substr(1), std::string()}) {
    EXPECT_FALSE(IsStoredName(name)) << name;
  }
  EXPECT_EQ(RecordName(3), "000003.backup");
  EXPECT_EQ(ParseRecordName("000003.backup"), 3u);
  EXPECT_EQ(ParseRecordName("1234567.backup"), 1234567u);
  for (const char* name : {"3.backup", "000003.backup.tmp", ".backup", "00000x.backup", ""}) {
    EXPECT_FALSE(ParseRecordName(name)) << name;
  }
}

}  // namespace
}  // namespace beachdb
