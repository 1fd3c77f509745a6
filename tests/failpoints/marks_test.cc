// The list of failpoints, the marks in the sources and the page in docs agree.
#include "tests/failpoints/marks.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beachdb {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(FailpointMarksTest, ListAndSourcesAgreeAndEverySyncHasAName) {
  EXPECT_THAT(CheckMarks(ReadEngineSources(BEACHDB_SOURCE_DIR)), IsEmpty());
}

TEST(FailpointMarksTest, ListAndPageAgree) {
  std::ifstream in(std::string(BEACHDB_SOURCE_DIR) + "/docs/failpoints.md");
  std::ostringstream page;
  page << in.rdbuf();
  EXPECT_THAT(CheckPage(page.str()), IsEmpty());
  EXPECT_THAT(CheckPage(""), Contains(HasSubstr("found no more rows")));
}

// What the check says about the real text of `file` with a line replaced. (All other points have no
// site then, of course.)
std::vector<std::string> FaultsWith(const std::string& file, const std::string& line,
                                    const std::string& other) {
  std::vector<SourceFile> sources = ReadEngineSources(BEACHDB_SOURCE_DIR);
  std::erase_if(sources, [&](const SourceFile& source) { return source.path != file; });
  for (SourceFile& source : sources) {
    const std::size_t at = source.text.find(line);
    if (at == std::string::npos) return {file + " has no longer the line that this test changes"};
    source.text.replace(at, line.size(), other);
  }
  return CheckMarks(sources);
}

TEST(FailpointMarksTest, ASyncWithoutANameIsFound) {
  EXPECT_THAT(
      FaultsWith("wal/log_files.cc", R"(SyncStep("wal_directory_sync", [&] {)", "Plain([&] {"),
      Contains(HasSubstr("fs_.SyncDirectory(...): a step of the order without a name")));
}

TEST(FailpointMarksTest, ASiteWithoutItsMarkIsFound) {
  EXPECT_THAT(FaultsWith("wal/log_writer.cc", "// FAILPOINT: wal_header_sync", ""),
              Contains(HasSubstr("want `// FAILPOINT: wal_header_sync` here")));
}

TEST(FailpointMarksTest, AMarkWithoutItsSiteIsFound) {
  EXPECT_THAT(FaultsWith("wal/log_writer.cc", "// FAILPOINT: wal_header_sync",
                         "// FAILPOINT: wal_header_sync\n  // FAILPOINT: wal_zync"),
              Contains(HasSubstr("the mark wal_zync has no call")));
}

TEST(FailpointMarksTest, APointThatIsGoneOrThereTwiceIsFound) {
  EXPECT_THAT(FaultsWith("engine/background.cc", R"(CrashPoint("flush_after_publish");)", ""),
              Contains(HasSubstr("flush_after_publish has 0 sites, want 1")));
  EXPECT_THAT(FaultsWith("engine/background.cc", R"(CrashPoint("flush_after_publish");)",
                         R"(CrashPoint("flush_after_file_sync");)"),
              Contains(HasSubstr("flush_after_file_sync has 2 sites, want 1")));
}

TEST(FailpointMarksTest, TheWrongFunctionForAKindIsFound) {
  EXPECT_THAT(
      FaultsWith("wal/log_writer.cc", R"(SyncStep("wal_header_sync")", R"(Step("wal_header_sync")"),
      Contains(HasSubstr("wal_header_sync is of the kind sync: call SyncStep, not Step")));
}

}  // namespace
}  // namespace beachdb
