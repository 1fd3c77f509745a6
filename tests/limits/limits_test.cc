// The limits of the data model and of the machine: what is within works, what is beyond gets an
// error that names it, and nothing acknowledged is lost.
//
//   BEACHDB_LIMITS=full   also values of 1 GiB and batches of the largest size (some GB of memory)
#include <sys/mman.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "beachdb/db.h"

namespace beachdb {
namespace {

bool FullCampaign() {
  const char* text = std::getenv("BEACHDB_LIMITS");
  return text != nullptr && std::string_view(text) == "full";
}

class LimitsTest : public testing::Test {
 protected:
  LimitsTest()
      : directory_(testing::TempDir() + "beachdb_limits_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
  }
  ~LimitsTest() override { std::filesystem::remove_all(directory_); }

  Db Open(Options options = {}) {
    options.log = [](LogLevel, std::string_view) {};
    auto db = Db::Open(directory_, options);
    EXPECT_TRUE(db.ok()) << db.error().ToString();
    return std::move(db).value();
  }

  const std::string directory_;
};

// So many bytes of address space that no memory stands behind until it is touched.
class Unbacked {
 public:
  explicit Unbacked(std::size_t size)
      : size_(size),
        data_(
            ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  ~Unbacked() { ::munmap(data_, size_); }
  Unbacked(const Unbacked&) = delete;
  Unbacked& operator=(const Unbacked&) = delete;
  std::string_view view() const { return {static_cast<const char*>(data_), size_}; }

 private:
  const std::size_t size_;
  void* const data_;
};

TEST_F(LimitsTest, KeysOf1ByteTo64KiBWorkAndOthersAreRefusedByLength) {
  Db db = Open();
  const std::string longest(kMaxKeySize, 'k');
  const std::string longer(kMaxKeySize + 1, 'k');
  ASSERT_TRUE(db.Put("k", "short").ok());
  ASSERT_TRUE(db.Put(longest, "long").ok());
  for (const std::string& key : {std::string(), longer}) {
    WriteBatch batch;
    const std::vector<std::string_view> keys = {"k", key};
    const Status refused[] = {db.Put(key, "v"),         db.Delete(key),
                              batch.Put(key, "v"),      batch.Delete(key),
                              db.Get(key).error(),      db.GetPinned(key).error(),
                              db.MultiGet(keys).error()};
    for (const Status& status : refused) {
      ASSERT_FALSE(status.ok());
      const Error& error = status.error();
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      for (const std::size_t number : {key.size(), kMaxKeySize}) {
        EXPECT_NE(error.message().find(std::to_string(number)), std::string::npos)
            << error.message();
      }
    }
    EXPECT_TRUE(batch.empty()) << "a refused operation leaves the batch as it was";
    Iterator it = db.NewIterator();
    it.Seek(key);  // a place between keys need not be a key
    EXPECT_TRUE(it.status().ok());
    EXPECT_EQ(it.Valid(), key.empty());
  }
  ASSERT_TRUE(db.CompactRange().ok());
  EXPECT_EQ(*db.Get("k"), "short");
  EXPECT_EQ(*db.Get(longest), "long");
}

TEST_F(LimitsTest, AValueOfOneByteMoreThan1GiBIsRefusedBeforeItIsTouched) {
  Db db = Open();
  const Unbacked value(kMaxValueSize + 1);
  WriteBatch batch;
  for (const Status& status : {db.Put("k", value.view()), batch.Put("k", value.view())}) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kInvalidArgument);
    EXPECT_NE(status.error().message().find(std::to_string(kMaxValueSize + 1)), std::string::npos)
        << status.error().message();
    EXPECT_NE(status.error().message().find(std::to_string(kMaxValueSize)), std::string::npos)
        << status.error().message();
  }
  EXPECT_EQ(*db.Get("k"), std::nullopt);
}

TEST_F(LimitsTest, AValueOf1GiBIsWrittenRecoveredFlushedAndRead) {
  if (!FullCampaign()) GTEST_SKIP() << "BEACHDB_LIMITS=full runs it";
  const std::string value(kMaxValueSize, 'v');
  WriteBatch batch;
  ASSERT_TRUE(batch.Put("huge", value).ok());
  const Status beyond = batch.Put("more", std::string_view(value).substr(0, 65u << 20));
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().code(), Code::kInvalidArgument);
  EXPECT_EQ(batch.count(), 1u);
  {
    Db db = Open();
    ASSERT_TRUE(db.Write(batch).ok());
    batch.Clear();
    EXPECT_EQ(*db.Get("huge"), value);
    ASSERT_TRUE(db.CompactRange().ok());
    EXPECT_EQ(*db.Get("huge"), value);
  }
  Db db = Open();
  EXPECT_EQ(*db.Get("huge"), value);
  const auto report = db.Verify();
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->problems.empty());
  fmt::print("PROOF limits value_bytes={}\n", value.size());
}

TEST_F(LimitsTest, EveryByteMayStandInAKeyAndKeysMayBePrefixesOfEachOther) {
  std::vector<std::string> keys;  // in order
  for (int first = 0; first < 256; ++first) {
    std::string key(1, static_cast<char>(first));
    keys.push_back(key);
    for (const char next : {'\0', '\1', '\x7f', '\xff'}) keys.push_back(key + next);
  }
  for (const MemTableKind kind : {MemTableKind::kRadixTree, MemTableKind::kSkipList}) {
    std::filesystem::remove_all(directory_);
    Db db = Open({.memtable = kind});
    WriteBatch batch;
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
      ASSERT_TRUE(batch.Put(*key, "of " + *key).ok());
    }
    ASSERT_TRUE(db.Write(batch).ok());
    for (const char* where : {"memtable", "level 0", "deepest level"}) {
      SCOPED_TRACE(where);
      Iterator it = db.NewIterator();
      std::size_t i = 0;
      for (it.SeekToFirst(); it.Valid() && i < keys.size(); it.Next(), ++i) {
        ASSERT_EQ(it.key(), keys[i]);
        ASSERT_EQ(it.value(), "of " + keys[i]);
        ASSERT_EQ(*db.Get(keys[i]), "of " + keys[i]);
      }
      EXPECT_EQ(i, keys.size());
      EXPECT_FALSE(it.Valid());
      ASSERT_TRUE((where[0] == 'm' ? db.Flush() : db.CompactRange()).ok());
    }
  }
}

TEST_F(LimitsTest, ABatchOfAMillionOperationsIsOneCommit) {
  constexpr std::uint32_t kOperations = 1'000'000;
  WriteBatch batch;
  for (std::uint32_t i = 0; i < kOperations; ++i) {
    // Every key is written twice, the second time as a delete for every fourth.
    const std::string key = fmt::format("{:06}", i % (kOperations / 2));
    const bool gone = i >= kOperations / 2 && i % 4 == 0;
    ASSERT_TRUE((gone ? batch.Delete(key) : batch.Put(key, i < kOperations / 2 ? "1" : "2")).ok());
  }
  {
    Db db = Open();
    ASSERT_TRUE(db.Write(batch).ok());
    EXPECT_EQ(db.GetStats().last_seqno, kOperations);
    EXPECT_EQ(db.GetStats().batches, 1u);
  }
  Db db = Open();
  Iterator it = db.NewIterator();
  std::uint32_t count = 0;
  for (it.SeekToFirst(); it.Valid(); it.Next(), ++count) ASSERT_EQ(it.value(), "2");
  EXPECT_TRUE(it.status().ok());
  EXPECT_EQ(count, kOperations / 2 / 4 * 3);
}

TEST_F(LimitsTest, OptionsMayChangeFromOpeningToOpening) {
  const Options kRows[] = {
      {.block_size = 256, .compression = Compression::kNone},
      {.memory_budget = 4u << 20, .write_buffer = 64u << 10, .block_size = 65536},
      {.filter_bits_per_key = 0, .bottom_compression = Compression::kZstd},
      {.table_size = 64u << 10, .direct_writes = false, .memtable = MemTableKind::kSkipList},
      {.compaction_threads = 3, .filter_bits_per_key = 40, .compression = Compression::kZstd},
      {},
  };
  int written = 0;
  for (int round = 0; round < 12; ++round) {
    SCOPED_TRACE(round);
    Db db = Open(kRows[round % 6]);
    for (int i = 0; i < written; ++i) {
      ASSERT_EQ(*db.Get(fmt::format("key{:05}", i)), fmt::format("value {}", i));
    }
    for (int i = 0; i < 300; ++i, ++written) {
      ASSERT_TRUE(db.Put(fmt::format("key{:05}", written), fmt::format("value {}", written),
                         {.durability = Durability::kBuffered})
                      .ok());
    }
    if (round % 3 == 1) {
      ASSERT_TRUE(db.CompactRange().ok());
    }
    const auto report = db.Verify();
    ASSERT_TRUE(report.ok());
    ASSERT_TRUE(report->problems.empty()) << report->problems[0];
  }
}

}  // namespace
}  // namespace beachdb
