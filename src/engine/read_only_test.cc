// The promises of Db::OpenReadOnly: one state, a prefix of the commits, beside a busy writer; and a
// directory that stays as it is. What a writer may do between any two calls of a reader is in
// tests/concurrency.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "beachdb/db.h"
#include "io/fault_environment.h"
#include "tests/support/scratch.h"
#include "tests/support/written_in_order.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;

Options Quiet() {
  Options options;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;
  options.table_size = 64u << 10;
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

class ReadOnlyTest : public testing::Test {
 protected:
  ReadOnlyTest()
      : folder_(ScratchDirectory("beachdb_read_only_") +
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
  }
  ~ReadOnlyTest() override { fs::remove_all(folder_); }

  static Db Take(Result<Db> db) {
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    return std::move(db).value();
  }
  Db Open() const { return Take(Db::Open(folder_, Quiet())); }
  Db OpenReadOnly() const { return Take(Db::OpenReadOnly(folder_, Quiet())); }
  // Every file, with its bytes.
  static std::map<std::string, std::string> Contents(const std::string& directory) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(directory)) {
      std::ifstream in(entry.path(), std::ios::binary);
      files[entry.path().filename()] = {std::istreambuf_iterator<char>(in),
                                        std::istreambuf_iterator<char>()};
    }
    return files;
  }
  // As the files are, while the database is open and at rest; it may still prepare its next log.
  static void CopyAsItIs(const std::string& from, const std::string& to) {
    fs::remove_all(to);
    fs::create_directories(to);
    for (const auto& [name, bytes] : Contents(from)) {
      std::ofstream(to + "/" + name, std::ios::binary) << bytes;
    }
  }
  static void ExpectRefused(const Status& status) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kInvalidArgument);
    EXPECT_NE(status.error().message().find("was opened read-only"), std::string::npos)
        << status.ToString();
  }

  const std::string folder_;
};

TEST_F(ReadOnlyTest, ShowsTablesAndLogsOfTheMomentBesideTheWriter) {
  Db writer = Open();
  ASSERT_TRUE(writer.Put("in a table", "1").ok());
  ASSERT_TRUE(writer.Flush().ok());
  ASSERT_TRUE(writer.Put("synced", "2", {.applied_index = 7}).ok());
  ASSERT_TRUE(writer.Put("buffered", "3", {.durability = Durability::kBuffered}).ok());
  ASSERT_TRUE(writer.Delete("in a table").ok());
  Db reader = OpenReadOnly();
  ASSERT_TRUE(writer.Put("later", "4").ok());
  ASSERT_TRUE(writer.CompactRange().ok());
  EXPECT_EQ(*reader.Get("in a table"), std::nullopt);
  EXPECT_EQ(*reader.Get("synced"), "2");
  EXPECT_EQ(*reader.Get("buffered"), "3");
  EXPECT_EQ(*reader.Get("later"), std::nullopt);
  EXPECT_EQ(reader.AppliedIndex(), 7u);
  EXPECT_EQ(reader.DurableIndex(), 0u);
  EXPECT_EQ(reader.GetStats().last_seqno, 4u);
  EXPECT_EQ(reader.History("in a table")->size(), 2u) << "its table lost its name meanwhile";
  EXPECT_TRUE(reader.Explain("synced")->value.has_value());
  const auto report = reader.Verify();
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(report->problems.empty());
  EXPECT_EQ(report->entries, 1u);
  {
    const Snapshot snapshot = reader.GetSnapshot();
    EXPECT_EQ(reader.Close().error().code(), Code::kBusy);
  }
  EXPECT_TRUE(reader.Close().ok());
  EXPECT_EQ(*OpenReadOnly().Get("later"), "4");
}

TEST_F(ReadOnlyTest, WhateverWouldChangeSomethingIsRefused) {
  Db writer = Open();
  Db reader = OpenReadOnly();
  WriteBatch batch;
  ASSERT_TRUE(batch.Put("a", "b").ok());
  ExpectRefused(reader.Put("a", "b"));
  ExpectRefused(reader.Delete("a"));
  ExpectRefused(reader.Write(batch));
  ExpectRefused(reader.SyncWal());
  ExpectRefused(reader.Flush());
  ExpectRefused(reader.CompactRange());
  ExpectRefused(reader.Checkpoint(folder_ + "-copy"));
  EXPECT_FALSE(fs::exists(folder_ + "-copy"));
}

TEST_F(ReadOnlyTest, ChangesNothingInTheDirectory) {
  {
    Db db = Open();
    for (std::uint64_t i = 0; i < 3000; ++i)
      ASSERT_TRUE(db.Put(KeyInOrder(i), ValueInOrder(i)).ok());
    ASSERT_TRUE(db.CompactRange().ok());
    ASSERT_TRUE(db.Put("zebra", "in the log").ok());
    CopyAsItIs(folder_, folder_ + "-crashed");  // as a crash would leave it
  }
  for (const std::string& directory : {folder_, folder_ + "-crashed"}) {
    SCOPED_TRACE(directory);
    const auto before = Contents(directory);
    const auto written = fs::last_write_time(directory);
    FaultEnvironment world;
    Options options = Quiet();
    options.environment = &world;
    {
      Db reader = Take(Db::OpenReadOnly(directory, options));
      EXPECT_EQ(*reader.Get("zebra"), "in the log");
      EXPECT_EQ(*reader.Get(KeyInOrder(2999)), ValueInOrder(2999));
      EXPECT_TRUE(reader.Verify()->problems.empty());
    }
    EXPECT_EQ(world.faults().ChangeCount(), 0u);
    EXPECT_EQ(world.faults().Count(FileOp::kLock), 0u);
    EXPECT_EQ(Contents(directory), before);
    EXPECT_EQ(fs::last_write_time(directory), written);
  }
  fs::remove_all(folder_ + "-crashed");
}

TEST_F(ReadOnlyTest, ATornTailIsTheEndAndStays) {
  Db db = Open();
  for (std::uint64_t i = 0; i < 20; ++i) ASSERT_TRUE(db.Put(KeyInOrder(i), ValueInOrder(i)).ok());
  const std::string copy = folder_ + "-torn";
  CopyAsItIs(folder_, copy);
  std::string log;
  for (const auto& entry : fs::directory_iterator(copy)) {
    if (entry.path().extension() != ".wal") continue;
    if (log.empty() || entry.path().string() < log) log = entry.path();
  }
  std::string bytes;
  {
    std::ifstream in(log, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  const std::size_t last = bytes.rfind(ValueInOrder(19));
  ASSERT_NE(last, std::string::npos);
  bytes[last] ^= 1;
  std::ofstream(log, std::ios::binary) << bytes;
  EXPECT_EQ(PrefixIn(Take(Db::OpenReadOnly(copy, Quiet()))), 19u);
  EXPECT_EQ(PrefixIn(Take(Db::OpenReadOnly(copy, Quiet()))), 19u);
  EXPECT_EQ(Contents(copy)[fs::path(log).filename()], bytes);
  fs::remove_all(copy);
}

TEST_F(ReadOnlyTest, DamageIsReportedAndNotTriedForEver) {
  {
    Db db = Open();
    ASSERT_TRUE(db.Put("conch", "spiral").ok());
  }
  const auto code_of = [&](FaultEnvironment& world) {
    Options options = Quiet();
    options.environment = &world;
    auto db = Db::OpenReadOnly(folder_, options);
    EXPECT_FALSE(db.ok());
    return db.ok() ? std::string() : db.error().ToString();
  };
  std::string table;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (entry.path().extension() == ".sst") table = entry.path();
  }
  fs::resize_file(table, fs::file_size(table) - 1);
  FaultEnvironment world;
  const std::string cut = code_of(world);
  EXPECT_NE(cut.find("corruption: opening " + folder_ + " read-only: " + table), std::string::npos)
      << cut;
  EXPECT_LE(world.faults().Count(FileOp::kList), 20u) << "two tries are enough";
  fs::remove(table);
  EXPECT_NE(code_of(world).find("missing, but MANIFEST-"), std::string::npos);
  fs::remove(folder_ + "/IDENTITY");
  EXPECT_NE(code_of(world).find("IDENTITY is missing"), std::string::npos);
  fs::remove_all(folder_);
  const std::string nothing = code_of(world);
  EXPECT_NE(nothing.find("invalid argument"), std::string::npos) << nothing;
  EXPECT_NE(nothing.find("no database"), std::string::npos) << nothing;
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(ReadOnlyTest, OfACallersLogItShowsWhatIsInTables) {
  Options options = Quiet();
  options.log_owner = LogOwner::kCaller;
  Db writer = Take(Db::Open(folder_, options));
  ASSERT_TRUE(writer.Put("flushed", "1", {.applied_index = 4}).ok());
  ASSERT_TRUE(writer.Flush().ok());
  ASSERT_TRUE(writer.Put("in memory", "2", {.applied_index = 5}).ok());
  Db reader = Take(Db::OpenReadOnly(folder_, options));
  EXPECT_EQ(*reader.Get("flushed"), "1");
  EXPECT_EQ(*reader.Get("in memory"), std::nullopt);
  EXPECT_EQ(reader.AppliedIndex(), 4u);
}

TEST_F(ReadOnlyTest, ReadsPastThePageCacheToo) {
  Db writer = Open();
  for (std::uint64_t i = 0; i < 3000; ++i)
    ASSERT_TRUE(writer.Put(KeyInOrder(i), ValueInOrder(i)).ok());
  Options options = Quiet();
  options.direct_reads = true;
  Db reader = Take(Db::OpenReadOnly(folder_, options));
  ASSERT_TRUE(writer.CompactRange().ok());
  EXPECT_EQ(PrefixIn(reader), 3000u);
  const std::string first = KeyInOrder(0);
  const std::string last = KeyInOrder(2999);
  const std::vector<std::string_view> keys = {first, last, "none"};
  const auto values = reader.MultiGet(keys);
  ASSERT_TRUE(values.ok()) << values.error().ToString();
  EXPECT_EQ((*values)[0], ValueInOrder(0));
  EXPECT_EQ((*values)[1], ValueInOrder(2999));
  EXPECT_EQ((*values)[2], std::nullopt);
}

// Opens again and again while a thread writes, flushes and compacts as fast as it can.
TEST_F(ReadOnlyTest, BesideABusyWriterEachOpeningShowsAPrefixWithAllThatWasAcknowledged) {
  Db writer = Open();
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> acknowledged{0};
  std::thread thread([&] {
    for (std::uint64_t i = 0; !stop; ++i) {
      const Durability durability = i % 50 == 0 ? Durability::kSync : Durability::kBuffered;
      EXPECT_TRUE(writer.Put(KeyInOrder(i), ValueInOrder(i), {.durability = durability}).ok());
      acknowledged = i + 1;
      if (i % 4000 == 3999) {
        EXPECT_TRUE(writer.CompactRange().ok());
      }
    }
  });
  std::uint64_t grown = 0;
  std::uint64_t last = 0;
  for (int round = 0; round < 25; ++round) {
    const std::uint64_t before = acknowledged;
    const auto reader = Db::OpenReadOnly(folder_, Quiet());
    const std::uint64_t after = acknowledged;
    ASSERT_TRUE(reader.ok()) << reader.error().ToString();
    const std::uint64_t shown = PrefixIn(*reader);
    ASSERT_GE(shown, before);
    ASSERT_LE(shown, after + 1);
    grown += shown > last ? 1 : 0;
    last = shown;
  }
  stop = true;
  thread.join();
  EXPECT_GT(grown, 10u);
  EXPECT_EQ(PrefixIn(OpenReadOnly()), acknowledged);
}

}  // namespace
}  // namespace beachdb
