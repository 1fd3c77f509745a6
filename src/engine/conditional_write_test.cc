// Batches with preconditions: whole or not at all, at their place in the commit order.
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "beachdb/db.h"

namespace beachdb {
namespace {

class ConditionalWriteTest : public testing::Test {
 protected:
  ConditionalWriteTest()
      : directory_(testing::TempDir() + "beachdb_conditional_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
    Reopen();
  }
  ~ConditionalWriteTest() override {
    db_.reset();
    std::filesystem::remove_all(directory_);
  }
  void Reopen() {
    db_.reset();
    Options options;
    options.log = [](LogLevel, std::string_view) {};
    auto db = Db::Open(directory_, options);
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    db_.emplace(std::move(db).value());
  }

  // Puts "written" if the precondition holds; whether it did.
  template <typename Require>
  bool Writes(Require require) {
    WriteBatch batch;
    EXPECT_TRUE(batch.Put("written", std::to_string(++writes_)).ok());
    EXPECT_TRUE(require(batch).ok());
    const Status status = db_->Write(batch);
    const std::string want = std::to_string(status.ok() ? writes_ : last_);
    if (status.ok()) last_ = writes_;
    EXPECT_EQ(db_->Get("written")->value_or("0"), want) << "whole or not at all";
    if (status.ok()) return true;
    EXPECT_EQ(status.error().code(), Code::kConflict) << status.ToString();
    return false;
  }

  const std::string directory_;
  std::optional<Db> db_;
  int writes_ = 0;
  int last_ = 0;
};

TEST_F(ConditionalWriteTest, EachPreconditionHoldsWhenItIsTrueAndOnlyThen) {
  ASSERT_TRUE(db_->Put("there", "value").ok());
  ASSERT_TRUE(db_->Put("deleted", "value").ok());
  ASSERT_TRUE(db_->Delete("deleted").ok());
  ASSERT_TRUE(db_->Put("ranged", "value").ok());
  ASSERT_TRUE(db_->DeleteRange("r", "s").ok());
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_TRUE(db_->Flush().ok());
    }
    for (const char* absent : {"never", "deleted", "ranged"}) {
      EXPECT_TRUE(Writes([&](WriteBatch& b) { return b.RequireAbsent(absent); })) << absent;
      EXPECT_FALSE(Writes([&](WriteBatch& b) { return b.RequireEqual(absent, "value"); }));
    }
    EXPECT_FALSE(Writes([](WriteBatch& b) { return b.RequireAbsent("there"); }));
    EXPECT_TRUE(Writes([](WriteBatch& b) { return b.RequireEqual("there", "value"); }));
    EXPECT_FALSE(Writes([](WriteBatch& b) { return b.RequireEqual("there", "valu"); }));
    EXPECT_FALSE(Writes([](WriteBatch& b) { return b.RequireEqual("there", ""); }));
  }
}

TEST_F(ConditionalWriteTest, UnchangedMeansNotWrittenSinceTheSnapshotNotEvenTheSame) {
  ASSERT_TRUE(db_->Put("a", "1").ok());
  ASSERT_TRUE(db_->Put("b", "1").ok());
  const Snapshot snapshot = db_->GetSnapshot();
  const auto unchanged = [&](const char* key) {
    return Writes([&](WriteBatch& b) { return b.RequireUnchanged(key, snapshot); });
  };
  EXPECT_TRUE(unchanged("a"));
  EXPECT_TRUE(unchanged("never"));
  ASSERT_TRUE(db_->Put("a", "1").ok());
  EXPECT_FALSE(unchanged("a")) << "the same value, but written again";
  EXPECT_TRUE(unchanged("b"));
  ASSERT_TRUE(db_->DeleteRange("b", "c").ok());
  EXPECT_FALSE(unchanged("b"));
  ASSERT_TRUE(db_->CompactRange().ok());
  EXPECT_FALSE(unchanged("a"));
  EXPECT_FALSE(unchanged("b")) << "the snapshot keeps what tells";
}

TEST_F(ConditionalWriteTest, TheConflictNamesTheKeyAndWhatIsWrong) {
  ASSERT_TRUE(db_->Put("conch", "spiral").ok());
  WriteBatch batch;
  ASSERT_TRUE(batch.RequireAbsent("conch").ok());
  const Status status = db_->Write(batch);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message().find("'conch' has a value, and must have none"),
            std::string::npos)
      << status.ToString();
}

TEST_F(ConditionalWriteTest, ABatchOfPreconditionsAloneIsACheckAndLeavesTheSeqnosDense) {
  WriteBatch check;
  ASSERT_TRUE(check.RequireAbsent("a").ok());
  ASSERT_TRUE(db_->Write(check).ok());
  ASSERT_TRUE(db_->Put("a", "1").ok());
  EXPECT_FALSE(db_->Write(check).ok());
  const std::uint64_t last = db_->GetStats().last_seqno;
  EXPECT_EQ(last, 2u);
  Reopen();
  EXPECT_EQ(db_->GetStats().last_seqno, last);
  WriteBatch again;
  ASSERT_TRUE(again.RequireEqual("a", "1").ok());
  ASSERT_TRUE(db_->Write(again).ok());
  Reopen();
  EXPECT_EQ(db_->GetStats().last_seqno, 3u) << "no seqno is given twice";
}

// Counters by compare-and-set: if two commits ever saw the same state, an increment would be lost.
// Groups form on their own here, so batches meet others of their own group, too.
TEST_F(ConditionalWriteTest, NoIncrementIsLostWhoeverElseWrites) {
  constexpr int kThreads = 4;
  constexpr int kIncrements = 300;
  ASSERT_TRUE(db_->Put("counter", "0").ok());
  std::atomic<int> conflicts{0};
  std::atomic<bool> failed{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const WriteOptions options{t % 2 == 0 ? Durability::kBuffered : Durability::kSync};
      for (int done = 0; done < kIncrements && !failed;) {
        const std::string seen = db_->Get("counter")->value();
        WriteBatch batch;
        if (!batch.RequireEqual("counter", seen).ok() ||
            !batch.Put("counter", std::to_string(std::stoi(seen) + 1)).ok()) {
          failed = true;
        }
        const Status status = db_->Write(batch, options);
        if (status.ok()) {
          ++done;
        } else if (status.error().code() == Code::kConflict) {
          ++conflicts;
        } else {
          failed = true;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(failed);
  EXPECT_EQ(db_->Get("counter")->value(), std::to_string(kThreads * kIncrements));
}

}  // namespace
}  // namespace beachdb
