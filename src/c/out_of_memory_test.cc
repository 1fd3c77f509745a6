// Every allocation of every call fails once, one after the other: the call must say so, leave the
// database as it was, and succeed when it is asked again.
// (Allocations of background threads are not made to fail: there is no caller to tell.)
#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "beachdb/c.h"
#include "c/allocation_test_util.h"

namespace beachdb {
namespace {

void IgnoreLine(void*, int, const char*, size_t) {}

class OutOfMemoryTest : public testing::Test {
 protected:
  OutOfMemoryTest()
      : directory_(testing::TempDir() + "beachdb_c_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
    options_ = beachdb_options_create();
    beachdb_options_set_log(options_, IgnoreLine, nullptr);
    EXPECT_EQ(beachdb_open(directory_.c_str(), options_, &db_), nullptr);
    // Two tables and a memtable, so that reads and merges have all their parts.
    for (const char* value : {"first", "other", "third"}) {
      EXPECT_EQ(beachdb_put(db_, nullptr, "conch", 5, value, 5), nullptr);
      EXPECT_EQ(beachdb_put(db_, nullptr, "whelk", 5, value, 5), nullptr);
      if (*value == 't') continue;
      EXPECT_EQ(beachdb_flush(db_), nullptr);
    }
  }
  ~OutOfMemoryTest() override {
    beachdb_free(db_);
    beachdb_options_free(options_);
    std::filesystem::remove_all(directory_);
  }

  // Calls until no allocation of the call fails any more: the first fails at its first allocation,
  // the second at its second. A call that fails must do so with BEACHDB_OUT_OF_MEMORY.
  // Returns how many calls failed.
  static int Sweep(const std::function<beachdb_error_t*()>& call) {
    constexpr int kAllocationsMax = 10'000;
    int failures = 0;
    for (int n = 0; n < kAllocationsMax; ++n) {
      FailAllocation(n);
      beachdb_error_t* error = call();
      const bool one_failed = AllocationFailed();
      EXPECT_TRUE(error == nullptr || one_failed) << beachdb_error_to_string(error);
      if (error != nullptr) {
        ++failures;
        EXPECT_EQ(beachdb_error_code(error), BEACHDB_OUT_OF_MEMORY)
            << "allocation " << n << ": " << beachdb_error_to_string(error);
      }
      beachdb_error_free(error);
      if (!one_failed) return failures;
    }
    ADD_FAILURE() << "the call allocates without an end";
    return failures;
  }

  void Reopen() {
    beachdb_free(db_);
    beachdb_error_t* error = beachdb_open(directory_.c_str(), options_, &db_);
    ASSERT_EQ(error, nullptr) << beachdb_error_to_string(error);
  }
  void ExpectSize(const std::string& key, size_t want) const {
    size_t size = 0;
    bool found = false;
    EXPECT_EQ(beachdb_get_into(db_, nullptr, key.data(), key.size(), nullptr, 0, &size, &found),
              nullptr);
    EXPECT_TRUE(found);
    EXPECT_EQ(size, want);
  }

  const std::string directory_;
  beachdb_options_t* options_ = nullptr;
  beachdb_t* db_ = nullptr;
};

TEST_F(OutOfMemoryTest, ReadsSaySoAndWorkAgain) {
  char* value = nullptr;
  size_t size = 0;
  bool found = false;
  char buffer[8];
  EXPECT_GE(Sweep([&] {
              beachdb_bytes_free(value);
              return beachdb_get(db_, nullptr, "conch", 5, &value, &size);
            }),
            0);
  EXPECT_EQ(std::string(value, size), "third");
  beachdb_bytes_free(value);
  EXPECT_EQ(Sweep([&] {
              return beachdb_get_into(db_, nullptr, "conch", 5, buffer, sizeof buffer, &size,
                                      &found);
            }),
            0)
      << "it promises to take no memory";
  EXPECT_TRUE(found);

  beachdb_pinned_t* pinned = nullptr;
  EXPECT_GE(Sweep([&] {
              beachdb_pinned_free(pinned);
              return beachdb_get_pinned(db_, nullptr, "conch", 5, &pinned);
            }),
            1);
  beachdb_pinned_free(pinned);

  const char* keys[] = {"conch", "absent", "whelk"};
  const size_t sizes[] = {5, 6, 5};
  beachdb_values_t* values = nullptr;
  EXPECT_GE(Sweep([&] {
              beachdb_values_free(values);
              return beachdb_multi_get(db_, nullptr, 3, keys, sizes, &values);
            }),
            1);
  EXPECT_NE(beachdb_values_view(values, 2, &size), nullptr);
  beachdb_values_free(values);
}

TEST_F(OutOfMemoryTest, AnIteratorThatRanOutOfMemoryIsInvalidForGood) {
  beachdb_iterator_t* it = nullptr;
  EXPECT_GE(Sweep([&] {
              beachdb_iterator_free(it);
              return beachdb_new_iterator(db_, nullptr, &it);
            }),
            1);
  const auto walk = [&](void (*seek)(beachdb_iterator_t*), void (*move)(beachdb_iterator_t*)) {
    int seen = 0;
    for (seek(it); beachdb_iterator_valid(it); move(it)) ++seen;
    beachdb_error_t* error = beachdb_iterator_status(it);
    EXPECT_EQ(seen, error == nullptr ? 2 : std::min(seen, 2));
    return error;
  };
  const int failures = Sweep([&] {
    // A new one each time: what has been allocated once is kept.
    const int left = std::exchange(AllocationsLeft(), kAllSucceed);
    beachdb_iterator_free(it);
    EXPECT_EQ(beachdb_new_iterator(db_, nullptr, &it), nullptr);
    AllocationsLeft() = left;
    beachdb_error_t* error = walk(beachdb_iterator_seek_to_first, beachdb_iterator_next);
    if (error != nullptr) {
      size_t size = 0;
      EXPECT_EQ(beachdb_iterator_key(it, &size), nullptr);
      beachdb_iterator_seek_to_first(it);
      EXPECT_FALSE(beachdb_iterator_valid(it));
      return error;
    }
    return walk(beachdb_iterator_seek_to_last, beachdb_iterator_prev);
  });
  EXPECT_GE(failures, 1);
  beachdb_iterator_free(it);
}

TEST_F(OutOfMemoryTest, HandlesAreNotMadeWithoutMemory) {
  for (const auto& fails : {+[] { return beachdb_options_create() == nullptr; },
                            +[] { return beachdb_write_options_create() == nullptr; },
                            +[] { return beachdb_read_options_create() == nullptr; },
                            +[] { return beachdb_iterator_options_create() == nullptr; },
                            +[] { return beachdb_batch_create() == nullptr; }}) {
    FailAllocation(0);
    EXPECT_TRUE(fails());
    EXPECT_TRUE(AllocationFailed());
  }
  beachdb_snapshot_t* snapshot = nullptr;
  EXPECT_GE(Sweep([&] {
              beachdb_snapshot_free(snapshot);
              return beachdb_get_snapshot(db_, &snapshot);
            }),
            1);
  beachdb_snapshot_free(snapshot);
}

TEST_F(OutOfMemoryTest, ABatchKeepsWhatItHad) {
  const std::string value(1000, 'v');
  beachdb_batch_t* batch = beachdb_batch_create();
  beachdb_batch_t* copy = nullptr;
  beachdb_iterator_options_t* bounds = beachdb_iterator_options_create();
  EXPECT_GE(Sweep([&] { return beachdb_batch_put(batch, "k", 1, value.data(), value.size()); }), 1);
  EXPECT_EQ(beachdb_batch_count(batch), 1u);
  EXPECT_GE(Sweep([&] { return beachdb_batch_append(batch, batch); }), 1);
  EXPECT_EQ(beachdb_batch_count(batch), 2u);
  size_t size = 0;
  const char* bytes = beachdb_batch_bytes(batch, &size);
  EXPECT_GE(Sweep([&] {
              beachdb_batch_free(copy);
              return beachdb_batch_from_bytes(bytes, size, &copy);
            }),
            1);
  EXPECT_EQ(beachdb_batch_count(copy), 2u);
  EXPECT_GE(
      Sweep([&] { return beachdb_iterator_options_set_lower(bounds, value.data(), value.size()); }),
      1);
  beachdb_iterator_options_free(bounds);
  beachdb_batch_free(copy);
  beachdb_batch_free(batch);
}

// A write that memory runs out in may be half done: then the database is read-only, as after a
// failed sync, and no later call waits for ever. What was acknowledged is there after reopening.
TEST_F(OutOfMemoryTest, WritesFailOrMakeTheDatabaseReadOnlyAndLoseNothing) {
  const std::string value(100'000, 'v');
  beachdb_batch_t* batch = beachdb_batch_create();
  ASSERT_EQ(beachdb_batch_put(batch, "new", 3, value.data(), value.size()), nullptr);
  const struct {
    const char* name;
    std::function<beachdb_error_t*()> call;
  } cases[] = {
      {"put", [&] { return beachdb_put(db_, nullptr, "new", 3, value.data(), value.size()); }},
      {"delete", [&] { return beachdb_delete(db_, nullptr, "new", 3); }},
      {"write", [&] { return beachdb_write(db_, nullptr, batch); }},
      {"sync", [&] { return beachdb_sync_wal(db_); }},
      {"flush", [&] { return beachdb_flush(db_); }},
      {"compact", [&] { return beachdb_compact_range(db_, nullptr, 0, nullptr, 0); }},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    for (int n = 0;; ++n) {
      ASSERT_LT(n, 1000);
      FailAllocation(n);
      beachdb_error_t* error = c.call();
      const bool one_failed = AllocationFailed();
      EXPECT_TRUE(error == nullptr || one_failed) << beachdb_error_to_string(error);
      beachdb_error_free(error);
      beachdb_error_t* later = beachdb_put(db_, nullptr, "later", 5, "v", 1);
      EXPECT_EQ(beachdb_error_code(later), later == nullptr ? BEACHDB_OK : BEACHDB_SHUT_DOWN);
      const bool acknowledged = later == nullptr;
      beachdb_error_free(later);
      Reopen();
      ExpectSize("conch", 5);
      if (acknowledged) ExpectSize("later", 1);
      if (!one_failed) break;
    }
  }
  beachdb_batch_free(batch);
}

TEST_F(OutOfMemoryTest, LookingAfterTheDatabaseSaysSoToo) {
  char* text = nullptr;
  EXPECT_GE(Sweep([&] {
              beachdb_bytes_free(text);
              return beachdb_stats_to_string(db_, &text);
            }),
            1);
  EXPECT_GE(Sweep([&] {
              beachdb_bytes_free(text);
              return beachdb_stats_to_json(db_, &text);
            }),
            1);
  beachdb_bytes_free(text);
  beachdb_verify_report_t* report = nullptr;
  EXPECT_GE(Sweep([&] {
              beachdb_verify_report_free(report);
              return beachdb_verify(db_, &report);
            }),
            1);
  EXPECT_EQ(beachdb_verify_report_problems(report), 0u);
  beachdb_verify_report_free(report);
}

// But for create and prune: like an opening, they may keep their lock.
TEST_F(OutOfMemoryTest, LookingAtBackupsAndRestoringSaySoToo) {
  const std::string backups = directory_ + "_backups";
  std::filesystem::remove_all(backups);
  std::filesystem::remove_all(directory_ + "_targets");
  // One for each try, made before allocations fail.
  std::vector<std::string> targets;
  for (int i = 0; i < 2000; ++i) {
    targets.push_back(directory_ + "_targets/" + std::to_string(i));
  }
  std::size_t used = 0;
  ASSERT_EQ(beachdb_create_backup(db_, backups.c_str(), nullptr, nullptr), nullptr);
  char* json = nullptr;
  EXPECT_GE(Sweep([&] {
              beachdb_bytes_free(json);
              return beachdb_list_backups(backups.c_str(), nullptr, &json);
            }),
            1);
  EXPECT_GE(Sweep([&] {
              return beachdb_restore_backup(backups.c_str(), 0, targets.at(used++).c_str(),
                                            nullptr);
            }),
            1);
  EXPECT_GE(Sweep([&] {
              beachdb_bytes_free(json);
              return beachdb_verify_backups(backups.c_str(), 0, nullptr, &json);
            }),
            1);
  EXPECT_EQ(std::string(json).substr(0, 22), "{\"ok\":true,\"backups\":1");
  beachdb_bytes_free(json);
  std::filesystem::remove_all(backups);
  std::filesystem::remove_all(directory_ + "_targets");
}

}  // namespace
}  // namespace beachdb
