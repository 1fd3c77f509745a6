// docs/formats/*.ksy are true: parsers that are generated from them, and know nothing of our code,
// find in our files what the dump programs find. See README.md.
//
// Without node or its packages these tests are skipped, and say why.
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/sample_files.h"
#include "tests/tools/program.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;
using testing::UnorderedElementsAreArray;

const fs::path kSource = BEACHDB_SOURCE_DIR;
const fs::path kModules = kSource / "build" / "npm";
const fs::path kFormats = kSource / "docs" / "formats";

// Why the parsers cannot be made here; empty: they can.
std::string WhyNot() {
  if (std::system("command -v node > /dev/null 2>&1") != 0) return "node is not installed";
  for (const char* package : {"kaitai-struct", "kaitai-struct-compiler", "yaml"}) {
    if (fs::exists(kModules / "node_modules" / package)) continue;
    return fmt::format("the npm package {} is not installed: scripts/install-npm-packages",
                       package);
  }
  return {};
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class KaitaiTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string reason = WhyNot(); !reason.empty()) GTEST_SKIP() << reason;
    const fs::path files = folder_.Path("files");
    fs::create_directory(files);
    WriteSampleFiles(files.string());
  }

  std::string File(const std::string& name) const { return folder_.Path("files/" + name); }

  // What read_file.js prints.
  std::vector<std::string> Read(const std::string& kind, const std::string& file) const {
    const std::string out = folder_.Path("out");
    const std::string command =
        fmt::format("node '{}' '{}' '{}' {} '{}' > '{}'",
                    (kSource / "tests" / "kaitai" / "read_file.js").string(), kModules.string(),
                    kFormats.string(), kind, file, out);
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return LinesOf(ReadWholeFile(out));
  }

  // Every line of the dump that tells what stands in the file, and not what follows from it.
  static std::vector<std::string> Dump(const std::string& program,
                                       std::vector<std::string> arguments,
                                       const std::string& file) {
    arguments.insert(arguments.end(), {"--json", file});
    const ProgramResult result = RunProgram(program, arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const std::set<std::string> derived = {"file", "end", "total", "version", "level", "live"};
    std::vector<std::string> lines;
    for (const std::string& line : LinesOf(result.out)) {
      if (!derived.contains(nlohmann::json::parse(line)["line"])) lines.push_back(line);
    }
    return lines;
  }

  // As JSON: the two may write one string in different ways.
  static void ExpectSame(const std::vector<std::string>& dumped,
                         const std::vector<std::string>& read, std::size_t lines_min) {
    EXPECT_GE(dumped.size(), lines_min);
    ASSERT_EQ(dumped.size(), read.size());
    for (std::size_t i = 0; i < dumped.size(); ++i) {
      EXPECT_EQ(nlohmann::json::parse(dumped[i]), nlohmann::json::parse(read[i])) << i;
    }
  }

  TestFolder folder_;
};

TEST_F(KaitaiTest, EveryDescriptionCompilesAlsoForOtherLanguages) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFormats)) {
    if (entry.path().extension() == ".ksy") names.push_back(entry.path().stem().string());
  }
  EXPECT_THAT(Read("compile", ""), UnorderedElementsAreArray(names));
}

TEST_F(KaitaiTest, ALogIsReadAsTheDumpReadsIt) {
  for (const char* log : {kSampleLog, kSampleRecycledLog}) {
    SCOPED_TRACE(log);
    ExpectSame(Dump("wal_dump", {"-decode"}, File(log)), Read("wal", File(log)), 3);
  }
}

TEST_F(KaitaiTest, ATableIsReadAsTheDumpReadsIt) {
  const struct {
    const char* name;
    std::size_t lines_min;
  } tables[] = {{kSampleTable, 80}, {kSampleWideTable, 20}, {kSampleRangesTable, 20}};
  for (const auto& [name, lines_min] : tables) {
    SCOPED_TRACE(name);
    const std::string file = File(name);
    ExpectSame(
        Dump("sst_dump",
             {"-properties", "-filter", "-index", "-blocks", "-entries", "--limit", "99999"}, file),
        Read("sstable", file), lines_min);
  }
}

TEST_F(KaitaiTest, AManifestIsReadAsTheDumpReadsIt) {
  const std::string manifest = File(kSampleManifest);
  ExpectSame(Dump("manifest_dump", {}, manifest), Read("manifest", manifest), 12);
}

TEST_F(KaitaiTest, CurrentAndIdentityAreRead) {
  EXPECT_EQ(
      Read("current", File("CURRENT")),
      std::vector<std::string>{R"({"line":"current","manifest":"MANIFEST-000001","checksum":")" +
                               ReadWholeFile(File("CURRENT")).substr(16, 8) + "\"}"});
  const std::vector<std::string> identity = Read("identity", File("IDENTITY"));
  ASSERT_EQ(identity.size(), 1u);
  EXPECT_EQ(nlohmann::json::parse(identity[0])["uuid"], "b3f0c2d1-5a6e-4c07-9b1d-2f83e4a5c6d7");
}

}  // namespace
}  // namespace beachdb
