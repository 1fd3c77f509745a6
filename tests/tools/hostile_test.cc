// Files and streams that mean harm, before every program: it ends with a line of error and an exit
// code, not with a signal, a sanitizer's report, or never.
#include <sys/stat.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/support/test_world.h"
#include "tests/tools/program.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;

constexpr int kTimedOut = 124;

class HostileTest : public testing::Test {
 protected:
  HostileTest() {
    std::string lines;
    for (int i = 0; i < 2000; ++i) lines += fmt::format("key{}\tvalue\n", i);
    EXPECT_EQ(RunProgram("beach", {"--db", db_, "load", "-", "--format", "tsv"}, lines).exit_code,
              0);
    LoadAndKill(db_, lines);
  }

  // Runs "PROGRAM ARGUMENTS" by the shell; standard error goes into the result, output where the
  // arguments say.
  ProgramResult Shell(const std::string& command) const {
    const std::string errors = folder_.Path("stderr");
    const int status = std::system(  // NOLINT(cert-env33-c): the shell's redirections are the test
        fmt::format("timeout 60 {}/{} 2> {}", BEACHDB_BIN_DIR, command, errors).c_str());
    ProgramResult result;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    result.err = ReadWholeFile(errors);
    return result;
  }

  static void ExpectToldOff(const ProgramResult& result, const std::string& what) {
    EXPECT_NE(result.exit_code, kTimedOut) << what << " hangs";
    EXPECT_GT(result.exit_code, 0) << what;
    EXPECT_LE(result.exit_code, 6) << what << ": " << result.err;
    EXPECT_NE(result.err, "") << what;
    EXPECT_EQ(result.err.find("Sanitizer"), std::string::npos) << what << ": " << result.err;
    EXPECT_EQ(result.err.find("runtime error"), std::string::npos) << what << ": " << result.err;
  }

  // The file of the database that the program is for.
  std::string FileFor(const std::string& program) const {
    for (const auto& entry : fs::directory_iterator(db_)) {
      const std::string name = entry.path().filename().string();
      if ((program == "manifest_dump" && name.starts_with("MANIFEST-")) ||
          (program == "sst_dump" && name.ends_with(".sst")) ||
          (program == "wal_dump" && name.ends_with(".wal"))) {
        return entry.path().string();
      }
    }
    ADD_FAILURE() << "no file for " << program;
    return "";
  }

  const TestFolder folder_;
  const std::string db_ = folder_.Path("db");
  const std::vector<std::string> dumps_ = {"wal_dump", "sst_dump", "manifest_dump"};
};

TEST_F(HostileTest, DumpsRefusePipesDevicesAndHugeHoles) {
  const std::string pipe = folder_.Path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0644), 0);
  const std::string huge = folder_.Write("huge", "");
  fs::resize_file(huge, std::uintmax_t{4} << 30);
  for (const std::string& dump : dumps_) {
    ExpectToldOff(Shell(dump + " " + pipe), dump + " of a pipe");
    ExpectToldOff(Shell(dump + " /dev/zero"), dump + " of a device");
    ExpectToldOff(Shell(dump + " " + huge), dump + " of a hole of 4 GiB");
  }
}

TEST_F(HostileTest, DumpsOfDamagedFilesNeverDie) {
  const std::uint64_t seed = SeedFromEnvironment(1);
  SCOPED_TRACE("replay: BEACHDB_SEED=" + std::to_string(seed));
  Random random(seed);
  const std::map<std::string, std::vector<std::string>> everything = {
      {"wal_dump", {"-decode", "-hex"}},
      {"sst_dump", {"-properties", "-filter", "-index", "-blocks", "-entries", "-hex", "0"}},
      {"manifest_dump", {}}};
  for (const std::string& dump : dumps_) {
    const std::string whole = ReadWholeFile(FileFor(dump));
    for (int i = 0; i < 25; ++i) {
      std::string bytes = whole;
      const std::size_t at = random.Uniform(i % 2 == 0 ? bytes.size() : 4200 % bytes.size());
      if (i % 5 == 0) {
        bytes.resize(at);
      } else {
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Uniform(8)));
      }
      std::vector<std::string> arguments = everything.at(dump);
      arguments.push_back(folder_.Write("damaged", bytes));
      const ProgramResult result = RunProgram(dump, arguments);
      EXPECT_LE(result.exit_code, 1) << dump << ", byte " << at << ": " << result.err;
    }
  }
}

TEST_F(HostileTest, OutputThatDoesNotArriveIsAnErrorAndAReaderThatLeavesIsNone) {
  // The dumps first: opening the database retires the log that they read.
  std::vector<std::string> commands;
  for (const std::string& dump : dumps_) commands.push_back(dump + " " + FileFor(dump));
  for (const char* verb : {"scan", "tree", "stats --json", "get key7", "export --format tsv",
                           "export --format batches", "completion bash"}) {
    commands.push_back("beach --db " + db_ + " " + verb);
  }
  for (const std::string& command : commands) {
    const ProgramResult full = Shell(command + " > /dev/full");
    EXPECT_EQ(full.exit_code, 4) << command << ": " << full.err;
    EXPECT_NE(full.err.find("No space left on device"), std::string::npos) << full.err;
    const ProgramResult closed = Shell(command + " >&-");
    EXPECT_EQ(closed.exit_code, 4) << command << ": " << closed.err;
    const ProgramResult left = Shell(command + " | true");
    EXPECT_EQ(left.err, "") << command;
  }
}

// The number of a closed stream must not become that of a file of the database.
TEST_F(HostileTest, OutputIsNeverWrittenIntoTheDatabase) {
  std::string lines;
  for (int i = 0; i < 3000; ++i) lines += fmt::format("wide{}\t{}\n", i, std::string(100, 'w'));
  ASSERT_EQ(RunProgram("beach", {"--db", db_, "load", "-", "--format", "tsv"}, lines).exit_code, 0);
  const std::string want = RunProgram("beach", {"--db", db_, "scan"}).out;
  for (const char* closed : {">&-", "<&-", "<&- >&-"}) {
    for (const char* verb : {"scan", "export --format batches", "delete x", "flush"}) {
      Shell(fmt::format("beach --db {} {} > /dev/null {}", db_, verb, closed));
      EXPECT_TRUE(RunProgram("beach", {"--db", db_, "scan"}).out == want) << verb << closed;
    }
  }
  EXPECT_EQ(RunProgram("beach", {"--db", db_, "verify", "--deep"}).exit_code, 0);
}

TEST_F(HostileTest, EveryVerbRefusesADirectoryThatHoldsSomethingElse) {
  const std::vector<std::string> verbs = {"get k",
                                          "scan",
                                          "stats",
                                          "tree",
                                          "compact",
                                          "flush",
                                          "verify",
                                          "delete k",
                                          "put k v",
                                          "verify --deep",
                                          "export --format batches"};
  const std::string pipe_db = folder_.Path("pipe_db");
  fs::create_directory(pipe_db);
  ASSERT_EQ(::mkfifo((pipe_db + "/CURRENT").c_str(), 0644), 0);
  const auto with_current = [&](const std::string& name, const std::string& contents) {
    fs::create_directory(folder_.Path(name));
    folder_.Write(name + "/CURRENT", contents);
    return folder_.Path(name);
  };
  const std::vector<std::string> databases = {
      pipe_db,
      folder_.Write("a_file", "not a directory"),
      with_current("empty", ""),
      with_current("jpeg", std::string("\xff\xd8\xff\xe0\x00\x10JFIF\x00", 11)),
      with_current("long", std::string(1'000'000, 'M')),
  };
  for (const std::string& database : databases) {
    for (const std::string& verb : verbs) {
      const std::string command = "beach --db " + database + " " + verb;
      ExpectToldOff(Shell(command + " > /dev/null"), command);
    }
  }
}

}  // namespace
}  // namespace beachdb
