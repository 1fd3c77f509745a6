// `beach` end to end: every verb, its exit codes, its JSON, and bad input.
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "beachdb/db.h"
#include "tests/tools/program.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class BeachTest : public ::testing::Test {
 protected:
  ProgramResult Beach(std::vector<std::string> arguments, const std::string& input = "") const {
    arguments.insert(arguments.begin(), {"--db", folder_.Path("db")});
    return RunProgram("beach", arguments, input);
  }
  // Runs it, expects success, returns its output.
  std::string Out(const std::vector<std::string>& arguments, const std::string& input = "") const {
    const ProgramResult result = Beach(arguments, input);
    EXPECT_EQ(result.exit_code, 0) << arguments[0] << ": " << result.err;
    EXPECT_EQ(result.err, "") << arguments[0];
    return result.out;
  }
  // Expects that exit code, nothing on stdout, and one line on stderr that contains `part`.
  void ExpectFailure(int exit_code, const std::string& part,
                     const std::vector<std::string>& arguments,
                     const std::string& input = "") const {
    const ProgramResult result = Beach(arguments, input);
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(result.err.starts_with("beach: ")) << result.err;
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << "one line: " << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  }
  static std::size_t CountOf(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
      ++count;
    }
    return count;
  }
  void LoadThree() const { Out({"load", "-", "--format", "tsv"}, "a\t1\nb\t2\nc\t3\n"); }

  TestFolder folder_;
};

TEST_F(BeachTest, WhatIsPutIsGotUntilItIsDeleted) {
  EXPECT_EQ(Out({"put", "conch", "spiral"}), "");
  EXPECT_EQ(Out({"get", "conch"}), "spiral\n");
  EXPECT_EQ(Out({"get", "conch", "--raw"}), "spiral");
  EXPECT_EQ(Out({"put", "conch", ""}), "");
  EXPECT_EQ(Out({"get", "conch"}), "\n");
  EXPECT_EQ(Out({"delete", "conch", "never-there"}), "");
  ExpectFailure(1, "no such key: conch", {"get", "conch"});
}

TEST_F(BeachTest, DeleteRangeTakesEveryKeyOfARangeAtOnce) {
  LoadThree();
  EXPECT_EQ(Out({"delete-range", "a", "c"}), "");
  EXPECT_EQ(Out({"scan"}), "c  3\n");
  ExpectFailure(2, "does not end above its begin", {"delete-range", "c", "a"});
  EXPECT_EQ(Out({"scan"}), "c  3\n");
  EXPECT_EQ(Json::parse(Out({"--json", "delete-range", "c", "d"}))["ranges_deleted"], 1);
  EXPECT_EQ(Out({"scan"}), "");
}

TEST_F(BeachTest, PutMayHaveAConditionAndAnEnd) {
  EXPECT_EQ(Out({"put", "lock", "mine", "--if-absent"}), "");
  ExpectFailure(1, "'lock' has a value", {"put", "lock", "yours", "--if-absent"});
  ExpectFailure(1, "'lock' has another value", {"put", "lock", "x", "--if-equals", "yours"});
  EXPECT_EQ(Out({"get", "lock"}), "mine\n");
  EXPECT_EQ(Out({"put", "lock", "ours", "--if-equals", "mine"}), "");
  EXPECT_EQ(Out({"put", "lock", "short", "--expires-in", "0"}), "");
  EXPECT_EQ(Beach({"get", "lock"}).exit_code, 1);
  EXPECT_EQ(Out({"put", "lock", "long", "--if-absent", "--expires-in", "1000"}), "");
  EXPECT_EQ(Out({"get", "lock"}), "long\n");
  ExpectFailure(2, "expires-in", {"put", "lock", "x", "--expires-in", "soon"});
}

TEST_F(BeachTest, SortedInputIsLoadedWholeOrNotAtAll) {
  Out({"put", "b", "old"});
  const std::string loaded =
      Out({"load", "-", "--format", "tsv", "--sorted"}, "a\t1\nb\t2\nc\t3\n");
  EXPECT_NE(loaded.find("loaded 3 records"), std::string::npos) << loaded;
  EXPECT_EQ(Out({"scan"}), "a  1\nb  2\nc  3\n");
  ExpectFailure(2, "nothing was loaded; standard input:3: ",
                {"load", "-", "--format", "tsv", "--sorted"}, "d\t1\nf\t2\ne\t3\n");
  EXPECT_EQ(Out({"scan"}), "a  1\nb  2\nc  3\n");
  EXPECT_NE(Out({"tree"}).find("3 entries"), std::string::npos);
}

TEST_F(BeachTest, KeysMayBeginWithADashAndBeHex) {
  Out({"put", "--", "-key", "-value"});
  EXPECT_EQ(Out({"get", "--", "-key"}), "-value\n");
  Out({"--hex", "put", "00ff", "0a09"});
  EXPECT_EQ(Out({"--hex", "get", "00FF", "--raw"}), "\n\t");
  ExpectFailure(2, "hex digits, found '0g'", {"--hex", "get", "0g"});
}

TEST_F(BeachTest, ScansKeepTheirBoundsBothWays) {
  LoadThree();
  EXPECT_EQ(Out({"scan"}), "a  1\nb  2\nc  3\n");
  EXPECT_EQ(Out({"scan", "--reverse"}), "c  3\nb  2\na  1\n");
  EXPECT_EQ(Out({"scan", "--from", "b"}), "b  2\nc  3\n");
  EXPECT_EQ(Out({"scan", "--to", "b"}), "a  1\n");
  EXPECT_EQ(Out({"scan", "--from", "b", "--to", "c", "--reverse"}), "b  2\n");
  EXPECT_EQ(Out({"scan", "--prefix", "c"}), "c  3\n");
  EXPECT_EQ(Out({"scan", "--limit", "2"}), "a  1\nb  2\n");
  EXPECT_EQ(Out({"scan", "--limit", "1", "--reverse"}), "c  3\n");
  EXPECT_EQ(Out({"scan", "--format", "hex", "--limit", "1"}), "61\t31\n");
  EXPECT_EQ(Out({"scan", "--format", "tsv", "--limit", "1"}), "a\t1\n");
  EXPECT_EQ(Out({"scan", "--format", "jsonl", "--limit", "1"}),
            "{\"key\":\"a\",\"value\":\"1\"}\n");
  EXPECT_EQ(Out({"scan", "--json", "--limit", "1"}), "{\"key\":\"a\",\"value\":\"1\"}\n");
}

TEST_F(BeachTest, AScanThatIsLoadedElsewhereGivesTheSameScan) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  const auto hex = [](const std::string& bytes) {
    std::string text;
    for (const char c : bytes) {
      constexpr char kDigits[] = "0123456789abcdef";
      text += kDigits[static_cast<unsigned char>(c) >> 4];
      text += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return text;
  };
  Out({"--hex", "put", hex(all), hex(all)});
  Out({"--hex", "put", "5c74", "0d0a"});
  Out({"put", "caf\xc3\xa9", "\xf0\x9f\x90\x9a"});
  const std::string want = Out({"scan", "--format", "hex"});
  for (const char* format : {"tsv", "jsonl"}) {
    const std::string text = Out({"scan", "--format", format});
    const std::string copy = folder_.Path(std::string("copy_") + format);
    const auto loaded = RunProgram("beach", {"--db", copy, "load", "-", "--format", format}, text);
    EXPECT_EQ(loaded.exit_code, 0) << loaded.err;
    EXPECT_EQ(RunProgram("beach", {"--db", copy, "scan", "--format", "hex"}).out, want) << format;
  }
}

TEST_F(BeachTest, LoadStopsAtAMalformedLineAndSaysWhatIsCommitted) {
  const std::string file = folder_.Write("records.tsv", "a\t1\nb\t2\nno tab here\nd\t4\n");
  ExpectFailure(2, "records.tsv:3: expected KEY<tab>VALUE", {"load", file, "--format", "tsv"});
  ExpectFailure(2, "; 2 records before it committed", {"load", file, "--format", "tsv"});
  EXPECT_EQ(Out({"scan"}), "a  1\nb  2\n") << "those before it, and nothing behind it";
  ExpectFailure(2, "the line may be cut short", {"load", "-", "--format", "tsv"}, "x\t1\ny\tha");
  EXPECT_EQ(Out({"get", "x"}), "1\n");
  ExpectFailure(1, "no such key: y", {"get", "y"});
  ExpectFailure(2, "standard input:1: ", {"load", "-", "--format", "jsonl"},
                "{\"key\":\"half\",\"va");
  ExpectFailure(2, "0 records before it committed", {"load", "-", "--format", "tsv"},
                "\tempty key\n");
  EXPECT_EQ(
      Out({"load", "-", "--format", "jsonl"}, R"({"key":"z","value":"whole without newline"})"),
      "loaded 1 record (43 B)\n");
}

TEST_F(BeachTest, LoadTellsTheAckLogWhatIsDurable) {
  std::string lines;
  for (int i = 0; i < 2500; ++i) lines += "key" + std::to_string(i) + "\tv\n";
  const std::string acks = folder_.Path("acks");
  Out({"load", "-", "--format", "tsv", "--ack-log", acks}, lines);
  EXPECT_EQ(ReadWholeFile(acks), "1000\n2000\n2500\n");
}

TEST_F(BeachTest, WhatTheAckLogNamesSurvivesAKill) {
  std::string lines;
  for (int i = 1000; i < 3000; ++i) lines += "key" + std::to_string(i) + "\tv\n";
  LoadAndKill(folder_.Path("db"), lines);
  EXPECT_EQ(Out({"scan", "--format", "tsv"}), lines);
}

TEST_F(BeachTest, DeleteTakesKeysFromAFile) {
  LoadThree();
  Out({"put", "tab\tkey", "x"});
  const std::string file = folder_.Write("gone.txt", "a\ntab\\tkey\n");
  EXPECT_EQ(Out({"delete", "c", "--from-file", file}), "");
  EXPECT_EQ(Out({"scan"}), "b  2\n");
  ExpectFailure(2, "KEY or --from-file", {"delete"});
  ExpectFailure(2, "missing.txt", {"delete", "--from-file", folder_.Path("missing.txt")});
}

TEST_F(BeachTest, EveryVerbSpeaksJson) {
  EXPECT_EQ(Json::parse(Out({"--json", "put", "k", "v"}))["put"], 1);
  const Json got = Json::parse(Out({"--json", "get", "k"}));
  EXPECT_EQ(got, Json({{"key", "k"}, {"found", true}, {"value", "v"}}));
  const auto absent = Beach({"--json", "get", "absent"});
  EXPECT_EQ(absent.exit_code, 1);
  EXPECT_EQ(Json::parse(absent.out), Json({{"key", "absent"}, {"found", false}}));
  Out({"--hex", "put", "ff", "ff"});
  EXPECT_EQ(Json::parse(Out({"--json", "--hex", "get", "ff"}))["value_base64"], "/w==");
  EXPECT_EQ(Json::parse(Out({"--json", "delete", "k", "l"}))["deleted"], 2);
  EXPECT_EQ(Json::parse(Out({"--json", "load", "-", "--format", "tsv"}, "a\tb\n"))["loaded"], 1);
  EXPECT_TRUE(Json::parse(Out({"--json", "stats"})).is_object());
  EXPECT_TRUE(Json::parse(Out({"--json", "flush"}))["flushed"].get<bool>());
  EXPECT_TRUE(Json::parse(Out({"--json", "compact"})).contains("bytes_after"));
  EXPECT_TRUE(Json::parse(Out({"--json", "tree"}))["levels"].is_array());
  const Json verified = Json::parse(Out({"verify", "--json"}));
  EXPECT_TRUE(verified["ok"].get<bool>());
  EXPECT_EQ(verified["problems"], Json::array());
}

TEST_F(BeachTest, TreeStatsFlushCompactAndVerifySpeakToPeople) {
  LoadThree();
  EXPECT_NE(Out({"flush"}).find("1 table file"), std::string::npos);
  EXPECT_NE(Out({"tree"}).find("1 file in 1 level"), std::string::npos);
  EXPECT_NE(Out({"stats"}), "");
  EXPECT_NE(Out({"compact"}).find("compacted: 1 file"), std::string::npos);
  EXPECT_NE(Out({"verify"}).find("all is well"), std::string::npos);
  EXPECT_EQ(Out({"scan"}), "a  1\nb  2\nc  3\n");
}

TEST_F(BeachTest, VerbsThatLookDoNotMakeADatabase) {
  const std::vector<std::vector<std::string>> kVerbs = {{"get", "k"}, {"scan"},       {"stats"},
                                                        {"tree"},     {"compact"},    {"flush"},
                                                        {"verify"},   {"delete", "k"}};
  for (const auto& verb : kVerbs) {
    ExpectFailure(2, "holds no database", verb);
    EXPECT_FALSE(fs::exists(folder_.Path("db"))) << verb[0];
  }
}

TEST_F(BeachTest, AWrongCommandLineIsAUsageError) {
  ExpectFailure(2, "--help", {});
  ExpectFailure(2, "--help", {"frobnicate"});
  ExpectFailure(2, "--help", {"get"});
  ExpectFailure(2, "--help", {"put", "only-a-key"});
  ExpectFailure(2, "--help", {"scan", "--limit", "none"});
  ExpectFailure(2, "--help", {"scan", "--format", "xml"});
  ExpectFailure(2, "--help", {"load", "-"});
  ExpectFailure(2, "key", {"put", "", "v"});
  ExpectFailure(2, "key", {"put", std::string(65537, 'k'), "v"});
  EXPECT_EQ(RunProgram("beach", {"get", "k"}).exit_code, 2) << "--db is missing";
}

TEST_F(BeachTest, AGetIsExplainedStepByStep) {
  LoadThree();
  Out({"delete", "b"});
  const std::string text = Out({"explain", "get", "a"});
  EXPECT_TRUE(text.starts_with("get a at seqno 4\n|- active memtable")) << text;
  EXPECT_NE(text.find("level 0, 2 files"), std::string::npos) << text;
  EXPECT_NE(text.find("[b .. b]: out of range"), std::string::npos) << text;
  EXPECT_NE(text.find("block 1 of 1 at offset "), std::string::npos) << text;
  EXPECT_NE(text.find("`- found: value of 1 byte, written as seqno 1; "), std::string::npos)
      << text;
  const ProgramResult deleted = Beach({"--json", "explain", "get", "b"});
  EXPECT_EQ(deleted.exit_code, 1) << "as by get";
  EXPECT_EQ(Json::parse(deleted.out)["answer"], "deletion");
  EXPECT_EQ(Beach({"explain", "get", "nothing"}).exit_code, 1);
  ExpectFailure(2, "key", {"explain", "get", ""});
  ExpectFailure(2, "subcommand", {"explain"});
}

TEST_F(BeachTest, AScanIsExplainedByWhatItTouched) {
  LoadThree();
  Out({"delete", "b"});
  const std::string text = Out({"explain", "scan", "--from", "a", "--to", "c"});
  EXPECT_TRUE(text.starts_with("scan from a to c at seqno 4\n")) << text;
  EXPECT_NE(text.find("dead entries passed: 1 deletion, 1 older version"), std::string::npos)
      << text;
  EXPECT_NE(text.find("`- 1 record; "), std::string::npos) << text;
  const Json json = Json::parse(Out({"--json", "explain", "scan", "--reverse", "--limit", "1"}));
  EXPECT_EQ(json["records"], 1);
}

TEST_F(BeachTest, HistoryShowsTheVersionsOfAKey) {
  Out({"put", "a", "1"});
  Out({"delete", "a"});
  const std::string text = Out({"history", "a"});
  EXPECT_TRUE(text.starts_with("seqno 2 ")) << text;
  EXPECT_NE(text.find("deletion"), std::string::npos) << text;
  EXPECT_NE(text.find("seqno 1 "), std::string::npos) << text;
  EXPECT_NE(text.find("value of 1 byte"), std::string::npos) << text;
  EXPECT_NE(text.find("level 0, 0000"), std::string::npos) << text;
  const ProgramResult none = Beach({"history", "z"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_EQ(none.err, "beach: no version of this key is held: z\n");
}

TEST_F(BeachTest, EventsTellWhatHappenedAndWhyAFileIsThere) {
  for (int i = 0; i < 2; ++i) Out({"put", "a", std::to_string(i)});
  Out({"compact"});
  const std::string events = Out({"events"});
  EXPECT_NE(events.find("create"), std::string::npos) << events;
  EXPECT_EQ(Out({"events", "--last", "1"}).find("Z  close"), 27u - 1) << Out({"events"});
  std::string flushed;
  for (const std::string& line : {Out({"--json", "events", "--kind", "flush", "--last", "1"})}) {
    const Json event = Json::parse(line);
    flushed = std::to_string(event["outputs"][0].get<int>());
    flushed = std::string(6 - flushed.size(), '0') + flushed + ".sst";
  }
  const std::string gone = Out({"why", flushed});
  EXPECT_TRUE(gone.starts_with(flushed + ": merged into others")) << gone;
  EXPECT_NE(gone.find("  flush "), std::string::npos) << gone;
  EXPECT_NE(gone.find("  compaction "), std::string::npos) << gone;

  const Json merged = Json::parse(Out({"--json", "events", "--kind", "compaction"}));
  const std::string number = std::to_string(merged["outputs"][0].get<int>());
  const std::string name = std::string(6 - number.size(), '0') + number + ".sst";
  const std::string alive = Out({"why", name});
  EXPECT_TRUE(alive.starts_with(name + ": alive in level ")) << alive;
  EXPECT_NE(alive.find("written by compaction "), std::string::npos) << alive;
  EXPECT_NE(alive.find(", from 0000"), std::string::npos) << alive;
  const Json json = Json::parse(Out({"--json", "why", name}));
  EXPECT_EQ(json["alive"], true);
  EXPECT_EQ(json["origin"], "compaction");
  EXPECT_EQ(json["events"].size(), 1u);

  EXPECT_EQ(Beach({"why", "999999.sst"}).exit_code, 1);
  ExpectFailure(2, "is not the name of a table", {"why", "CURRENT"});
  ExpectFailure(2, "--kind", {"events", "--kind", "party"});
}

TEST_F(BeachTest, DamagedEventsAreLeftOutAndHarmNothing) {
  Out({"put", "a", "1"});
  const std::string path = folder_.Path("db/EVENTS.log");
  const std::size_t before = CountOf(Out({"events"}), "\n");
  {
    std::ofstream events(path, std::ios::app);
    events << "{\"time\": 7, \"event\": [], \"inputs\": {}}\nnot json\n[1]\n{\"event\":\"flush\",";
  }
  EXPECT_EQ(CountOf(Out({"events"}), "\n"), before + 1);
  EXPECT_EQ(Out({"get", "a"}), "1\n");
  fs::remove(path);
  EXPECT_EQ(Out({"events"}), "");
  EXPECT_EQ(Out({"get", "a"}), "1\n");
}

TEST_F(BeachTest, TheTreeIsShownWhileAnotherProcessHasTheDatabase) {
  Out({"put", "a", "1"});
  auto db = Db::Open(folder_.Path("db"));
  ASSERT_TRUE(db.ok());
  ASSERT_TRUE(db->Put("b", "2").ok());
  const std::string tree = Out({"tree"});
  EXPECT_NE(tree.find("1 file in 1 level"), std::string::npos) << tree;
  EXPECT_NE(tree.find("1 log beside it"), std::string::npos) << tree;
  EXPECT_NE(tree.find("latest jobs"), std::string::npos) << tree;
  ExpectFailure(5, "in use by", {"put", "a", "2"});
}

TEST_F(BeachTest, ACheckpointIsADatabaseOfItsOwn) {
  LoadThree();
  const std::string copy = folder_.Path("copy");
  EXPECT_EQ(Out({"checkpoint", copy}), "checkpoint of 1 file in " + copy + "\n");
  Out({"delete", "a"});
  const ProgramResult kept = RunProgram("beach", {"--db", copy, "scan"});
  EXPECT_EQ(kept.out, "a  1\nb  2\nc  3\n") << kept.err;
  ExpectFailure(2, "is not empty", {"checkpoint", copy});
  EXPECT_EQ(Out({"scan"}), "b  2\nc  3\n");
}

TEST_F(BeachTest, HelpTeachesEveryVerbByExample) {
  const ProgramResult help = RunProgram("beach", {"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("Exit codes:"), std::string::npos);
  for (const char* verb :
       {"put",    "get",    "delete",  "scan",   "load",    "explain",     "history",
        "stats",  "tree",   "events",  "why",    "compact", "flush",       "checkpoint",
        "verify", "backup", "salvage", "export", "repl",    "delete-range"}) {
    EXPECT_NE(help.out.find(std::string("\n  ") + verb), std::string::npos) << verb;
    const ProgramResult verb_help = RunProgram("beach", {verb, "--help"});
    EXPECT_EQ(verb_help.exit_code, 0);
    EXPECT_NE(verb_help.out.find(std::string("Examples:\n  beach ")), std::string::npos) << verb;
  }
  const ProgramResult version = RunProgram("beach", {"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_TRUE(version.out.starts_with("beach ")) << version.out;
}

TEST_F(BeachTest, LoadOfAnythingButRecordsIsRefused) {
  Out({"put", "kept", "1"});
  const std::string jpeg("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x01\x00\x48\n\x00\x48", 20);
  for (const std::string& bytes : {jpeg, std::string(100'000, '\0'), std::string(100'000, '[')}) {
    const std::string file = folder_.Write("input", bytes);
    for (const char* format : {"tsv", "jsonl"}) {
      ExpectFailure(2, "0 records before it committed", {"load", file, "--format", format});
    }
  }
  ExpectFailure(2, "directory", {"load", folder_.Path("."), "--format", "tsv"});
  ExpectFailure(2, "no-such-file", {"load", folder_.Path("no-such-file"), "--format", "tsv"});
  EXPECT_EQ(Out({"load", folder_.Write("empty", ""), "--format", "tsv"}),
            "loaded 0 records (0 B)\n");
  EXPECT_EQ(Out({"scan"}), "kept  1\n");
}

TEST_F(BeachTest, DamagedFilesAreNamedAndNeverShownAsData) {
  LoadThree();
  Out({"flush"});
  for (const auto& entry : fs::directory_iterator(folder_.Path("db"))) {
    if (entry.path().extension() != ".sst") continue;
    std::string bytes = ReadWholeFile(entry.path());
    bytes[80] = static_cast<char>(bytes[80] ^ 1);  // inside the first data block
    folder_.Write("db/" + entry.path().filename().string(), bytes);
  }
  const ProgramResult scan = Beach({"scan"});
  EXPECT_EQ(scan.exit_code, 3) << scan.err;
  EXPECT_EQ(scan.out, "");
  EXPECT_NE(scan.err.find(".sst"), std::string::npos) << scan.err;
  const ProgramResult verify = Beach({"verify"});
  EXPECT_EQ(verify.exit_code, 1) << verify.err;
  EXPECT_NE(verify.out.find("damaged: "), std::string::npos);
  EXPECT_NE(verify.out.find("1 problem"), std::string::npos) << verify.out;
}

TEST_F(BeachTest, AStrangeManifestIsCorruption) {
  for (const std::string& bytes :
       {std::string(), std::string("\xff\xd8\xff\xe0 JFIF"), std::string(5000, '\x5a')}) {
    fs::remove_all(folder_.Path("db"));
    LoadThree();
    for (const auto& entry : fs::directory_iterator(folder_.Path("db"))) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("MANIFEST")) folder_.Write("db/" + name, bytes);
    }
    ExpectFailure(3, "MANIFEST", {"scan"});
  }
}

}  // namespace
}  // namespace beachdb
