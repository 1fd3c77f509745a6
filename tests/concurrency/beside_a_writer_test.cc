// A reader that opens beside a writer (Db::OpenReadOnly), and a writer that does whatever it likes
// before any of the reader's calls of the file system: every such order of things, one by one, in a
// simulated world.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "beachdb/db.h"
#include "io/file_system.h"
#include "sim/sim_disk.h"
#include "sim/sim_world.h"
#include "tests/support/written_in_order.h"

namespace beachdb {
namespace {

Options Quiet() {
  Options options;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;
  options.table_size = 64u << 10;
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

// A file system that tells of each call before it is made.
class ToldFileSystem final : public FileSystem {
 public:
  ToldFileSystem(FileSystem& base, std::function<void()> before)
      : base_(base), before_(std::move(before)) {}

  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode, IoMode io) override {
    before_();
    auto file = base_.Open(path, mode, io);
    if (!file.ok()) return file.error();
    return std::unique_ptr<File>(std::make_unique<ToldFile>(std::move(*file), before_));
  }
  Result<std::vector<std::string>> List(const std::string& directory) override {
    before_();
    return base_.List(directory);
  }
  Result<bool> Exists(const std::string& path) override {
    before_();
    return base_.Exists(path);
  }
  Result<std::uint64_t> FileSize(const std::string& path) override {
    before_();
    return base_.FileSize(path);
  }
  Status CreateDirectory(const std::string&) override { return Never(); }
  Status SyncDirectory(const std::string&) override { return Never(); }
  Status Rename(const std::string&, const std::string&) override { return Never(); }
  Status RemoveFile(const std::string&) override { return Never(); }
  Status Link(const std::string&, const std::string&) override { return Never(); }
  Result<std::unique_ptr<FileLock>> Lock(const std::string&) override { return Never().error(); }
  Result<std::uint64_t> FreeSpace(const std::string&) override { return Never().error(); }

 private:
  class ToldFile final : public File {
   public:
    ToldFile(std::unique_ptr<File> base, const std::function<void()>& before)
        : File(base->path()), base_(std::move(base)), before_(before) {}
    Result<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
      before_();
      return base_->ReadAt(offset, out);
    }
    Result<std::uint64_t> Size() override {
      before_();
      return base_->Size();
    }
    void Prefetch(std::uint64_t, std::uint64_t) override {}
    std::size_t alignment() const override { return base_->alignment(); }
    Status WriteAt(std::uint64_t, std::string_view) override { return Never(); }
    Status Sync() override { return Never(); }
    Status Allocate(std::uint64_t) override { return Never(); }
    Status Truncate(std::uint64_t) override { return Never(); }
    Result<std::span<char>> Map(std::uint64_t) override { return Never().error(); }

   private:
    const std::unique_ptr<File> base_;
    const std::function<void()>& before_;
  };

  static Status Never() {
    ADD_FAILURE() << "a reader changes something";
    return Error(Code::kIoError, "a reader changes something");
  }

  FileSystem& base_;
  const std::function<void()> before_;
};

enum class Burst : std::uint8_t {
  kPuts,
  kSyncedPuts,
  kFlush,
  kFlushes,
  kSyncedFlushes,
  kCompaction,
  kReopening,
  kClosing,  // removes its logs, and leaves nothing behind them
};

class InterleavedTest : public testing::Test {
 protected:
  InterleavedTest() { BeginAnew(); }

  void OpenWriter() {
    Options options = Quiet();
    options.environment = &*world_;
    auto db = Db::Open("/db", options);
    if (!db.ok()) throw std::runtime_error(db.error().ToString());
    writer_ = std::make_unique<Db>(std::move(*db));
  }
  // A few keys in tables of two levels and in a log, behind a short manifest.
  void BeginAnew() {
    writer_.reset();
    disk_.emplace();
    world_.emplace(*disk_, 1, SimWorld::Threads::kInline);
    written_ = 0;
    OpenWriter();
    Put(5, Durability::kSync);
    ASSERT_TRUE(writer_->CompactRange().ok());
    Put(5, Durability::kSync);
    ASSERT_TRUE(writer_->Flush().ok());
    // No record vouches for these: if their log is missed, nothing but this test will tell.
    Put(5, Durability::kBuffered);
    world_->RunTasks();
  }
  void Put(std::uint64_t count, Durability durability) {
    for (std::uint64_t i = 0; i < count; ++i, ++written_) {
      ASSERT_TRUE(
          writer_->Put(KeyInOrder(written_), ValueInOrder(written_), {.durability = durability})
              .ok());
    }
  }
  void Write(Burst burst) {
    if (burst == Burst::kClosing) {
      writer_.reset();
      return;
    }
    Put(3, burst == Burst::kSyncedPuts ? Durability::kSync : Durability::kBuffered);
    if (burst == Burst::kFlush || burst == Burst::kCompaction) {
      ASSERT_TRUE(writer_->Flush().ok());
    }
    if (burst == Burst::kFlushes || burst == Burst::kSyncedFlushes) {
      // Far enough that the log of before is recycled and holds other records.
      const Durability durability =
          burst == Burst::kFlushes ? Durability::kBuffered : Durability::kSync;
      for (int round = 0; round < 4; ++round) {
        Put(2, durability);
        ASSERT_TRUE(writer_->Flush().ok());
      }
      Put(2, durability);
    }
    if (burst == Burst::kCompaction) {
      // A key of every table there is, so that none is merely moved.
      ASSERT_TRUE(writer_->Put(KeyInOrder(0), ValueInOrder(0)).ok());
      ASSERT_TRUE(writer_->CompactRange().ok());
    }
    if (burst == Burst::kReopening) {
      writer_.reset();
      OpenWriter();
      Put(2, Durability::kSync);
    }
    world_->RunTasks();
  }
  // One opening, with bursts before those of its calls that `disturb` chooses. Returns its calls.
  Result<std::uint64_t> Read(Burst burst, const std::function<bool(std::uint64_t)>& disturb) {
    std::uint64_t calls = 0;
    bool armed = true;
    ToldFileSystem files(*disk_, [&] {
      if (armed && disturb(calls++)) Write(burst);
    });
    SimWorld world(files, 2, SimWorld::Threads::kInline);
    Options options = Quiet();
    options.environment = &world;
    const std::uint64_t before = written_;
    auto reader = Db::OpenReadOnly("/db", options);
    armed = false;
    if (!reader.ok()) return reader.error();
    const std::uint64_t shown = PrefixIn(*reader);
    EXPECT_GE(shown, before);
    EXPECT_LE(shown, written_);
    return calls;
  }

  std::optional<SimDisk> disk_;
  std::optional<SimWorld> world_;
  std::unique_ptr<Db> writer_;
  std::uint64_t written_ = 0;
};

TEST_F(InterleavedTest, WhateverTheWriterDoesBeforeWhicheverCallTheReaderSeesAPrefix) {
  std::uint64_t openings = 0;
  for (const Burst burst :
       {Burst::kPuts, Burst::kSyncedPuts, Burst::kFlush, Burst::kFlushes, Burst::kSyncedFlushes,
        Burst::kCompaction, Burst::kReopening, Burst::kClosing}) {
    for (std::uint64_t at = 0;; ++at) {
      SCOPED_TRACE(fmt::format("burst {} before call {}", static_cast<int>(burst), at));
      ASSERT_LT(at, 300u) << "an opening takes ever more calls";
      BeginAnew();
      const auto calls = Read(burst, [at](std::uint64_t call) { return call == at; });
      ASSERT_TRUE(calls.ok()) << calls.error().ToString();
      ++openings;
      if (*calls <= at) break;
    }
  }
  EXPECT_GT(openings, 150u);
}

TEST_F(InterleavedTest, AWriterThatOnlyAppendsMayDoSoBeforeEveryCall) {
  for (const Burst burst : {Burst::kPuts, Burst::kSyncedPuts}) {
    Put(5, Durability::kSync);
    const auto calls = Read(burst, [](std::uint64_t call) { return call < 200; });
    ASSERT_TRUE(calls.ok()) << calls.error().ToString();
  }
}

TEST_F(InterleavedTest, AReaderThatIsNeverLeftAloneGivesUpAndSaysWhy) {
  Put(5, Durability::kSync);
  const auto calls = Read(Burst::kCompaction, [](std::uint64_t /*call*/) { return true; });
  ASSERT_FALSE(calls.ok());
  EXPECT_EQ(calls.error().code(), Code::kBusy) << calls.error().ToString();
  EXPECT_NE(calls.error().message().find("try again when the writer has less to do"),
            std::string::npos)
      << calls.error().message();
}

}  // namespace
}  // namespace beachdb
