// `beach salvage`: of each kind of damage everything undamaged is there, what is lost is told, and
// the damaged database is left as it is.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "beachdb/db.h"
#include "beachdb/table_file.h"
#include "format/file_names.h"
#include "kv/expiry.h"
#include "tests/tools/handmade_database.h"
#include "tests/tools/program.h"
#include "tests/tools/salvage_fixture.h"
#include "wal/log_format.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;

TEST_F(SalvageTest, AnUndamagedDatabaseIsCopiedWhole) {
  MakeSmall();
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.report;
  EXPECT_EQ(outcome.contents, kSmall);
  EXPECT_THAT(outcome.report["may_reappear"], IsEmpty());
  EXPECT_THAT(outcome.report["notes"], IsEmpty());
  EXPECT_EQ(outcome.report["tables"], 3);
  EXPECT_EQ(outcome.report["logs"], 1);
  EXPECT_EQ(outcome.report["entries"], 10);
}

TEST_F(SalvageTest, WhatAKilledWriterLeftIsComplete) {
  std::string lines;
  Contents contents;
  for (int i = 0; i < 3000; ++i) {
    lines += Numbered(i) + "\tvalue\n";
    contents[Numbered(i)] = "value";
  }
  LoadAndKill(src_, lines);
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.report;
  EXPECT_EQ(outcome.contents, contents);
}

TEST_F(SalvageTest, ABadBlockCostsItsOwnKeysAlone) {
  const Contents contents = MakeBlocks();
  Flip("000005.sst", 2000);
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.exit_code, 1);
  ASSERT_THAT(outcome.report["losses"], SizeIs(1));
  const Json& loss = outcome.report["losses"][0];
  EXPECT_EQ(loss["file"], "000005.sst");
  EXPECT_LE(loss["begin"], 2000);
  EXPECT_GT(loss["end"], 2000);
  EXPECT_THAT(loss["reason"], HasSubstr("checksum mismatch, expected "));
  EXPECT_GT(loss["entries"], 0);
  EXPECT_LT(loss["entries"], 10);
  ExpectAllBut(outcome.report["losses"], contents, outcome.contents);
}

TEST_F(SalvageTest, BadBlocksInSeveralPlacesAreSeveralLosses) {
  const Contents contents = MakeBlocks();
  const std::size_t size = ReadWholeFile(Src("000005.sst")).size();
  Flip("000005.sst", 100);  // in the first block
  Flip("000005.sst", 2000);
  Flip("000005.sst", size / 2);
  const Outcome outcome = Salvage();
  ASSERT_THAT(outcome.report["losses"], SizeIs(3));
  EXPECT_EQ(outcome.report["losses"][0]["from"], Numbered(0));
  EXPECT_THAT(outcome.report["notes"], ElementsAre(HasSubstr("entries are lost in 3 places")));
  ExpectAllBut(outcome.report["losses"], contents, outcome.contents);
}

TEST_F(SalvageTest, WithoutItsEndATableStillGivesEveryBlock) {
  for (const Compression compression :
       {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
    fs::remove_all(src_);
    const Contents contents = MakeBlocks(compression);
    const std::size_t size = ReadWholeFile(Src("000005.sst")).size();
    for (const std::size_t keep : {size - 1, size - kFooterSize, size - kFooterSize - 20}) {
      Cut("000005.sst", keep);
      const Outcome outcome = Salvage();
      EXPECT_EQ(outcome.exit_code, 0) << keep << " of " << size << ": " << outcome.report;
      EXPECT_EQ(outcome.contents, contents);
    }
  }
}

TEST_F(SalvageTest, WithoutIndexAndWithABadBlockTheRestIsFound) {
  for (const Compression compression : {Compression::kNone, Compression::kLz4}) {
    fs::remove_all(src_);
    const Contents contents = MakeBlocks(compression);
    Cut("000005.sst", ReadWholeFile(Src("000005.sst")).size() - 10);
    Flip("000005.sst", 300);
    const Outcome outcome = Salvage();
    ASSERT_THAT(outcome.report["losses"], SizeIs(1)) << outcome.report;
    EXPECT_LT(outcome.report["losses"][0]["entries"], 10);
    EXPECT_THAT(outcome.report["losses"][0]["reason"], HasSubstr("no whole block begins here"));
    ExpectAllBut(outcome.report["losses"], contents, outcome.contents);
  }
}

TEST_F(SalvageTest, ATableCutInTheMiddleGivesWhatIsBefore) {
  const Contents contents = MakeBlocks();
  Cut("000005.sst", 3000);
  const Outcome outcome = Salvage();
  ASSERT_THAT(outcome.report["losses"], SizeIs(1)) << outcome.report;
  EXPECT_EQ(outcome.report["losses"][0]["to"], Numbered(99));
  EXPECT_GT(outcome.contents.size(), 20u);
  ExpectAllBut(outcome.report["losses"], contents, outcome.contents);
}

TEST_F(SalvageTest, ADamagedHeaderCostsNothing) {
  const Contents contents = MakeBlocks();
  Flip("000005.sst", 10);
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.report;
  EXPECT_EQ(outcome.contents, contents);
}

TEST_F(SalvageTest, OlderVersionsShowWhereTheNewestIsLostAndThatIsSaid) {
  MakeSmall();
  Flip("000007.sst", 80);
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.exit_code, 1);
  Contents want = kSmall;
  want["conch"] = "old";
  want["kelp"] = "green";
  EXPECT_EQ(outcome.contents, want);
  EXPECT_THAT(outcome.report["may_reappear"], ElementsAre(HasSubstr("an older version shows")));
  EXPECT_EQ(outcome.report["losses"][0]["entries"], 2);
  EXPECT_EQ(outcome.report["losses"][0]["from"], "conch");
  EXPECT_EQ(outcome.report["losses"][0]["to"], "kelp");
}

TEST_F(SalvageTest, AMissingTableIsNamedWithItsKeys) {
  MakeSmall();
  fs::remove(Src("000006.sst"));
  const Outcome outcome = Salvage();
  Contents want = kSmall;
  want.erase("limpet");
  EXPECT_EQ(outcome.contents, want);
  EXPECT_EQ(
      outcome.report["losses"],
      Json::parse(fmt::format(
          R"([{{"file":"000006.sst","begin":0,"end":{},"from":"limpet","to":"whelk","entries":3,
                     "reason":"the file is missing, but the MANIFEST names it"}}])",
          outcome.report["losses"][0]["end"].get<int>())));
}

TEST_F(SalvageTest, WithoutCurrentTheNewestManifestIsFollowed) {
  MakeSmall();
  const std::string whole = ReadWholeFile(Src("CURRENT"));
  for (const std::string& line : {std::string(), whole.substr(0, 10), std::string(100, 'x')}) {
    Overwrite("CURRENT", line);
    const Outcome outcome = Salvage();
    EXPECT_EQ(outcome.exit_code, 0) << outcome.report;
    EXPECT_EQ(outcome.contents, kSmall);
    EXPECT_THAT(outcome.report["notes"],
                ElementsAre(HasSubstr("CURRENT cannot be read"), HasSubstr("is taken")));
  }
  fs::remove(Src("CURRENT"));
  EXPECT_EQ(Salvage().contents, kSmall);
}

TEST_F(SalvageTest, WithoutIdentityTheFilesTellWhoseTheyAre) {
  MakeSmall();
  fs::remove(Src("IDENTITY"));
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.contents, kSmall);
  EXPECT_THAT(outcome.report["notes"], ElementsAre(HasSubstr("IDENTITY cannot be read")));
}

TEST_F(SalvageTest, WithoutAManifestAllFilesAreUsedAndThatIsSaid) {
  MakeSmall();
  std::string manifest;
  for (const auto& entry : fs::directory_iterator(src_)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("MANIFEST-")) manifest = name;
  }
  Flip(manifest, 100);
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.contents, kSmall) << "deletions in tables and logs count all the same";
  EXPECT_EQ(outcome.report["losses"][0]["file"], manifest);
  EXPECT_THAT(outcome.report["may_reappear"],
              testing::Contains(HasSubstr("nobody knows which files are stale")));
  fs::remove(Src(manifest));
  EXPECT_EQ(Salvage().contents, kSmall);
}

TEST_F(SalvageTest, AStaleTableBringsDeletedKeysBackOnlyWithoutAManifest) {
  HandmadeDatabase db(src_);
  db.AddTable(1, 5, {{"conch", 3, "spiral"}});
  db.Finish();
  {
    // A table that was merged away, together with its key's deletion.
    HandmadeDatabase stale(folder_.Path("stale"));
    stale.AddTable(1, 4, {{"ghost", 1, "deleted since"}});
    fs::copy(folder_.Path("stale/000004.sst"), Src("000004.sst"));
  }
  EXPECT_EQ(Salvage().contents, (Contents{{"conch", "spiral"}}));
  for (const auto& entry : fs::directory_iterator(src_)) {
    if (entry.path().filename().string().starts_with("MANIFEST-")) fs::remove(entry.path());
  }
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.contents, (Contents{{"conch", "spiral"}, {"ghost", "deleted since"}}));
  ASSERT_THAT(outcome.report["losses"], SizeIs(1));
  EXPECT_THAT(outcome.report["losses"][0]["file"], testing::StartsWith("MANIFEST-"));
  fs::remove(Src("CURRENT"));
  EXPECT_THAT(Salvage().report["losses"][0]["reason"], "there is none");
  EXPECT_THAT(outcome.report["may_reappear"], Not(IsEmpty()));
}

TEST_F(SalvageTest, ABadRecordInALogCostsItsOwnWritesAlone) {
  MakeSmall();
  const std::string bytes = ReadWholeFile(Src("000008.wal"));
  const std::size_t second = bytes.find("whelk", kLogDataStart);
  ASSERT_NE(second, std::string::npos);
  Flip("000008.wal", second);
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.exit_code, 1);
  Contents want = kSmall;
  want["whelk"] = "grey";  // its deletion is what was lost
  EXPECT_EQ(outcome.contents, want);
  ASSERT_THAT(outcome.report["losses"], SizeIs(1));
  const Json& loss = outcome.report["losses"][0];
  EXPECT_EQ(loss["file"], "000008.wal");
  EXPECT_LE(loss["begin"], second);
  EXPECT_GT(loss["end"], second);
  EXPECT_EQ(loss["entries"], 1);
  EXPECT_THAT(loss["reason"], HasSubstr("checksum mismatch"));
}

TEST_F(SalvageTest, AnUnfinishedWriteAtTheEndOfTheLogIsNoLoss) {
  MakeSmall();
  Cut("000008.wal", ReadWholeFile(Src("000008.wal")).size() - 8);
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.report;
  Contents want = kSmall;
  want.erase("crab");
  EXPECT_EQ(outcome.contents, want);
  EXPECT_THAT(outcome.report["notes"], ElementsAre(HasSubstr("000008.wal was cut at offset ")));
}

TEST_F(SalvageTest, AMissingLogShowsByTheSeqnosThatAreInNone) {
  HandmadeDatabase db(src_);
  db.AddTable(1, 5, {{"conch", 3, "spiral"}});
  db.AddLog(8, 4, {{"squid", 0, "ink"}, {"crab", 0, "claw"}});
  db.AddLog(9, 6, {{"kelp", 0, "green"}, {"limpet", 0, "flat"}});
  db.Finish();
  fs::remove(Src("000008.wal"));
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.contents,
            (Contents{{"conch", "spiral"}, {"kelp", "green"}, {"limpet", "flat"}}));
  ASSERT_THAT(outcome.report["losses"], SizeIs(1)) << outcome.report;
  EXPECT_THAT(outcome.report["losses"][0]["reason"],
              HasSubstr("seqnos 4 to 5 are in no log that is there"));
  EXPECT_EQ(outcome.report["losses"][0]["entries"], 2);
}

TEST_F(SalvageTest, ALogWithADamagedHeaderStillGivesItsRecords) {
  MakeSmall();
  Flip("000008.wal", 20);
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.contents, kSmall);
  EXPECT_THAT(outcome.report["notes"], ElementsAre(HasSubstr("its records are right, and used")));
}

TEST_F(SalvageTest, NothingIsOverwrittenAndNothingOpenIsRead) {
  MakeSmall();
  const auto refused = [&](const std::string& dst, int code, const std::string& part) {
    const ProgramResult result = RunProgram("beach", {"salvage", src_, dst});
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_THAT(result.err, HasSubstr(part));
    EXPECT_EQ(result.out, "");
  };
  fs::create_directory(folder_.Path("there"));
  refused(folder_.Path("there"), 2, "is there already, and nothing is overwritten");
  fs::create_directory(folder_.Path("half.unfinished"));
  refused(folder_.Path("half"), 2, "an interrupted salvage left it; remove it");
  refused(src_ + "/inside", 2, "where nothing is written");
  EXPECT_EQ(
      RunProgram("beach", {"salvage", folder_.Path("nowhere"), folder_.Path("dst")}).exit_code, 2);
  EXPECT_EQ(RunProgram("beach", {"salvage", folder_.Path("there"), folder_.Path("dst")}).exit_code,
            2);
  EXPECT_EQ(RunProgram("beach", {"salvage", src_}).exit_code, 2);
  auto db = Db::Open(src_);
  ASSERT_TRUE(db.ok());
  refused(folder_.Path("dst"), 5, "another process has the database open");
}

TEST_F(SalvageTest, FilesThatAreNoneAreLossesBesideWhatIsThere) {
  MakeSmall();
  fs::remove(Src("CURRENT"));
  for (const auto& entry : fs::directory_iterator(src_)) {
    if (entry.path().filename().string().starts_with("MANIFEST-")) fs::remove(entry.path());
  }
  Overwrite("000020.sst", "");
  Overwrite("000021.sst",
            std::string("\xff\xd8\xff\xe0\x00\x10JFIF\x00", 11) + std::string(9000, 'x'));
  Overwrite("000022.sst", "");
  fs::resize_file(Src("000022.sst"), 300u << 20);  // a hole
  Overwrite("000023.wal", std::string(10'000, 'w'));
  Overwrite("000024.wal", "");
  fs::create_directory(Src("000025.sst"));
  Overwrite("strange", "left alone");
  const std::string dst = folder_.Path("dst");
  const ProgramResult result = RunProgram("beach", {"salvage", src_, dst, "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const Json report = Json::parse(result.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << result.out;
  std::vector<std::string> files;
  for (const Json& loss : report["losses"]) files.push_back(loss["file"]);
  EXPECT_THAT(files, ElementsAre("000020.sst", "000021.sst", "000022.sst", "000023.wal",
                                 "000025.sst", "MANIFEST"));
  EXPECT_EQ(ContentsOf(dst), kSmall);
}

TEST_F(SalvageTest, PeopleAreToldWhatWasLost) {
  MakeSmall();
  fs::remove(Src("000006.sst"));
  const ProgramResult result = RunProgram("beach", {"salvage", src_, folder_.Path("dst")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("lost: 000006.sst: bytes 0 to "));
  EXPECT_THAT(result.out, HasSubstr(", 3 entries, keys from limpet to whelk: the file is missing"));
  EXPECT_THAT(result.out, HasSubstr("deleted or older data may be there again: "));
  EXPECT_THAT(result.out, HasSubstr("\nwith 1 loss: 3 keys in "));
}

// Deleted ranges, puts with an end and loads.
TEST_F(SalvageTest, EveryKindOfWriteInTablesIsHonoured) {
  Options options;
  options.log = [](LogLevel, std::string_view) {};
  {
    auto db = Db::Open(src_, options);
    ASSERT_TRUE(db.ok());
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(db->Put(Numbered(i), "old").ok());
    ASSERT_TRUE(db->CompactRange().ok());
    ASSERT_TRUE(db->DeleteRange(Numbered(5), Numbered(15)).ok());
    ASSERT_TRUE(db->Put(Numbered(7), "new").ok());
    ASSERT_TRUE(db->Flush().ok());
    {
      auto load = db->NewBulkLoad();
      ASSERT_TRUE(load.ok());
      for (int i = 20; i < 25; ++i) ASSERT_TRUE(load->Add(Numbered(i), "loaded").ok());
      ASSERT_TRUE(load->Commit().ok());
    }
    ASSERT_TRUE(db->PutExpiring(Numbered(1), "for long", 100'000'000'000).ok());
    ASSERT_TRUE(db->PutExpiring(Numbered(2), "", 1).ok());
    ASSERT_TRUE(db->DeleteRange(Numbered(28), Numbered(99)).ok());
    ASSERT_TRUE(db->Close().ok());
  }
  Contents want;
  for (int i = 0; i < 28; ++i) {
    if (i >= 5 && i < 15) continue;
    want[Numbered(i)] = i >= 20 && i < 25 ? "loaded" : "old";
  }
  want[Numbered(1)] = "for long";
  want.erase(Numbered(2));
  want[Numbered(7)] = "new";
  const Outcome outcome = Salvage();
  EXPECT_THAT(outcome.report["losses"], IsEmpty());
  EXPECT_EQ(outcome.contents, want);
}

// Only a MANIFEST knows the place of a load in the order of writes. The report says so.
TEST_F(SalvageTest, ALoadWithoutAManifestCountsAsOlderThanEverything) {
  {
    Options options;
    options.log = [](LogLevel, std::string_view) {};
    auto db = Db::Open(src_, options);
    ASSERT_TRUE(db.ok());
    ASSERT_TRUE(db->Put("conch", "old").ok());
    ASSERT_TRUE(db->CompactRange().ok());
    ASSERT_TRUE(db->Close().ok());
  }
  for (const auto& entry : fs::directory_iterator(src_)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("MANIFEST") || name == "CURRENT") fs::remove(entry.path());
  }
  // As Ingest leaves it. A database that is open might merge the two tables.
  auto load = TableFileBuilder::Create(JoinPath(src_, TableName(900)));
  ASSERT_TRUE(load.ok());
  ASSERT_TRUE(load->Add("conch", "loaded").ok());
  ASSERT_TRUE(load->Add("crab", "loaded").ok());
  ASSERT_TRUE(load->Finish().ok());
  const Outcome outcome = Salvage();
  EXPECT_EQ(outcome.contents, (Contents{{"conch", "old"}, {"crab", "loaded"}}));
  EXPECT_THAT(outcome.report["may_reappear"].dump(), HasSubstr("was loaded as a whole"));
}

TEST_F(SalvageTest, EveryKindOfWriteInALogIsHonoured) {
  HandmadeDatabase db(src_);
  db.AddTable(1, 5, {{"conch", 3, "old"}, {"kelp", 2, "green"}, {"whelk", 1, "grey"}});
  db.AddLog(8, 4,
            {{"a", 0, "l", Kind::kDeleteRange},
             {"crab", 0, WithExpiry(100'000'000'000, "claw"), Kind::kPutExpiring}});
  db.Finish();
  const Contents want = {{"crab", "claw"}, {"whelk", "grey"}};
  const Outcome outcome = Salvage();
  EXPECT_THAT(outcome.report["losses"], IsEmpty());
  EXPECT_EQ(outcome.contents, want);
}

}  // namespace
}  // namespace beachdb
