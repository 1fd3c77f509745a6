#include "manifest/version.h"

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"
#include "manifest/test_files.h"

namespace beachdb {
namespace {

FileRef Share(FileMetadata file) { return std::make_shared<const FileMetadata>(std::move(file)); }

std::string Letter(std::uint64_t i) { return std::string(1, static_cast<char>('a' + i)); }

// Level 0: overlapping runs. Level 2: disjoint files over the letters, some of one letter only.
Version RandomVersion(Random& random) {
  Version version;
  std::uint64_t number = 1;
  for (std::uint64_t i = random.Uniform(5); i > 0; --i) {
    const std::uint64_t a = random.Uniform(26);
    const std::uint64_t b = a + random.Uniform(26 - a);
    version.levels[0].push_back(
        Share(MakeFile(number++, Letter(a), Letter(b), 10 * i, 10 * i + 5)));
  }
  for (std::uint64_t a = random.Uniform(4); a < 26;) {
    const std::uint64_t b = std::min<std::uint64_t>(a + random.Uniform(4), 25);
    version.levels[2].push_back(Share(MakeFile(number++, Letter(a), Letter(b), 1, 2)));
    a = b + 1 + random.Uniform(4);
  }
  return version;
}

TEST(VersionTest, OverlappingFindsWhatAScanOfAllFilesFinds) {
  const std::uint64_t seed = TestSeed();
  SCOPED_TRACE("BEACHDB_SEED=" + std::to_string(seed));
  Random random(seed);
  for (int round = 0; round < 2000; ++round) {
    const Version version = RandomVersion(random);
    ASSERT_TRUE(CheckVersion(version).ok());
    // Bounds of two letters fall between keys.
    const std::string a =
        random.OneIn(2) ? Letter(random.Uniform(26)) : Letter(random.Uniform(26)) + "m";
    const std::string b =
        random.OneIn(2) ? Letter(random.Uniform(26)) : Letter(random.Uniform(26)) + "m";
    const std::string_view low = std::min(a, b);
    const std::string_view high = std::max(a, b);
    const std::string_view* from = random.OneIn(4) ? nullptr : &low;
    const std::string_view* to = random.OneIn(4) ? nullptr : &high;
    for (int level = 0; level < kLevels; ++level) {
      std::vector<FileRef> want;
      for (const FileRef& file : version.levels[level]) {
        if (from != nullptr && file->largest < *from) continue;
        if (to != nullptr && file->smallest > *to) continue;
        want.push_back(file);
      }
      ASSERT_EQ(version.Overlapping(level, from, to), want) << "level " << level;
    }
  }
}

TEST(VersionTest, ARangeTurnedRoundMeetsNothingBelowLevelZero) {
  Version version;
  version.levels[1] = {Share(MakeFile(1, "a", "c", 1, 1)), Share(MakeFile(2, "e", "g", 1, 1))};
  const std::string_view from = "z";
  const std::string_view to = "b";
  EXPECT_TRUE(version.Overlapping(1, &from, &to).empty());
}

TEST(VersionTest, BytesAndDepthCountWhatIsThere) {
  Version version;
  EXPECT_EQ(version.DeepestLevel(), 0);
  EXPECT_EQ(version.LevelBytes(3), 0u);
  version.levels[3] = {Share(MakeFile(1, "a", "b", 1, 1)), Share(MakeFile(2, "c", "d", 1, 1))};
  EXPECT_EQ(version.DeepestLevel(), 3);
  EXPECT_EQ(version.LevelBytes(3), 3000u);
  version.levels[6] = {Share(MakeFile(3, "a", "b", 1, 1))};
  EXPECT_EQ(version.DeepestLevel(), 6);
}

TEST(VersionTest, CheckNamesTheTwoFilesThatBreakTheOrder) {
  const struct {
    const char* what;
    int level;
    FileMetadata first;
    FileMetadata second;
    const char* want;  // nullptr: fine
  } kCases[] = {
      {"runs, newest first", 0, MakeFile(2, "a", "z", 6, 9), MakeFile(1, "a", "z", 1, 5), nullptr},
      {"runs, oldest first", 0, MakeFile(1, "a", "z", 1, 5), MakeFile(2, "a", "z", 6, 9),
       "level 0: tables 1 and 2 overlap in seqnos: 1..5 and 6..9"},
      {"runs that share a seqno", 0, MakeFile(2, "a", "b", 5, 9), MakeFile(1, "c", "d", 1, 5),
       "level 0: tables 2 and 1 overlap in seqnos"},
      {"disjoint files", 4, MakeFile(1, "a", "c", 1, 9), MakeFile(2, "d", "e", 1, 9), nullptr},
      {"a key in two files", 4, MakeFile(1, "a", "c", 1, 9), MakeFile(2, "c", "e", 1, 9),
       "level 4: tables 1 and 2 overlap: the first ends at \"c\", the second begins at \"c\""},
      {"files out of order", 4, MakeFile(1, "d", "e", 1, 9), MakeFile(2, "a", "c", 1, 9),
       "level 4: tables 1 and 2 overlap"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    Version version;
    version.levels[c.level] = {Share(c.first), Share(c.second)};
    const Status status = CheckVersion(version);
    EXPECT_EQ(status.ok(), c.want == nullptr) << status.ToString();
    if (c.want == nullptr || status.ok()) continue;
    EXPECT_EQ(status.error().code(), Code::kCorruption);
    EXPECT_NE(status.error().message().find(c.want), std::string::npos) << status.ToString();
  }
}

}  // namespace
}  // namespace beachdb
