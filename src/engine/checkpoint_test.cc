// The promises of Db::Checkpoint; what a power cut leaves of one is in tests/power_cut.
#include "engine/checkpoint.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "beachdb/db.h"
#include "io/fault_environment.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest()
      : folder_(testing::TempDir() + "beachdb_checkpoint_" +
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~CheckpointTest() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  static Options Quiet() {
    Options options;
    options.write_buffer = 64u << 10;
    options.table_size = 64u << 10;
    options.log = [](LogLevel, std::string_view) {};
    return options;
  }
  static Db Open(const std::string& directory, const Options& options = Quiet()) {
    auto db = Db::Open(directory, options);
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    return std::move(db).value();
  }
  static std::size_t CountOf(const Db& db) {
    std::size_t count = 0;
    Iterator it = db.NewIterator();
    for (it.SeekToFirst(); it.Valid(); it.Next()) ++count;
    EXPECT_TRUE(it.status().ok());
    return count;
  }

  const std::string folder_;
};

TEST_F(CheckpointTest, HoldsWhatWasAcknowledgedAndGoesItsOwnWay) {
  Db db = Open(Path("db"));
  ASSERT_TRUE(db.Put("both", "1").ok());
  ASSERT_TRUE(db.Put("unsynced", "2", {.durability = Durability::kBuffered}).ok());
  ASSERT_TRUE(db.Checkpoint(Path("deep/down/copy")).ok());
  ASSERT_TRUE(db.Put("original", "3").ok());
  {
    Db copy = Open(Path("deep/down/copy"));
    EXPECT_EQ(*copy.Get("both"), "1");
    EXPECT_EQ(*copy.Get("unsynced"), "2");
    EXPECT_EQ(*copy.Get("original"), std::nullopt);
    ASSERT_TRUE(copy.Put("copy", "4").ok());
    ASSERT_TRUE(copy.CompactRange().ok());
    EXPECT_TRUE(copy.Verify()->problems.empty());
  }
  EXPECT_EQ(*db.Get("copy"), std::nullopt);
  ASSERT_TRUE(db.CompactRange().ok()) << "its tables go; those of the copy stay";
  EXPECT_TRUE(db.Verify()->problems.empty());
  EXPECT_EQ(CountOf(db), 3u);
  EXPECT_EQ(CountOf(Open(Path("deep/down/copy"))), 3u);
}

TEST_F(CheckpointTest, AnEmptyDatabaseHasOneToo) {
  Db db = Open(Path("db"));
  ASSERT_TRUE(db.Checkpoint(Path("copy")).ok());
  EXPECT_EQ(CountOf(Open(Path("copy"))), 0u);
}

TEST_F(CheckpointTest, ADirectoryThatHoldsSomethingIsRefusedAndLeftAlone) {
  Db db = Open(Path("db"));
  ASSERT_TRUE(db.Put("a", "1").ok());
  fs::create_directories(Path("used/child"));
  for (const std::string& directory : {Path("used"), Path("db")}) {
    const Status made = db.Checkpoint(directory);
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().code(), Code::kInvalidArgument);
    EXPECT_NE(made.error().message().find("is not empty"), std::string::npos);
  }
  EXPECT_FALSE(fs::exists(Path("used/CURRENT")));
  EXPECT_EQ(*db.Get("a"), "1");
}

TEST_F(CheckpointTest, IsOneStateWhileWritersAndCompactionsGoOn) {
  Db db = Open(Path("db"));
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; !stop.load(); ++i) {
      WriteBatch batch;
      const std::string number = std::to_string(i);
      for (const char* key : {"x", "y"}) {
        if (!batch.Put(key, number + std::string(500, '.')).ok()) return;
      }
      if (!batch.Put("n" + number, std::string(300, 'v')).ok()) return;
      if (!db.Write(batch, {.durability = Durability::kBuffered}).ok()) return;
    }
  });
  for (int i = 0; i < 10; ++i) {
    const std::string directory = Path("copy" + std::to_string(i));
    const Status made = db.Checkpoint(directory);
    ASSERT_TRUE(made.ok()) << made.ToString();
    Db copy = Open(directory);
    EXPECT_EQ(*copy.Get("x"), *copy.Get("y")) << "a batch is whole";
    EXPECT_TRUE(copy.Verify()->problems.empty());
  }
  stop.store(true);
  writer.join();
}

TEST_F(CheckpointTest, WhereALinkFailsNothingOfItIsLeft) {
  FaultEnvironment world(SystemEnvironment());
  Options options = Quiet();
  options.environment = &world;
  Db db = Open(Path("db"), options);
  ASSERT_TRUE(db.Put("a", "1").ok());
  world.faults().Inject({.ops = {FileOp::kLink}, .name = ".sst"});
  const Status made = db.Checkpoint(Path("copy"));
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().code(), Code::kIoError);
  EXPECT_TRUE(made.error().message().starts_with("checkpoint: ")) << made.ToString();
  EXPECT_TRUE(fs::is_empty(Path("copy")));
  world.faults().Heal();
  ASSERT_TRUE(db.Checkpoint(Path("copy")).ok()) << "the same directory, now that it works";
  EXPECT_EQ(*Open(Path("copy")).Get("a"), "1");
}

}  // namespace
}  // namespace beachdb
