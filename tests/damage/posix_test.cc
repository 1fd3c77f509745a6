// What only a real file system can put in the place of a file: directories, pipes, links that lead
// nowhere. The open returns, refused by name or all right, and when the file is back, so is all.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "beachdb/db.h"
#include "tests/damage/sample.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;

class PosixDamageTest : public testing::TestWithParam<const char*> {
 protected:
  PosixDamageTest() { fs::remove_all(directory_); }
  ~PosixDamageTest() override { fs::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  void Lay(const Sample& sample) {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
    for (const auto& [name, contents] : sample.image) {
      std::ofstream(Path(name), std::ios::binary) << sample.Bytes(name);
    }
  }

  // Puts the thing of this test where the file was.
  void Replace(const std::string& name) {
    const std::string kind = GetParam();
    const std::string path = Path(name);
    fs::remove(path);
    if (kind == "directory") fs::create_directory(path);
    if (kind == "pipe") {
      ASSERT_EQ(::mkfifo(path.c_str(), 0644), 0);
    }
    if (kind == "dangling_link") fs::create_symlink(Path("nowhere/at-all"), path);
    if (kind == "circular_link") fs::create_symlink(path, path);
  }

  // Whether it opens. Every answer must be right, every error must name the file.
  bool ReadsAsFar(const Sample& sample, const std::string& name) const {
    const auto db = Db::Open(directory_, sample.options);
    if (!db.ok()) {
      EXPECT_NE(db.error().message().find(name), std::string::npos) << db.error().ToString();
      return false;
    }
    for (const std::string& key : sample.keys) {
      const auto found = db->Get(key);
      if (!found.ok()) {
        EXPECT_NE(found.error().message().find(name), std::string::npos)
            << found.error().ToString();
        continue;
      }
      const auto want = sample.answers.find(key);
      EXPECT_EQ(*found, want == sample.answers.end() ? std::nullopt : std::optional(want->second));
    }
    return true;
  }

  const std::string directory_ =
      testing::TempDir() + "beachdb_posix_damage_" + std::string(GetParam());
};

TEST_P(PosixDamageTest, InThePlaceOfAFileIsRefusedByNameOrWithoutMeaning) {
  const Sample sample = MakeSamples().at(6);
  ASSERT_EQ(sample.name, "crashed with a recycled log, synced") << "it has every kind of file";
  for (const auto& [name, contents] : sample.image) {
    SCOPED_TRACE(name);
    Lay(sample);
    Replace(name);
    if (HasFatalFailure()) return;
    if (ReadsAsFar(sample, name)) continue;
    // What was refused has changed nothing.
    fs::remove(Path(name));
    std::ofstream(Path(name), std::ios::binary) << sample.Bytes(name);
    EXPECT_TRUE(ReadsAsFar(sample, "no error now"));
  }
}

INSTANTIATE_TEST_SUITE_P(Things, PosixDamageTest,
                         testing::Values("directory", "pipe", "dangling_link", "circular_link"),
                         [](const auto& thing) { return std::string(thing.param); });

}  // namespace
}  // namespace beachdb
