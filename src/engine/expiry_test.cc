// Puts with an end: gone at once when it comes, for every reader, and removed by compactions.
#include <atomic>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "beachdb/db.h"

namespace beachdb {
namespace {

class ExpiryTest : public testing::Test {
 protected:
  ExpiryTest()
      : directory_(testing::TempDir() + "beachdb_expiry_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
    Reopen();
    EXPECT_TRUE(db_->SetClock([this] { return now_.load(); }).ok());
  }
  ~ExpiryTest() override {
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
  static std::string EndOf(const Iterator& it) {
    return it.expires_at() == 0 ? "" : "@" + std::to_string(it.expires_at());
  }
  std::string Scan() {
    std::string keys;
    Iterator it = db_->NewIterator();
    for (it.SeekToFirst(); it.Valid(); it.Next()) {
      keys += std::string(it.key()) + "=" + std::string(it.value()) + EndOf(it) + " ";
    }
    std::string back;
    for (it.SeekToLast(); it.Valid(); it.Prev()) {
      back = std::string(it.key()) + "=" + std::string(it.value()) + EndOf(it) + " " + back;
    }
    EXPECT_EQ(keys, back);
    return keys;
  }
  std::uint64_t Entries() {
    std::uint64_t entries = 0;
    for (const auto& level : db_->GetStats().levels) entries += level.entries;
    return entries;
  }

  const std::string directory_;
  std::atomic<std::uint64_t> now_{100};
  std::optional<Db> db_;
};

TEST_F(ExpiryTest, AValueIsThereUntilItsSecondAndNotFromThenOn) {
  ASSERT_TRUE(db_->Put("tide", "high").ok());
  ASSERT_TRUE(db_->PutExpiring("tide", "low", 110).ok());
  ASSERT_TRUE(db_->Put("rock", "still").ok());
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_TRUE(db_->Flush().ok());
    }
    now_ = 109;
    EXPECT_EQ(*db_->Get("tide"), "low");
    EXPECT_EQ(db_->GetPinned("tide")->value().view(), "low");
    EXPECT_EQ(Scan(), "rock=still tide=low@110 ");
    const Snapshot snapshot = db_->GetSnapshot();
    now_ = 110;
    EXPECT_EQ(*db_->Get("tide"), std::nullopt) << "nor the older value";
    EXPECT_EQ(*db_->Get("tide", {.snapshot = &snapshot}), std::nullopt) << "time has no snapshots";
    EXPECT_EQ(Scan(), "rock=still ");
    EXPECT_EQ(db_->Explain("tide")->answer, Finding::kExpired);
    const auto versions = db_->History("tide");
    EXPECT_EQ(versions->front().kind, VersionKind::kPutExpiring);
    EXPECT_EQ(versions->front().expires_at, 110u);
    EXPECT_EQ(versions->front().value_bytes, 3u);
  }
}

TEST_F(ExpiryTest, CompactionRemovesWhatHasEndedAndWhatItHid) {
  ASSERT_TRUE(db_->Put("tide", "high").ok());
  ASSERT_TRUE(db_->CompactRange().ok());
  ASSERT_TRUE(db_->PutExpiring("tide", "low", 110).ok());
  ASSERT_TRUE(db_->PutExpiring("moon", "new", 200).ok());
  ASSERT_TRUE(db_->CompactRange().ok());
  EXPECT_EQ(Entries(), 2u) << "the older value has gone, and neither end has come";
  now_ = 110;
  ASSERT_TRUE(db_->Put("rock", "still").ok());
  ASSERT_TRUE(db_->Put("tidf", "").ok());
  ASSERT_TRUE(db_->Put("a", "").ok());
  ASSERT_TRUE(db_->CompactRange().ok());
  EXPECT_EQ(db_->History("tide")->size(), 0u);
  EXPECT_EQ(*db_->Get("moon"), "new");
}

TEST_F(ExpiryTest, UntilAClockIsUsedNothingIsRemoved) {
  ASSERT_TRUE(db_->PutExpiring("tide", "low", 110).ok());
  Reopen();  // wall time is far beyond 110, and this caller's clock is not
  ASSERT_TRUE(db_->Put("rock", "still").ok());
  ASSERT_TRUE(db_->Put("zebra", "").ok());
  ASSERT_TRUE(db_->Put("a", "").ok());
  ASSERT_TRUE(db_->CompactRange().ok());
  ASSERT_TRUE(db_->SetClock([] { return std::uint64_t{100}; }).ok());
  EXPECT_EQ(*db_->Get("tide"), "low");
}

TEST_F(ExpiryTest, WithoutAClockOfItsOwnTheWallClockDecides) {
  ASSERT_TRUE(db_->SetClock({}).ok());
  ASSERT_TRUE(db_->PutExpiring("past", "", 1'000'000'000).ok());
  ASSERT_TRUE(db_->PutExpiring("future", "far", 100'000'000'000).ok());
  EXPECT_EQ(*db_->Get("past"), std::nullopt);
  EXPECT_EQ(*db_->Get("future"), "far");
}

TEST_F(ExpiryTest, AnIteratorGoesByOneMoment) {
  ASSERT_TRUE(db_->PutExpiring("a", "1", 110).ok());
  ASSERT_TRUE(db_->PutExpiring("b", "2", 110).ok());
  Iterator it = db_->NewIterator();
  it.SeekToFirst();
  now_ = 200;
  it.Next();
  ASSERT_TRUE(it.Valid());
  EXPECT_EQ(it.key(), "b");
}

// Second 0 is a moment like any other.
TEST_F(ExpiryTest, AnIteratorKeepsTheFirstSecondOfAClockThatBeginsAtZero) {
  now_ = 0;
  ASSERT_TRUE(db_->PutExpiring("a", "1", 1).ok());
  Iterator it = db_->NewIterator();
  now_ = 5;
  it.Seek("a");
  EXPECT_TRUE(it.Valid());
  it.SeekToLast();
  EXPECT_TRUE(it.Valid());
}

TEST_F(ExpiryTest, WhatHasEndedIsAbsentToPreconditions) {
  ASSERT_TRUE(db_->PutExpiring("lock", "mine", 110).ok());
  WriteBatch take;
  ASSERT_TRUE(take.RequireAbsent("lock").ok());
  ASSERT_TRUE(take.PutExpiring("lock", "yours", 150).ok());
  EXPECT_FALSE(db_->Write(take).ok());
  now_ = 110;
  EXPECT_TRUE(db_->Write(take).ok());
  EXPECT_EQ(*db_->Get("lock"), "yours");
}

}  // namespace
}  // namespace beachdb
