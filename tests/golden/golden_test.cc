// What the dump programs print, whole: of the sample files and of damaged ones. Each case is a file
// of this folder, <name>.txt, which a person has read.
//
// `tests_golden --rewrite`, or BEACHDB_REWRITE=1, writes them anew: look at the difference before
// you commit it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/sample_files.h"
#include "tests/tools/program.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;

constexpr char kRewrite[] = "BEACHDB_REWRITE";

using Damage = std::function<void(std::string& bytes)>;

Damage None() {
  return [](std::string&) {};
}
Damage FlipAt(std::size_t at) {
  return [at](std::string& bytes) { bytes.at(at) = static_cast<char>(bytes.at(at) ^ 1); };
}
// `size` bytes are left; negative: so many are cut off.
Damage CutTo(std::ptrdiff_t size) {
  return [size](std::string& bytes) {
    bytes.resize(size >= 0 ? static_cast<std::size_t>(size)
                           : bytes.size() - static_cast<std::size_t>(-size));
  };
}

struct GoldenCase {
  std::string name;
  std::string program;
  std::vector<std::string> options;
  std::string file;
  Damage damage = None();
};

const std::vector<std::string> kAll = {"-properties", "-filter", "-index", "-blocks", "-entries"};
const std::vector<std::string> kAllJson = {"-properties", "-filter",  "-index",
                                           "-blocks",     "-entries", "--json"};

// Offsets of the sample files; the goldens show them.
constexpr std::size_t kSecondLogRecord = 4160;
constexpr std::size_t kSecondManifestRecord = 112;

// clang-format off
const std::vector<GoldenCase> kCases = {
    {"wal", "wal_dump", {}, kSampleLog},
    {"wal_decode", "wal_dump", {"-decode"}, kSampleLog},
    {"wal_decode_json", "wal_dump", {"-decode", "-json"}, kSampleLog},
    {"wal_hex", "wal_dump", {"-hex"}, kSampleLog},
    {"wal_recycled", "wal_dump", {"-decode"}, kSampleRecycledLog},
    {"wal_damaged_record", "wal_dump", {"-decode"}, kSampleLog, FlipAt(kSecondLogRecord + 20)},
    {"wal_damaged_record_json", "wal_dump", {"-json"}, kSampleLog, FlipAt(kSecondLogRecord + 20)},
    {"wal_damaged_record_hex", "wal_dump", {"-hex"}, kSampleLog, FlipAt(kSecondLogRecord + 20)},
    {"wal_damaged_header", "wal_dump", {}, kSampleLog, FlipAt(50)},
    {"wal_torn", "wal_dump", {}, kSampleLog, CutTo(kSecondLogRecord + 30)},
    {"wal_cut_in_header", "wal_dump", {"-hex"}, kSampleLog, CutTo(50)},
    {"sst", "sst_dump", {}, kSampleTable},
    {"sst_all", "sst_dump", kAll, kSampleTable},
    {"sst_all_json", "sst_dump", kAllJson, kSampleTable},
    {"sst_limit", "sst_dump", {"-entries", "--limit", "4"}, kSampleTable},
    {"sst_hex_header", "sst_dump", {"-hex", "header"}, kSampleTable},
    {"sst_hex_block", "sst_dump", {"-hex", "0"}, kSampleTable},
    {"sst_hex_filter", "sst_dump", {"-hex", "filter"}, kSampleTable},
    {"sst_hex_index", "sst_dump", {"-hex", "index"}, kSampleTable},
    {"sst_hex_properties", "sst_dump", {"-hex", "properties"}, kSampleTable},
    {"sst_hex_footer", "sst_dump", {"-hex", "footer"}, kSampleTable},
    {"sst_hex_json", "sst_dump", {"-hex", "0", "-json"}, kSampleTable},
    {"sst_lz4", "sst_dump", {}, kSampleLz4Table},
    {"sst_lz4_hex_block", "sst_dump", {"-hex", "0"}, kSampleLz4Table},
    {"sst_wide", "sst_dump", {"-entries", "-blocks", "-index"}, kSampleWideTable},
    {"sst_ranges", "sst_dump", {"-entries", "-properties", "-blocks"}, kSampleRangesTable},
    {"sst_ranges_hex", "sst_dump", {"-hex", "ranges"}, kSampleRangesTable},
    {"sst_damaged_block", "sst_dump", {"-blocks", "-hex", "0"}, kSampleTable, FlipAt(100)},
    {"sst_damaged_block_json", "sst_dump", {"-blocks", "-json"}, kSampleTable, FlipAt(100)},
    {"sst_damaged_header", "sst_dump", {"-blocks"}, kSampleTable, FlipAt(50)},
    {"sst_without_footer", "sst_dump", {"-blocks"}, kSampleTable, CutTo(-1)},
    {"sst_no_such_block", "sst_dump", {"-hex", "99"}, kSampleTable},
    {"manifest", "manifest_dump", {}, kSampleManifest},
    {"manifest_json", "manifest_dump", {"-json"}, kSampleManifest},
    {"manifest_at", "manifest_dump", {"--at", "1"}, kSampleManifest},
    {"manifest_no_such_record", "manifest_dump", {"-at", "9"}, kSampleManifest},
    {"manifest_damaged_edit", "manifest_dump", {}, kSampleManifest,
     FlipAt(kSecondManifestRecord + 20)},
    {"manifest_damaged_edit_json", "manifest_dump", {"-json"}, kSampleManifest,
     FlipAt(kSecondManifestRecord + 20)},
    {"manifest_torn", "manifest_dump", {}, kSampleManifest, CutTo(-10)},
};
// clang-format on

fs::path GoldenFolder() { return fs::path(BEACHDB_SOURCE_DIR) / "tests" / "golden"; }

// The command, what it said, and how it ended.
std::string Transcript(const GoldenCase& c) {
  std::vector<std::string> arguments = c.options;
  arguments.push_back(c.file);
  std::string text = "$ " + c.program;
  for (const std::string& argument : arguments) text += " " + argument;
  const ProgramResult result = RunProgram(c.program, arguments);
  return fmt::format("{}\n{}[stderr] {}{}[exit {}]\n", text, result.out, result.err,
                     result.err.empty() ? "\n" : "", result.exit_code);
}

class GoldenTest : public testing::TestWithParam<GoldenCase> {
 protected:
  GoldenTest() : home_(fs::current_path()) {
    fs::current_path(folder_.Path(""));  // so that no path of this machine is printed
    WriteSampleFiles(".");
  }
  ~GoldenTest() override { fs::current_path(home_); }

 private:
  const TestFolder folder_;
  const fs::path home_;
};

TEST_P(GoldenTest, TheDumpIsAsItWasReadAndApproved) {
  const GoldenCase& c = GetParam();
  std::string bytes = ReadWholeFile(c.file);
  c.damage(bytes);
  std::ofstream(c.file, std::ios::binary) << bytes;
  const std::string transcript = Transcript(c);
  const fs::path golden = GoldenFolder() / (c.name + ".txt");
  if (std::getenv(kRewrite) != nullptr) {
    std::ofstream(golden, std::ios::binary) << transcript;
    return;
  }
  EXPECT_EQ(transcript, ReadWholeFile(golden))
      << golden << "; if the new text is right: tests_golden --rewrite";
}

INSTANTIATE_TEST_SUITE_P(Dumps, GoldenTest, testing::ValuesIn(kCases),
                         [](const auto& c) { return c.param.name; });

TEST(GoldenFolderTest, EveryFileBelongsToACase) {
  std::set<std::string> names;
  for (const GoldenCase& c : kCases) names.insert(c.name + ".txt");
  for (const auto& entry : fs::directory_iterator(GoldenFolder())) {
    if (entry.path().extension() != ".txt") continue;
    EXPECT_TRUE(names.contains(entry.path().filename().string())) << entry.path();
  }
}

}  // namespace
}  // namespace beachdb

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--rewrite") ::setenv(beachdb::kRewrite, "1", 1);
  }
  return RUN_ALL_TESTS();
}
