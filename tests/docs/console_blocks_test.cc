#include "tests/docs/console_blocks.h"

#include <fstream>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

namespace fs = std::filesystem;

class ConsoleBlocksTest : public testing::Test {
 protected:
  ConsoleBlocksTest()
      : folder_(testing::TempDir() + "beachdb_console_" +
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~ConsoleBlocksTest() override { fs::remove_all(folder_); }

  ConsoleOutcome RunPage(const std::string& contents) {
    std::ofstream(folder_ / "page.md") << contents;
    fs::create_directories(folder_ / "work");
    return RunConsoleBlocks(folder_ / "page.md", BEACHDB_BIN_DIR, folder_ / "work");
  }

  const fs::path folder_;
};

TEST_F(ConsoleBlocksTest, EveryPageShowsWhatItsCommandsPrint) {
  const fs::path root = BEACHDB_SOURCE_DIR;
  int commands = 0;
  for (const fs::path& page : PagesWithConsoleBlocks(root)) {
    SCOPED_TRACE(page);
    const fs::path work = folder_ / page.stem();
    fs::create_directories(work);
    const ConsoleOutcome outcome = RunConsoleBlocks(page, BEACHDB_BIN_DIR, work);
    commands += outcome.commands;
    for (const std::string& fault : outcome.faults) ADD_FAILURE() << fault;
  }
  EXPECT_GT(commands, 10) << "the pages with console blocks were not found";
}

TEST_F(ConsoleBlocksTest, WhatIsNotPrintedIsAFault) {
  const ConsoleOutcome outcome =
      RunPage("```console\n$ echo one > f\n$ cat f\ntwo\n$ echo a; echo b\na\n```\n");
  EXPECT_EQ(outcome.commands, 3);
  ASSERT_EQ(outcome.faults.size(), 2u);
  EXPECT_TRUE(outcome.faults[0].starts_with("page.md:3: $ cat f\n  prints\n    one\n"))
      << outcome.faults[0];
}

TEST_F(ConsoleBlocksTest, CommandsShareADirectoryAndErrorsAreShown) {
  const ConsoleOutcome outcome = RunPage(
      "text\n```console\n$ echo \"it's\" > f\n```\n```sh\n$ false\n```\n"
      "```console\n$ cat f\nit's\n$ cat nowhere\ncat: nowhere: ...\n```\n");
  EXPECT_EQ(outcome.commands, 3);
  EXPECT_TRUE(outcome.faults.empty()) << outcome.faults[0];
}

TEST_F(ConsoleBlocksTest, DotsStandForTextOrLines) {
  EXPECT_TRUE(Matches({"a ... c"}, {"a b c"}));
  EXPECT_TRUE(Matches({"a ... c ... e"}, {"a b c d e"}));
  EXPECT_FALSE(Matches({"a ... c"}, {"a b d"}));
  EXPECT_TRUE(Matches({"a", "...", "d"}, {"a", "b", "c", "d"}));
  EXPECT_TRUE(Matches({"a", "..."}, {"a"}));
  EXPECT_FALSE(Matches({"a"}, {"a", "b"}));
  EXPECT_FALSE(Matches({"a", "b"}, {"a"}));
  EXPECT_TRUE(Matches({}, {}));
}

}  // namespace
}  // namespace beachdb
