// Who closes a table: a thread of the background, never the reader that happens to leave last.
#include "engine/table_cache.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "beachdb/db.h"
#include "io/environment.h"

namespace beachdb {
namespace {

// Real threads; counts what is scheduled on the lane for removals.
class CountingExecutor final : public Executor {
 public:
  CountingExecutor(int compaction_threads, std::atomic<int>& removals)
      : inner_(MakeThreadExecutor(compaction_threads)), removals_(removals) {}

  void Schedule(Lane lane, std::function<void()> task) override {
    if (lane == Lane::kRemove) ++removals_;
    inner_->Schedule(lane, std::move(task));
  }
  void Wait(Mutex& mu, CondVar& cv) override REQUIRES(mu) { inner_->Wait(mu, cv); }
  void WaitWhile(std::atomic<std::uint32_t>& word, std::uint32_t value, WaitFor what) override {
    inner_->WaitWhile(word, value, what);
  }
  void WakeAll(std::atomic<std::uint32_t>& word) override { inner_->WakeAll(word); }

 private:
  const std::unique_ptr<Executor> inner_;
  std::atomic<int>& removals_;
};

class CountingEnvironment final : public Environment {
 public:
  FileSystem& file_system() override { return SystemEnvironment().file_system(); }
  Clock& clock() override { return SystemEnvironment().clock(); }
  std::unique_ptr<Executor> MakeExecutor(int compaction_threads) override {
    return std::make_unique<CountingExecutor>(compaction_threads, removals_);
  }
  std::uint64_t Seed() override { return SystemEnvironment().Seed(); }

  int removals() const { return removals_.load(); }

 private:
  std::atomic<int> removals_{0};
};

TEST(TableCacheTest, TablesAreClosedAndRemovedOnTheLaneForIt) {
  const std::string directory = testing::TempDir() + "beachdb_table_cache";
  std::filesystem::remove_all(directory);
  CountingEnvironment world;
  Options options;
  options.environment = &world;
  {
    auto db = Db::Open(directory, options);
    ASSERT_TRUE(db.ok()) << db.error().ToString();
    for (const char* value : {"old", "new"}) {
      ASSERT_TRUE(db->Put("conch", value).ok());
      ASSERT_TRUE(db->Flush().ok());
      ASSERT_EQ(*db->Get("conch"), value);  // the table is open
    }
    EXPECT_EQ(world.removals(), 0);
    ASSERT_TRUE(db->CompactRange().ok());
    ASSERT_EQ(*db->Get("conch"), "new");
    ASSERT_TRUE(db->Close().ok());
  }
  EXPECT_EQ(world.removals(), 5) << "two tables merged: closed, removed; their outcome: closed";
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace beachdb
