#include "tests/layering/layering.h"

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
using testing::HasSubstr;
using testing::IsEmpty;

using Files = std::vector<std::pair<std::string, std::string>>;  // path, text

// A repository in miniature, in a folder of its own: two layers, a public header, all in order.
class LayeringTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    root_ = fs::path(testing::TempDir()) / fmt::format("layering_{}_{}", name, getpid());
    fs::remove_all(root_);
    Write({
        {"include/beachdb/db.h", "#include <string>\n#include \"beachdb/result.h\"\n"},
        {"include/beachdb/result.h", "#include <string>\n"},
        {"src/LAYERS", "# the plan\nbase:\nkv:   base\n"},
        {"src/base/README.md", "Base.\n"},
        {"src/base/arena.h", "#include <vector>\n"},
        {"src/kv/README.md", "Kv.\n"},
        {"src/kv/key.h", "#include \"base/arena.h\"\n#include \"beachdb/result.h\"\n"},
        {"src/kv/key.cc", "#include \"kv/key.h\"\n"},
        {"src/kv/key_test.cc", "#include \"kv/key.h\"\n#include \"tests/support/dir.h\"\n"},
        {"src/kv/key_test_util.h", "#include \"tests/support/dir.h\"\n"},
        {"examples/basic.cc", "#include \"beachdb/db.h\"\n"},
    });
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const Files& files) const {
    for (const auto& [path, text] : files) {
      fs::create_directories((root_ / path).parent_path());
      std::ofstream(root_ / path) << text;
    }
  }

  fs::path root_;
};

TEST(SourceTreeTest, StandsAsTheFloorPlanSays) {
  EXPECT_THAT(CheckLayering(BEACHDB_SOURCE_DIR), IsEmpty());
}

TEST_F(LayeringTest, AnOrderlyTreeHasNoComplaint) { EXPECT_THAT(CheckLayering(root_), IsEmpty()); }

TEST_F(LayeringTest, EveryFaultIsReportedWithItsPlace) {
  std::string twenty_one_lines;
  for (int i = 0; i < 21; ++i) twenty_one_lines += "line\n";

  const struct {
    const char* fault;
    Files files;
    const char* want;
  } cases[] = {
      {"1: a line without a colon",
       {{"src/LAYERS", "base:\nkv: base\ncache base\n"}},
       "src/LAYERS:3: expected 'layer: layers below'"},
      {"1: a layer stands on one below its line",
       {{"src/LAYERS", "base: kv\nkv: base\n"}},
       "src/LAYERS:1: base stands on kv, which no line above names"},
      {"1: a layer twice",
       {{"src/LAYERS", "base:\nkv: base\nkv:\n"}},
       "src/LAYERS:3: kv is named twice"},
      {"2: a folder outside the plan",
       {{"src/util/misc.h", ""}},
       "src/util:1: is not a layer of src/LAYERS"},
      {"2: a source outside every folder",
       {{"src/main.cc", ""}},
       "src/main.cc:1: is not a layer of src/LAYERS"},
      {"3: a layer looks up",
       {{"src/base/arena.h", "// first\n#include \"kv/other.h\"\n"}},
       "src/base/arena.h:2: may not include \"kv/other.h\""},
      {"3: even its tests may not look up",
       {{"src/base/arena_test.cc", "#include \"kv/other.h\"\n"}},
       "src/base/arena_test.cc:1: may not include \"kv/other.h\""},
      {"3: a test in C may not look up",
       {{"src/base/arena_test.c", "#include \"kv/other.h\"\n"}},
       "src/base/arena_test.c:1: may not include \"kv/other.h\""},
      {"3: only tests see the test support",
       {{"src/kv/key.cc", "#include \"tests/support/dir.h\"\n"}},
       "src/kv/key.cc:1: may not include \"tests/support/dir.h\""},
      {"3: what tests share is not for the product",
       {{"src/kv/key.cc", "#include \"kv/key_test_util.h\"\n"}},
       "src/kv/key.cc:1: \"kv/key_test_util.h\" is for tests only"},
      {"3: an include without its layer",
       {{"src/kv/key.cc", "#include \"key.h\"\n"}},
       "src/kv/key.cc:1: \"key.h\" lacks its layer"},
      {"3: brackets do not hide an include",
       {{"src/base/arena.h", "#include <kv/key.h>\n"}},
       "src/base/arena.h:1: include \"kv/key.h\" with quotes"},
      {"4: the public API looks inside",
       {{"include/beachdb/result.h", "#include \"base/arena.h\"\n"}},
       "include/beachdb/result.h:1: may not include \"base/arena.h\""},
      {"4: an example looks inside",
       {{"examples/basic.cc", "#include \"kv/key.h\"\n"}},
       "examples/basic.cc:1: may not include \"kv/key.h\""},
      {"4: an example in C looks inside",
       {{"examples/basic.c", "#include \"kv/key.h\"\n"}},
       "examples/basic.c:1: may not include \"kv/key.h\""},
      {"5: a circle within one layer",
       {{"src/kv/a.h", "#include \"kv/b.h\"\n"}, {"src/kv/b.h", "#include \"kv/a.h\"\n"}},
       "kv/a.h:1: circle of includes: kv/a.h > kv/b.h > kv/a.h"},
      {"6: a README that is too long",
       {{"src/kv/README.md", twenty_one_lines}},
       "src/kv/README.md:21: has more than 20 lines"},
      {"6: an empty README",
       {{"src/kv/README.md", ""}},
       "src/kv/README.md:1: every layer needs one: purpose, invariant, reading order"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.fault);
    fs::remove_all(root_);
    SetUp();
    Write(c.files);
    EXPECT_THAT(CheckLayering(root_), ElementsAre(c.want));
  }
}

TEST_F(LayeringTest, AMissingPlanIsReported) {
  fs::remove(root_ / "src/LAYERS");
  EXPECT_THAT(CheckLayering(root_), testing::Contains(HasSubstr("src/LAYERS:0: names no layer")));
}

TEST_F(LayeringTest, APlannedLayerWithoutSourcesNeedsNoReadme) {
  Write({{"src/LAYERS", "base:\nkv: base\nengine: base kv\n"}});
  EXPECT_THAT(CheckLayering(root_), IsEmpty());
}

}  // namespace
}  // namespace beachdb
