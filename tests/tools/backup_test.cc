// `beach backup` and `beach --read-only` end to end: results, exit codes, JSON, and bad input.
#include "beachdb/backup.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "beachdb/db.h"
#include "tests/tools/program.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class BeachBackupTest : public ::testing::Test {
 protected:
  BeachBackupTest() : database_(folder_.Path("db")), backups_(folder_.Path("backups")) {}

  std::string Out(const std::vector<std::string>& arguments) const {
    const ProgramResult result = RunProgram("beach", arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return result.out;
  }
  static void ExpectFailure(int exit_code, const std::string& part,
                            const std::vector<std::string>& arguments) {
    const ProgramResult result = RunProgram("beach", arguments);
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << "one line: " << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  }
  std::string Create() const { return Out({"--db", database_, "backup", "create", backups_}); }
  void Put(const std::string& key, const std::string& value) const {
    Out({"--db", database_, "put", key, value});
  }

  TestFolder folder_;
  const std::string database_;
  const std::string backups_;
};

TEST_F(BeachBackupTest, WhatIsBackedUpIsRestoredUntilItIsPruned) {
  Put("conch", "spiral");
  EXPECT_EQ(Create(), "backup 1 in " + backups_ + ": 2 files, 2 of them new\n");
  Put("conch", "broken");
  EXPECT_EQ(Create(), "backup 2 in " + backups_ + ": 3 files, 2 of them new\n");
  fs::remove_all(database_);
  const std::string list = Out({"backup", "list", backups_});
  EXPECT_NE(list.find("made (UTC)"), std::string::npos) << list;
  EXPECT_NE(list.find("\n     2  20"), std::string::npos) << list;
  EXPECT_TRUE(Out({"backup", "verify", backups_}).starts_with("all is well: 2 backups, 4 files, "));
  EXPECT_EQ(Out({"backup", "restore", backups_, folder_.Path("old"), "--id", "1"}),
            "backup 1 is a database in " + folder_.Path("old") + "\n");
  EXPECT_EQ(Out({"--db", folder_.Path("old"), "get", "conch"}), "spiral\n");
  EXPECT_EQ(Out({"backup", "restore", backups_, database_}),
            "backup 2 is a database in " + database_ + "\n");
  EXPECT_EQ(Out({"--db", database_, "get", "conch"}), "broken\n");
  EXPECT_TRUE(
      Out({"backup", "prune", backups_, "--keep", "1"}).starts_with("removed 1 backup: 1; "));
  EXPECT_EQ(Out({"backup", "prune", backups_, "--keep", "1"}),
            "no backup removed; 0 B freed, 1 backup left\n");
}

TEST_F(BeachBackupTest, EveryVerbSpeaksJson) {
  Put("conch", "spiral");
  const Json made = Json::parse(Out({"--json", "--db", database_, "backup", "create", backups_}));
  EXPECT_EQ(made["id"], 1);
  EXPECT_EQ(made["last_seqno"], 1);
  const Json list = Json::parse(Out({"--json", "backup", "list", backups_}));
  EXPECT_EQ(list["backups"][0], made);
  const Json verified = Json::parse(Out({"--json", "backup", "verify", backups_, "--id", "1"}));
  EXPECT_EQ(verified["ok"], true);
  EXPECT_EQ(verified["bytes"], made["bytes"]);
  const std::string target = folder_.Path("target");
  const Json restored = Json::parse(Out({"--json", "backup", "restore", backups_, target}));
  EXPECT_EQ(restored, (Json{{"id", 1}, {"directory", target}}));
  const Json pruned = Json::parse(Out({"--json", "backup", "prune", backups_, "--keep", "3"}));
  EXPECT_EQ(pruned["removed"], Json::array());
  EXPECT_EQ(pruned["kept"], 1);
}

TEST_F(BeachBackupTest, ErrorsNameWhatIsWrong) {
  Put("conch", "spiral");
  ExpectFailure(2, "is no repository of backups", {"backup", "list", backups_});
  ExpectFailure(2, "is no repository of backups",
                {"backup", "restore", backups_, folder_.Path("x")});
  ExpectFailure(2, "--db", {"backup", "create", backups_});
  ExpectFailure(2, "holds no database", {"--db", backups_, "backup", "create", backups_});
  ExpectFailure(2, "--keep", {"backup", "prune", backups_});
  Create();
  ExpectFailure(2, "holds no backup 9: there are 1",
                {"backup", "restore", backups_, folder_.Path("x"), "--id", "9"});
  ExpectFailure(2, "is not empty", {"backup", "restore", backups_, database_});
  ExpectFailure(2, "neither empty", {"--db", database_, "backup", "create", database_});
  auto db = Db::Open(database_);
  ASSERT_TRUE(db.ok());
  ExpectFailure(5, "in use by", {"--db", database_, "backup", "create", backups_});
  ExpectFailure(5, "that program can make the backup",
                {"--db", database_, "backup", "create", backups_});
}

TEST_F(BeachBackupTest, DamageIsFoundAndEndsWithItsOwnExitCode) {
  Put("conch", "spiral");
  Create();
  std::string table;
  for (const auto& entry : fs::directory_iterator(backups_ + "/files")) {
    if (entry.path().extension() == ".sst") table = entry.path();
  }
  fs::resize_file(table, 5);
  const ProgramResult verified = RunProgram("beach", {"backup", "verify", backups_});
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_TRUE(verified.out.starts_with("damaged: " + table + ": size is 5 bytes, expected "))
      << verified.out;
  EXPECT_NE(verified.out.find("needed by backup 1\n1 problem: 1 backup, 2 files, "),
            std::string::npos)
      << verified.out;
  ExpectFailure(3, "damaged, and needed by backup 1",
                {"backup", "restore", backups_, folder_.Path("x")});
  std::ofstream(backups_ + "/backups/000001.backup") << "nothing";
  const ProgramResult list = RunProgram("beach", {"backup", "list", backups_});
  EXPECT_EQ(list.exit_code, 1);
  EXPECT_NE(list.out.find("damaged: " + backups_ + "/backups/000001.backup: "), std::string::npos)
      << list.out;
  ExpectFailure(3, "nothing is removed", {"backup", "prune", backups_, "--keep", "1"});
}

TEST_F(BeachBackupTest, ReadingVerbsGoOnBesideAWriterAndOthersAreToldWhoItIs) {
  auto db = Db::Open(database_);
  ASSERT_TRUE(db.ok());
  ASSERT_TRUE(db->Put("conch", "spiral").ok());
  ASSERT_TRUE(db->Flush().ok());
  ASSERT_TRUE(db->Put("whelk", "in the log").ok());
  const auto beach = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--db", database_});
    return Out(arguments);
  };
  EXPECT_EQ(beach({"get", "whelk"}), "in the log\n");
  EXPECT_EQ(beach({"scan"}), "conch  spiral\nwhelk  in the log\n");
  EXPECT_NE(beach({"history", "whelk"}).find("memory"), std::string::npos);
  EXPECT_NE(beach({"explain", "get", "conch"}).find("found"), std::string::npos);
  EXPECT_NE(beach({"explain", "scan"}).find("2 records"), std::string::npos);
  EXPECT_EQ(Json::parse(beach({"--json", "stats"}))["last_seqno"], 2);
  EXPECT_TRUE(beach({"verify"}).starts_with("all is well: "));
  for (const std::vector<std::string>& verb : std::vector<std::vector<std::string>>{
           {"put", "a", "b"}, {"delete", "a"}, {"flush"}, {"compact"}, {"checkpoint", "copy"}}) {
    std::vector<std::string> arguments = {"--db", database_};
    arguments.insert(arguments.end(), verb.begin(), verb.end());
    ExpectFailure(5, "in use by", arguments);
  }
  EXPECT_EQ(*db->Get("whelk"), "in the log");
}

TEST_F(BeachBackupTest, ReadOnlyLeavesTheDirectoryAsItIs) {
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "key" + std::to_string(i) + "\tvalue\n";
  LoadAndKill(database_, lines);
  const auto contents = [&] {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(database_)) {
      all.push_back(entry.path().string() + ReadWholeFile(entry.path()));
    }
    std::sort(all.begin(), all.end());
    return all;
  };
  const auto before = contents();
  EXPECT_EQ(Out({"--read-only", "--db", database_, "get", "key999"}), "value\n");
  EXPECT_EQ(Out({"--read-only", "--db", database_, "scan", "--limit", "1"}), "key0  value\n");
  EXPECT_TRUE(Out({"--read-only", "--db", database_, "verify"}).starts_with("all is well"));
  EXPECT_EQ(contents(), before);
  ExpectFailure(2, "this verb changes the database",
                {"--read-only", "--db", database_, "put", "a", "b"});
  ExpectFailure(2, "holds no database", {"--read-only", "--db", folder_.Path("x"), "get", "a"});
  EXPECT_EQ(contents(), before);
  EXPECT_EQ(Out({"--db", database_, "get", "key999"}), "value\n");
  EXPECT_NE(contents(), before) << "without the option a recovery puts the log into a table";
}

}  // namespace
}  // namespace beachdb
