// `beach export` and `beach load` of each format, whole, cut short, interrupted and resumed.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tools/program.h"
#include "tools/load_position.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Json = nlohmann::json;

class ExportLoadTest : public ::testing::TestWithParam<const char*> {
 protected:
  static ProgramResult Beach(const std::string& db, std::vector<std::string> arguments,
                             const std::string& input = "") {
    arguments.insert(arguments.begin(), {"--db", db});
    return RunProgram("beach", arguments, input);
  }
  static std::string Out(const std::string& db, const std::vector<std::string>& arguments,
                         const std::string& input = "") {
    const ProgramResult result = Beach(db, arguments, input);
    EXPECT_EQ(result.exit_code, 0) << arguments[0] << ": " << result.err;
    // Who was killed may have left the next log half made: the open that meets it says so.
    EXPECT_TRUE(result.err.empty() || result.err.starts_with("beach: note: ")) << result.err;
    return result.out;
  }
  std::string Scan(const std::string& db) const { return Out(db, {"scan", "--format", "hex"}); }
  // `count` records; every byte is in some of them.
  void Fill(int count) const {
    std::string lines;
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(100'000 + i);
      lines +=
          number + (i % 7 == 0 ? "\\t\\n\\\\\xff" : "") + "\t" + std::string(i % 300, 'v') + "\n";
    }
    Out(db_, {"load", "-", "--format", "tsv"}, lines);
  }
  std::string Position(const std::string& db) const {
    return db + "/" + std::string(tools::kLoadPositionName);
  }

  const std::string format_ = GetParam();
  TestFolder folder_;
  const std::string db_ = folder_.Path("db");
  const std::string copy_ = folder_.Path("copy");
  const std::string file_ = folder_.Path("records");
};

TEST_P(ExportLoadTest, WhatIsExportedIsLoadedThroughAFileAndThroughAPipe) {
  Fill(5000);
  const std::string said = Out(db_, {"export", file_, "--format", format_});
  EXPECT_THAT(said, HasSubstr("exported 5,000 records ("));
  EXPECT_EQ(Out(copy_, {"load", file_, "--format", format_}).find("loaded 5,000 records ("), 0u);
  EXPECT_TRUE(Scan(copy_) == Scan(db_));
  const std::string streamed = Out(db_, {"export", "--format", format_});
  EXPECT_TRUE(streamed == ReadWholeFile(file_)) << "the same bytes, and nothing else";
  const std::string piped = folder_.Path("piped");
  Out(piped, {"load", "-", "--format", format_}, streamed);
  EXPECT_TRUE(Scan(piped) == Scan(db_));
}

TEST_P(ExportLoadTest, AnExportKeepsItsBounds) {
  Fill(100);
  Out(db_, {"export", file_, "--format", format_, "--from", "100020", "--to", "100030"});
  Out(copy_, {"load", file_, "--format", format_});
  EXPECT_EQ(Scan(copy_),
            Out(db_, {"scan", "--format", "hex", "--from", "100020", "--to", "100030"}));
  const Json json = Json::parse(
      Out(db_, {"--json", "export", folder_.Path("x"), "--format", format_, "--prefix", "10005"}));
  EXPECT_EQ(json["exported"], 10);
}

TEST_P(ExportLoadTest, ValuesLargerThanABatchOfTheStreamPass) {
  std::string lines;
  for (int i = 0; i < 3; ++i) {
    lines += "big" + std::to_string(i) + "\t" + std::string(2'500'000, 'b') + "\nsmall" +
             std::to_string(i) + "\tx\n";
  }
  Out(db_, {"load", "-", "--format", "tsv"}, lines);
  Out(db_, {"export", file_, "--format", format_});
  Out(copy_, {"load", file_, "--format", format_, "--resume"});
  EXPECT_TRUE(Scan(copy_) == Scan(db_));
}

TEST_P(ExportLoadTest, AValueThatEndsKeepsItsEndOrItIsSaid) {
  Fill(1);
  const std::string lock = R"({"key":"lock","value":"mine","expires_at":100000000000})";
  Out(db_, {"load", "-", "--format", "jsonl"}, lock + "\n");
  const ProgramResult result = Beach(db_, {"export", file_, "--format", format_});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  Out(copy_, {"load", file_, "--format", format_});
  const std::string copied = Out(copy_, {"scan", "--format", "jsonl", "--prefix", "lock"});
  if (format_ == "tsv") {
    EXPECT_THAT(result.err, HasSubstr("note: 1 record would end by itself, which TSV cannot say"));
    EXPECT_EQ(copied, "{\"key\":\"lock\",\"value\":\"mine\"}\n");
  } else {
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(copied, lock + "\n");
    EXPECT_EQ(Out(copy_, {"scan", "--format", "jsonl", "--prefix", "lock", "--reverse"}),
              lock + "\n");
  }
}

TEST_P(ExportLoadTest, NothingIsOverwritten) {
  Fill(1);
  folder_.Write("records", "mine");
  const ProgramResult result = Beach(db_, {"export", file_, "--format", format_});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("is there already, and nothing is overwritten"));
  EXPECT_EQ(ReadWholeFile(file_), "mine");
  EXPECT_EQ(Beach(db_, {"export", folder_.Path("no/such/folder"), "--format", format_}).exit_code,
            2);
  EXPECT_EQ(Beach(db_, {"export"}).exit_code, 2);
  EXPECT_EQ(Beach(folder_.Path("none"), {"export", "--format", format_}).exit_code, 2);
}

TEST_P(ExportLoadTest, AStreamThatIsCutShortIsLoadedUpToThereAndSaysSo) {
  Fill(5000);
  Out(db_, {"export", file_, "--format", format_});
  fs::resize_file(file_, fs::file_size(file_) - 3);
  const ProgramResult result = Beach(copy_, {"load", file_, "--format", format_});
  EXPECT_EQ(result.exit_code, 2);
  // JSON lines may be cut between two of them; within one it shows.
  EXPECT_THAT(result.err, HasSubstr(format_ == "jsonl" ? "expected {\"key\"" : "cut short"));
  EXPECT_THAT(result.err, HasSubstr(" records before it committed"));
}

TEST_P(ExportLoadTest, AnInterruptedLoadGoesOnWhereItStopped) {
  Fill(5000);
  Out(db_, {"export", file_, "--format", format_});
  const std::string whole = ReadWholeFile(file_);
  // The input ends too early, then it is whole.
  folder_.Write("records", whole.substr(0, whole.size() * 2 / 3));
  EXPECT_EQ(Beach(copy_, {"load", file_, "--format", format_, "--resume"}).exit_code, 2);
  ASSERT_TRUE(fs::exists(Position(copy_)));
  const auto stored = tools::DecodeLoadPosition(ReadWholeFile(Position(copy_)));
  ASSERT_TRUE(stored.has_value());
  EXPECT_GT(stored->records, 1000u);

  folder_.Write("records", whole);
  const Json json =
      Json::parse(Out(copy_, {"--json", "load", file_, "--format", format_, "--resume"}));
  EXPECT_EQ(json["resumed_at"], stored->records);
  EXPECT_EQ(json["loaded"], 5000 - stored->records) << "nothing is stored twice";
  EXPECT_FALSE(fs::exists(Position(copy_)));
  EXPECT_TRUE(Scan(copy_) == Scan(db_));
}

TEST_P(ExportLoadTest, APipeIsResumedLikeAFile) {
  Fill(3000);
  const std::string whole = Out(db_, {"export", "--format", format_});
  Beach(copy_, {"load", "-", "--format", format_, "--resume"}, whole.substr(0, whole.size() / 2));
  EXPECT_THAT(Out(copy_, {"load", "-", "--format", format_, "--resume"}, whole),
              HasSubstr("of the load before"));
  EXPECT_TRUE(Scan(copy_) == Scan(db_));
}

TEST_P(ExportLoadTest, AnotherInputIsNotTakenForTheRestOfTheFirst) {
  Fill(3000);
  const std::string whole = Out(db_, {"export", "--format", format_});
  Beach(copy_, {"load", "-", "--format", format_, "--resume"}, whole.substr(0, whole.size() / 2));
  const std::string before = Scan(copy_);
  const std::string other = Out(db_, {"export", "--format", format_, "--from", "100001"});
  for (const std::string& input : {other, whole.substr(0, 200), std::string()}) {
    const ProgramResult result =
        Beach(copy_, {"load", "-", "--format", format_, "--resume"}, input);
    EXPECT_EQ(result.exit_code, 2) << result.out;
    EXPECT_TRUE(Scan(copy_) == before) << "nothing of it is stored";
    EXPECT_TRUE(fs::exists(Position(copy_)));
  }
}

TEST_P(ExportLoadTest, ATornPositionBeginsAgain) {
  Fill(3000);
  const std::string whole = Out(db_, {"export", "--format", format_});
  Beach(copy_, {"load", "-", "--format", format_, "--resume"}, whole.substr(0, whole.size() / 2));
  std::ofstream(Position(copy_)) << "beachdb-load 1 0000";
  const Json json =
      Json::parse(Out(copy_, {"--json", "load", "-", "--format", format_, "--resume"}, whole));
  EXPECT_EQ(json["resumed_at"], 0);
  EXPECT_EQ(json["loaded"], 3000);
  EXPECT_TRUE(Scan(copy_) == Scan(db_));
}

TEST_P(ExportLoadTest, AFailureAtAnyStepOfALoadIsMadeGoodByTheNext) {
  Fill(3000);
  Out(db_, {"export", file_, "--format", format_});
  const std::string want = Scan(db_);
  int crashes = 0;
  for (int pass = 1; pass <= 4; ++pass) {
    for (const char* point : {"wal_after_append", "wal_sync"}) {
      const std::string copy = folder_.Path("copy" + std::to_string(pass) + point);
      ::setenv("BEACHDB_FAILPOINTS",
               (std::string(point) + "=crash:" + std::to_string(pass)).c_str(), 1);
      const ProgramResult crashed = Beach(copy, {"load", file_, "--format", format_, "--resume"});
      ::unsetenv("BEACHDB_FAILPOINTS");
      if (crashed.exit_code != 0) ++crashes;
      Out(copy, {"load", file_, "--format", format_, "--resume"});
      EXPECT_TRUE(Scan(copy) == want) << point << " " << pass;
      EXPECT_FALSE(fs::exists(Position(copy)));
    }
  }
  EXPECT_GT(crashes, 2);
}

INSTANTIATE_TEST_SUITE_P(Formats, ExportLoadTest, ::testing::Values("tsv", "jsonl", "batches"),
                         [](const auto& format) { return std::string(format.param); });

}  // namespace
}  // namespace beachdb
