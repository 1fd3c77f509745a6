// Options::direct_reads: the same answers and errors past the page cache, and where there is no way
// past it.
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/mutex.h"
#include "base/random.h"
#include "beachdb/db.h"
#include "sim/sim_disk.h"
#include "tests/support/test_world.h"

namespace beachdb {
namespace {

// A file system without O_DIRECT.
class BufferedFileSystem final : public FileSystem {
 public:
  explicit BufferedFileSystem(FileSystem& base) : base_(base) {}

  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode, IoMode) override {
    return base_.Open(path, mode, IoMode::kBuffered);
  }
  Result<std::vector<std::string>> List(const std::string& directory) override {
    return base_.List(directory);
  }
  Result<bool> Exists(const std::string& path) override { return base_.Exists(path); }
  Result<std::uint64_t> FileSize(const std::string& path) override { return base_.FileSize(path); }
  Status CreateDirectory(const std::string& path) override { return base_.CreateDirectory(path); }
  Status SyncDirectory(const std::string& path) override { return base_.SyncDirectory(path); }
  Status Rename(const std::string& from, const std::string& to) override {
    return base_.Rename(from, to);
  }
  Status RemoveFile(const std::string& path) override { return base_.RemoveFile(path); }
  Status Link(const std::string& from, const std::string& to) override {
    return base_.Link(from, to);
  }
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    return base_.Lock(path);
  }
  Result<std::uint64_t> FreeSpace(const std::string& path) override {
    return base_.FreeSpace(path);
  }

 private:
  FileSystem& base_;
};

enum class Disk : std::uint8_t { kReal, kSimulated, kWithoutDirect };

class DirectReadsTest : public testing::TestWithParam<Disk> {
 protected:
  DirectReadsTest()
      : directory_(GetParam() == Disk::kReal ? RealDirectory() : "/db"),
        buffered_(simulated_),
        fs_(GetParam() == Disk::kReal        ? PosixFileSystem()
            : GetParam() == Disk::kSimulated ? static_cast<FileSystem&>(simulated_)
                                             : buffered_),
        world_(fs_) {
    if (GetParam() == Disk::kReal) std::filesystem::remove_all(directory_);
  }
  ~DirectReadsTest() override {
    if (GetParam() == Disk::kReal) std::filesystem::remove_all(directory_);
  }

  static std::string RealDirectory() {
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(name.begin(), name.end(), '/', '_');
    return testing::TempDir() + "beachdb_direct_reads_" + name;
  }

  Db Open(bool direct_reads) {
    Options options;
    options.environment = &world_;
    options.memory_budget = 4u << 20;
    options.write_buffer = 256u << 10;
    options.table_size = 256u << 10;
    options.direct_reads = direct_reads;
    options.log = [this](LogLevel, std::string_view line) {
      MutexLock lock(mu_);
      if (line.find("O_DIRECT") != std::string_view::npos) fallbacks_.emplace_back(line);
    };
    auto db = Db::Open(directory_, std::move(options));
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    return std::move(db).value();
  }
  std::vector<std::string> Fallbacks() {
    MutexLock lock(mu_);
    return fallbacks_;
  }

  // More than the budget, in several levels; values from none to more than a read's buffer.
  void Fill(Db& db) {
    Random random(4);
    for (int i = 0; i < 12'000; ++i) {
      const std::string key = "key" + std::to_string(random.Uniform(20'000));
      const std::size_t size = i % 4000 == 7 ? 700'000 : random.Uniform(1000);
      std::string value(size, static_cast<char>(random.Uniform(256)));
      value += std::to_string(i);
      ASSERT_TRUE(db.Put(key, value, {.durability = Durability::kBuffered}).ok());
      model_[key] = std::move(value);
    }
    for (int i = 0; i < 500; ++i) {
      const std::string key = "key" + std::to_string(random.Uniform(20'000));
      ASSERT_TRUE(db.Delete(key, {.durability = Durability::kBuffered}).ok());
      model_.erase(key);
    }
    ASSERT_TRUE(db.Flush().ok());
  }
  std::optional<std::string> Want(const std::string& key) const {
    const auto found = model_.find(key);
    return found == model_.end() ? std::nullopt : std::optional(found->second);
  }

  void ExpectEverythingRight(Db& db) {
    Random random(5);
    for (int i = 0; i < 3000; ++i) {
      const std::string key = "key" + std::to_string(random.Uniform(20'000));
      const auto value = db.Get(key, {.fill_cache = random.OneIn(2)});
      ASSERT_TRUE(value.ok()) << value.error().ToString();
      ASSERT_EQ(*value, Want(key)) << key;
    }
    for (int i = 0; i < 200; ++i) {
      std::vector<std::string> keys(random.Uniform(40));
      for (std::string& key : keys) key = "key" + std::to_string(random.Uniform(20'000));
      if (keys.size() > 3) keys[2] = keys[0];
      const std::vector<std::string_view> views(keys.begin(), keys.end());
      const auto values = db.MultiGet(views, {.fill_cache = random.OneIn(2)});
      ASSERT_TRUE(values.ok()) << values.error().ToString();
      for (std::size_t j = 0; j < keys.size(); ++j) ASSERT_EQ((*values)[j], Want(keys[j]));
    }
    Iterator it = db.NewIterator();
    auto want = model_.begin();
    for (it.SeekToFirst(); it.Valid(); it.Next(), ++want) {
      ASSERT_TRUE(want != model_.end());
      ASSERT_EQ(it.key(), want->first);
      ASSERT_EQ(it.value(), want->second);
    }
    EXPECT_TRUE(want == model_.end());
    for (it.SeekToLast(); it.Valid(); it.Prev()) ASSERT_EQ(it.value(), (--want)->second);
    EXPECT_TRUE(want == model_.begin());
    EXPECT_TRUE(it.status().ok()) << it.status().error().ToString();
    const auto report = db.Verify();
    ASSERT_TRUE(report.ok()) << report.error().ToString();
    EXPECT_EQ(report->problems, std::vector<std::string>());
  }

  const std::string directory_;
  SimDisk simulated_;
  BufferedFileSystem buffered_;
  FileSystem& fs_;
  TestWorld world_;
  std::map<std::string, std::string> model_;
  Mutex mu_;
  std::vector<std::string> fallbacks_ GUARDED_BY(mu_);
};

TEST_P(DirectReadsTest, EveryReadIsRightBeforeAndAfterCompaction) {
  {
    Db db = Open(false);
    Fill(db);
    EXPECT_TRUE(db.Close().ok());
  }
  EXPECT_EQ(Fallbacks().size(), 0u);
  Db db = Open(true);
  ExpectEverythingRight(db);
  ASSERT_TRUE(db.CompactRange().ok());
  ExpectEverythingRight(db);
  EXPECT_TRUE(db.Close().ok());
}

TEST_P(DirectReadsTest, WhereThereIsNoWayPastThePageCacheTheLogSaysSoOnce) {
  Db db = Open(true);
  Fill(db);
  ExpectEverythingRight(db);
  EXPECT_TRUE(db.Close().ok());
  const std::vector<std::string> fallbacks = Fallbacks();
  if (GetParam() == Disk::kSimulated) {
    EXPECT_EQ(fallbacks.size(), 0u);
  }
  if (GetParam() == Disk::kWithoutDirect) {
    EXPECT_EQ(fallbacks.size(), 1u);
  }
  EXPECT_LE(fallbacks.size(), 1u);
  for (const std::string& line : fallbacks) {
    EXPECT_NE(line.find(directory_), std::string::npos) << line;
    EXPECT_NE(line.find("through the page cache"), std::string::npos) << line;
  }
}

TEST_P(DirectReadsTest, DamageIsToldWithTheSameWordsAsThroughThePageCache) {
  {
    Db db = Open(false);
    Fill(db);
    ASSERT_TRUE(db.CompactRange().ok());
    EXPECT_TRUE(db.Close().ok());
  }
  const auto names = fs_.List(directory_);
  ASSERT_TRUE(names.ok());
  const auto table = std::find_if(names->begin(), names->end(),
                                  [](const std::string& name) { return name.ends_with(".sst"); });
  ASSERT_NE(table, names->end());
  const std::string path = directory_ + "/" + *table;
  {
    const auto file = fs_.Open(path, OpenMode::kReadWrite);
    ASSERT_TRUE(file.ok());
    char byte = 0;
    ASSERT_TRUE((*file)->ReadAt(50'000, {&byte, 1}).ok());
    byte = static_cast<char>(byte ^ 0x40);
    ASSERT_TRUE((*file)->WriteAt(50'000, {&byte, 1}).ok());
    ASSERT_TRUE((*file)->Sync().ok());
  }
  std::vector<std::string> told[2];
  for (const bool direct : {false, true}) {
    Db db = Open(direct);
    for (const auto& [key, value] : model_) {
      const auto got = db.Get(key);
      const std::vector<std::string_view> keys{"absent", key};
      const auto both = db.MultiGet(keys);
      ASSERT_EQ(got.ok(), both.ok());
      if (got.ok()) {
        ASSERT_EQ(*got, value);
        ASSERT_EQ((*both)[1], value);
        continue;
      }
      EXPECT_EQ(got.error().code(), Code::kCorruption);
      EXPECT_TRUE(got.error().message().starts_with(path + ": data block "))
          << got.error().message();
      EXPECT_NE(got.error().message().find(" at offset "), std::string::npos);
      EXPECT_EQ(both.error().message(), got.error().message());
      told[direct ? 1 : 0].push_back(key + ": " + got.error().message());
    }
    EXPECT_TRUE(db.Close().ok());
  }
  EXPECT_FALSE(told[0].empty());
  EXPECT_EQ(told[0], told[1]);
}

INSTANTIATE_TEST_SUITE_P(Disks, DirectReadsTest,
                         testing::Values(Disk::kReal, Disk::kSimulated, Disk::kWithoutDirect),
                         [](const auto& instance) {
                           return instance.param == Disk::kReal        ? "Real"
                                  : instance.param == Disk::kSimulated ? "Simulated"
                                                                       : "WithoutDirect";
                         });

}  // namespace
}  // namespace beachdb
