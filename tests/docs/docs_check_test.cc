#include "tests/docs/docs_check.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beachdb {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(DocsTest, WhatThePagesTellAReaderToTypeAndOpenExists) {
  EXPECT_THAT(CheckDocs(BEACHDB_SOURCE_DIR), IsEmpty());
}

// A repository in miniature whose only page is README.md.
class DocsCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    root_ = fs::path(testing::TempDir()) / fmt::format("docs_{}_{}", name, getpid());
    fs::remove_all(root_);
    Write("Makefile", "run: build ## run\nbuild:\n\t@true\n");
    Write("CMakePresets.json", R"({"configurePresets": [{"name": "dev"}]})");
    Write("src/tools/beach_main.cc", "");
    Write("docs/guide.md", "");
    Write("examples/basic.cc", "int main() {\n  Open();\n  Close();\n}\n");
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  std::vector<std::string> ComplaintsAbout(const std::string& readme) const {
    Write("README.md", readme);
    return CheckDocs(root_);
  }

  fs::path root_;
};

TEST_F(DocsCheckTest, WhatExistsMayBeNamed) {
  EXPECT_THAT(ComplaintsAbout("Type `make run`, read [the guide](docs/guide.md#top) or `docs/`.\n"
                              "```sh\n"
                              "$ bin/beach --db DIR get KEY   # not make tea\n"
                              "cmake --preset dev\n"
                              "```\n"
                              "```cpp\nOpen();\nClose();\n```\n"
                              "Elsewhere: `docs/<name>.md`, `src/*/x.h`, `docs/NAME`, "
                              "[far](https://example.org/x).\n"),
              IsEmpty());
}

TEST_F(DocsCheckTest, EachFalsePromiseIsReportedWithItsLine) {
  const struct {
    const char* promise;
    const char* readme;
    const char* want;
  } cases[] = {
      {"1: a target in prose", "Type\n`make tea`.\n",
       "README.md:2: no target 'tea' in the Makefile"},
      {"1: a target in a block", "```sh\nmake tea\n```\n",
       "README.md:2: no target 'tea' in the Makefile"},
      {"2: a program", "```\nbin/beachd --help\n```\n", "README.md:2: no program bin/beachd"},
      {"3: a path", "See `docs/nowhere.md`.\n", "README.md:1: no file docs/nowhere.md"},
      {"3: a path with punctuation", "`see src/tools/none.cc.`\n",
       "README.md:1: no file src/tools/none.cc"},
      {"4: a preset", "`cmake --preset fast`\n",
       "README.md:1: no preset 'fast' in CMakePresets.json"},
      {"5: a link", "[guide](docs/guides.md)\n",
       "README.md:1: the link to docs/guides.md leads nowhere"},
      {"6: a snippet that no example holds", "```cpp\nOpen();\nRead();\n```\n",
       "README.md:2: this C++ is not a piece of any program in examples/"},
      {"7: a language that nobody runs", "```bash\nmake run\n```\n",
       "README.md:1: no test runs code in 'bash': use sh, console or cpp"},
      {"a block without an end", "```sh\nmake run\n", "README.md:2: a code block is not closed"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.promise);
    EXPECT_THAT(ComplaintsAbout(c.readme), ElementsAre(c.want));
  }
}

TEST_F(DocsCheckTest, TheCodeOfDocsIsHeldAgainstTheExamplesToo) {
  Write("docs/guide.md", "```cpp\nOpen();\n```\n\n```cpp\nRead();\n```\n");
  EXPECT_THAT(CheckDocs(root_), ElementsAre("docs/guide.md:6: this C++ is not a piece of any "
                                            "program in examples/"));
}

TEST_F(DocsCheckTest, PagesInFoldersAreRead) {
  Write("docs/deep/page.md", "`make tea`\n");
  EXPECT_THAT(CheckDocs(root_),
              ElementsAre("docs/deep/page.md:1: no target 'tea' in the Makefile"));
}

}  // namespace
}  // namespace beachdb
