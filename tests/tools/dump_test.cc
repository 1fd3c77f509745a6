// The dump programs end to end, on whole files, on damaged ones, and on files that are none.
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "tests/tools/program.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;

class DumpTest : public ::testing::TestWithParam<const char*> {
 protected:
  DumpTest() {
    std::string lines;
    for (int i = 1000; i < 3000; ++i) lines += "key" + std::to_string(i) + "\tvalue\n";
    // A table by a clean end, then a log that only a kill leaves behind.
    const std::string db = folder_.Path("db");
    EXPECT_EQ(RunProgram("beach", {"--db", db, "load", "-", "--format", "tsv"}, lines).exit_code,
              0);
    LoadAndKill(db, lines);
  }

  ProgramResult Dump(const std::string& file) const { return RunProgram(GetParam(), {file}); }

  // A file of the database that the program is for.
  std::string OwnFile() const {
    const std::string program = GetParam();
    for (const auto& entry : fs::directory_iterator(folder_.Path("db"))) {
      const std::string name = entry.path().filename().string();
      if ((program == "manifest_dump" && name.starts_with("MANIFEST-")) ||
          (program == "sst_dump" && name.ends_with(".sst")) ||
          (program == "wal_dump" && name.ends_with(".wal"))) {
        return entry.path().string();
      }
    }
    ADD_FAILURE() << "the database has no file for " << program;
    return "";
  }

  // Damage is told in words and by the exit code, and never by a signal.
  void ExpectDamage(const std::string& what, const std::string& bytes) const {
    const ProgramResult result = Dump(folder_.Write("damaged", bytes));
    EXPECT_EQ(result.exit_code, 1) << what << ": " << result.out << result.err;
    EXPECT_TRUE(result.err.starts_with(std::string(GetParam()) + ": ")) << what << result.err;
    EXPECT_EQ(result.err.find("ERROR: AddressSanitizer"), std::string::npos) << result.err;
  }

  TestFolder folder_;
};

TEST_P(DumpTest, AWholeFileIsShownAndFoundWhole) {
  const ProgramResult result = Dump(OwnFile());
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(result.out, "");
  EXPECT_EQ(result.err, "");
}

TEST_P(DumpTest, WhatIsNoSuchFileIsDamage) {
  ExpectDamage("zero bytes", "");
  ExpectDamage("a JPEG", std::string("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x01\x00\x48", 16) +
                             std::string(10'000, 'x'));
  ExpectDamage("zeros", std::string(100'000, '\0'));
  Random random(1);
  for (const std::size_t size : {1u, 63u, 64u, 65u, 5000u, 100'000u}) {
    std::string noise(size, '\0');
    for (char& c : noise) c = static_cast<char>(random.Next());
    ExpectDamage("noise of " + std::to_string(size) + " bytes", noise);
  }
}

TEST_P(DumpTest, TheWrongKindOfFileIsDamage) {
  ExpectDamage("another program's file",
               ReadWholeFile(folder_.Path("db/CURRENT")) + std::string(200, 'c'));
}

TEST_P(DumpTest, AFlippedBitInTheHeaderIsDamage) {
  std::string bytes = ReadWholeFile(OwnFile());
  for (const std::size_t at : {0u, 8u, 30u, 63u}) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    ExpectDamage("bit of byte " + std::to_string(at), flipped);
  }
}

TEST_P(DumpTest, ATruncatedFileIsDamage) {
  const std::string bytes = ReadWholeFile(OwnFile());
  std::vector<std::size_t> lengths = {1, 40, 63};
  // Behind its header a log may end anywhere: so it looks after a crash.
  if (std::string(GetParam()) != "wal_dump") lengths.insert(lengths.end(), {70, bytes.size() - 1});
  for (const std::size_t keep : lengths) {
    ExpectDamage("cut to " + std::to_string(keep) + " bytes", bytes.substr(0, keep));
  }
}

TEST_P(DumpTest, AWrongCommandLineIsAUsageError) {
  EXPECT_EQ(RunProgram(GetParam(), {}).exit_code, 2);
  EXPECT_EQ(RunProgram(GetParam(), {"--frobnicate", OwnFile()}).exit_code, 2);
  const ProgramResult directory = Dump(folder_.Path("db"));
  EXPECT_EQ(directory.exit_code, 2);
  EXPECT_NE(directory.err.find("found a directory"), std::string::npos) << directory.err;
  EXPECT_EQ(Dump(folder_.Path("missing")).exit_code, 2);
  EXPECT_EQ(RunProgram(GetParam(), {"--help"}).exit_code, 0);
}

TEST_P(DumpTest, EveryOptionIsTakenWithOneDashOrTwo) {
  const std::string program = GetParam();
  const std::vector<std::vector<std::string>> options =
      program == "wal_dump" ? std::vector<std::vector<std::string>>{{"decode"}, {"hex"}}
      : program == "sst_dump"
          ? std::vector<std::vector<std::string>>{{"entries"}, {"blocks"}, {"properties"},
                                                  {"index"},   {"filter"}, {"hex", "0"}}
          : std::vector<std::vector<std::string>>{{"at", "0"}};
  const std::string file = OwnFile();
  const std::string plain = RunProgram(program, {file}).out;
  for (std::vector<std::string> words : options) {
    const std::string name = words.front();
    words.push_back(file);
    words.front() = "--" + name;
    const ProgramResult two = RunProgram(program, words);
    words.front() = "-" + name;
    const ProgramResult one = RunProgram(program, words);
    EXPECT_EQ(two.exit_code, 0) << name << two.err;
    // This MANIFEST is its snapshot alone.
    EXPECT_EQ(two.out == plain, program == "manifest_dump") << name;
    EXPECT_EQ(one.exit_code, 0) << name << one.err;
    EXPECT_EQ(one.out, two.out) << name;
  }
}

TEST_P(DumpTest, JsonIsOneObjectALineWithALabel) {
  const ProgramResult result = RunProgram(GetParam(), {"--json", OwnFile()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::istringstream lines(result.out);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto object = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(object.is_object()) << line;
    ASSERT_TRUE(object.contains("line")) << line;
  }
  EXPECT_GT(count, 3u);
}

TEST_P(DumpTest, WrongValuesOfOptionsAreUsageErrors) {
  const std::string program = GetParam();
  std::vector<std::vector<std::string>> wrong = {{"--limit", "-1"}, {"--limit", "x"}};
  if (program == "sst_dump") wrong.insert(wrong.end(), {{"--hex", "data"}, {"--hex", "99999"}});
  if (program == "manifest_dump") wrong.insert(wrong.end(), {{"--at", "-1"}, {"--at", "99999"}});
  for (std::vector<std::string>& arguments : wrong) {
    arguments.push_back(OwnFile());
    const ProgramResult result = RunProgram(program, arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments[0] << result.out << result.err;
    EXPECT_NE(result.err, "") << arguments[0];
  }
}

INSTANTIATE_TEST_SUITE_P(Programs, DumpTest,
                         ::testing::Values("wal_dump", "sst_dump", "manifest_dump"),
                         [](const auto& program) { return std::string(program.param); });

}  // namespace
}  // namespace beachdb
