// The crash harness itself: what it writes down it reads again and lives again, it finds a database
// that breaks the contract, and a small run of it finds nothing in ours.
//
// The long form is the program: `make crash-check`, or `crash run --profile full --seed N`.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failpoint_list.h"
#include "tools/crash/campaign.h"
#include "tools/crash/controller.h"
#include "tools/crash/scenario.h"

namespace beachdb::tools::crash {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const char* const kProgram = BEACHDB_BIN_DIR "/crash";

class HarnessTest : public testing::Test {
 protected:
  HarnessTest()
      : folder_(testing::TempDir() + "beachdb_harness_" +
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~HarnessTest() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  // The exit code; what it said is in said_.
  int Crash(const std::string& arguments) {
    const std::string command = std::string(kProgram) + " " + arguments + " --dir " + Path("work") +
                                " > " + Path("out") + " 2>&1";
    const int status = std::system(command.c_str());
    said_ = Read("out");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string Read(const std::string& name) const {
    std::ifstream in(Path(name));
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
  }

  // A scenario in which the database itself does wrong: CURRENT is never written.
  static Scenario LyingDatabase() {
    CampaignOptions options;
    options.crash_points = {"wal_after_sync"};
    options.ops = 20;
    Scenario scenario = PlanCampaign(options).front();
    scenario.cycles.front().failpoints = "current_rename=skip";
    return scenario;
  }

  const std::string folder_;
  std::string said_;
};

TEST_F(HarnessTest, TheSameSeedPlansTheSameCampaign) {
  CampaignOptions options;
  options.seed = 5;
  options.ops = 5;
  const std::vector<Scenario> once = PlanCampaign(options);
  EXPECT_EQ(once, PlanCampaign(options));
  options.seed = 6;
  EXPECT_NE(once, PlanCampaign(options));
}

TEST_F(HarnessTest, ACampaignVisitsEveryFailpointInEveryWayItHas) {
  std::set<std::string> names;
  for (const Scenario& scenario : PlanCampaign({.ops = 5})) names.insert(scenario.name);
  for (const FailpointInfo& info : kFailpoints) {
    const std::string name(info.name);
    const bool step = info.kind == FailpointKind::kStep || info.kind == FailpointKind::kSync;
    EXPECT_EQ(names.contains(name + "=crash"), info.kind != FailpointKind::kError) << name;
    EXPECT_EQ(names.contains(name + "=crash_after"), step) << name;
    EXPECT_EQ(names.contains(name + "=error:eio:1"), info.kind != FailpointKind::kCrash) << name;
  }
}

TEST_F(HarnessTest, AnArtifactHoldsTheWholeScenarioAndItsResult) {
  Artifact artifact;
  artifact.scenario = LyingDatabase();
  artifact.result.failure = "a failure with \"quotes\"\nand lines";
  artifact.result.point_hit = true;
  artifact.result.cycles = {
      {.events = {{.kind = "ready", .op = 0, .message = "", .hits = {}},
                  {.kind = "fail", .op = 7, .message = "I/O error", .hits = {}},
                  {.kind = "done", .op = 0, .message = "", .hits = {{"wal_sync", 2}}}},
       .end = "exit 0",
       .entries = 3}};
  const auto read = ReadArtifact(WriteArtifact(artifact));
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(*read, artifact);
}

TEST_F(HarnessTest, WhatIsNoArtifactIsRefusedByName) {
  for (const char* text : {"", "{}", "[1", "{\"format\":\"beachdb-crash\",\"version\":9}",
                           "{\"format\":\"beachdb-crash\",\"version\":1,\"config\":7}"}) {
    const auto read = ReadArtifact(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code(), Code::kInvalidArgument);
  }
  Write("broken.json", "{");
  EXPECT_EQ(Crash("replay " + Path("broken.json")), 2) << said_;
}

TEST_F(HarnessTest, ADatabaseThatLosesItselfIsFoundAndTheArtifactFailsAgain) {
  const Scenario scenario = LyingDatabase();
  const auto result = RunScenario({.program = kProgram, .directory = Path("work")}, scenario);
  ASSERT_TRUE(result.ok()) << result.error().ToString();
  EXPECT_THAT(result->failure, HasSubstr("CURRENT is missing"));
  Write("failure.json", WriteArtifact({scenario, *result}));
  EXPECT_EQ(Crash("replay " + Path("failure.json")), 1) << said_;
  EXPECT_THAT(said_, HasSubstr("CURRENT is missing"));
}

TEST_F(HarnessTest, AShortRunFindsNothingAndReplaysToNothing) {
  const std::string artifact = Path("run.json");
  EXPECT_EQ(Crash("run --ops 60 --crash-point wal_after_sync --crash-point flush_after_publish "
                  "--fault-point sst_publish_error --random-kills 6 --always --artifact " +
                  artifact),
            0)
      << said_;
  EXPECT_THAT(said_, HasSubstr("PROOF crash seed=1 scenarios=5"));
  EXPECT_EQ(Crash("replay " + artifact), 0) << said_;
}

TEST_F(HarnessTest, AFolderWithOtherThingsInItIsNotEmptied) {
  fs::create_directories(Path("work"));
  Write("work/thesis.txt", "years of work");
  EXPECT_EQ(Crash("run --crash-point wal_sync"), 2) << said_;
  EXPECT_TRUE(fs::exists(Path("work/thesis.txt")));
}

TEST_F(HarnessTest, AnUnknownFailpointIsAWrongCommandLine) {
  EXPECT_EQ(Crash("run --crash-point wal_snyc"), 2);
  EXPECT_EQ(Crash("run --fault-point wal_after_sync"), 2) << "no error can be ordered there";
}

}  // namespace
}  // namespace beachdb::tools::crash
