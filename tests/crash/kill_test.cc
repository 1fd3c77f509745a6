// kill -9 at random points, again and again, while several threads write: what was acknowledged is
// there, whole; what was not is there whole or not at all.
//
// The killed process is a real one and the file system is the real one: its page cache survives, so
// this proves the contract under the death of the process, not under power loss.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "beachdb/db.h"
#include "tests/support/test_world.h"

namespace beachdb {
namespace {

constexpr int kThreads = 4;
constexpr int kKeysPerBatch = 5;

struct Ack {
  std::uint32_t thread;
  std::uint32_t batch;
};

Options SmallOptions(std::uint64_t cycle) {
  Options options;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;  // flushes and compactions are under way at every moment
  options.table_size = 128u << 10;
  options.memtable = cycle % 5 == 4 ? MemTableKind::kSkipList : MemTableKind::kRadixTree;
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

std::string ThreadKey(std::uint32_t thread) { return "last/" + std::to_string(thread); }
std::string BatchKey(std::uint32_t thread, std::uint32_t batch, int key) {
  return "data/" + std::to_string(thread) + "/" + std::to_string(batch) + "/" + std::to_string(key);
}
std::string ValueOf(std::uint32_t thread, std::uint32_t batch) {
  return std::string(50 + (thread + batch) % 150, static_cast<char>('a' + batch % 26));
}

// In the process that will be killed: writes until it dies, and tells what was acknowledged.
[[noreturn]] void WriteUntilKilled(const std::string& directory, std::uint64_t cycle,
                                   const std::vector<std::uint32_t>& next, int acks) {
  auto db = Db::Open(directory, SmallOptions(cycle));
  if (!db.ok()) _exit(3);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      // Half of the threads ask for no sync: their writes must survive a kill just the same.
      const WriteOptions options{.durability =
                                     t % 2 == 0 ? Durability::kSync : Durability::kBuffered};
      for (std::uint32_t i = next[t];; ++i) {
        WriteBatch batch;
        bool ok = batch.Put(ThreadKey(t), std::to_string(i)).ok();
        for (int k = 0; k < kKeysPerBatch; ++k) {
          ok = ok && batch.Put(BatchKey(t, i, k), ValueOf(t, i)).ok();
        }
        // An older batch is deleted whole, so that tombstones are on the way too.
        for (int k = 0; i % 3 == 0 && k < kKeysPerBatch; ++k) {
          ok = ok && batch.Delete(BatchKey(t, i / 3 * 2, k)).ok();
        }
        if (!ok || !db->Write(batch, options).ok()) _exit(4);
        const Ack ack{t, i};
        if (write(acks, &ack, sizeof ack) != sizeof ack) _exit(5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  _exit(6);
}

bool Deleted(std::uint32_t batch, std::uint32_t last) {
  if (batch % 2 != 0) return false;
  return batch / 2 * 3 <= last;
}

class KillTest : public testing::Test {
 protected:
  KillTest() : directory_(testing::TempDir() + "beachdb_kill") {
    std::filesystem::remove_all(directory_);
  }
  ~KillTest() override { std::filesystem::remove_all(directory_); }

  // Runs a writer, kills it `micros` after the n-th acknowledgement (0: after its start), and
  // returns the last batch acknowledged by each thread.
  std::map<std::uint32_t, std::uint32_t> KillWriterAfter(std::uint64_t acks, std::uint64_t micros,
                                                         std::uint64_t cycle) {
    int pipe_ends[2];
    EXPECT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(pipe_ends[0]);
      WriteUntilKilled(directory_, cycle, next_, pipe_ends[1]);
    }
    close(pipe_ends[1]);
    std::map<std::uint32_t, std::uint32_t> acked;
    const auto kill_soon = [&] {
      SystemClock().SleepNanos(micros * 1000);
      kill(child, SIGKILL);
    };
    if (acks == 0) kill_soon();
    Ack ack;
    for (std::uint64_t n = 1; read(pipe_ends[0], &ack, sizeof ack) == sizeof ack; ++n) {
      acked[ack.thread] = ack.batch;
      if (n == acks) kill_soon();
    }
    close(pipe_ends[0]);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself: " << status;
    return acked;
  }

  void Check(const std::map<std::uint32_t, std::uint32_t>& acked, std::uint64_t cycle) {
    auto db = Db::Open(directory_, SmallOptions(cycle + 1));
    ASSERT_TRUE(db.ok()) << db.error().ToString();
    for (std::uint32_t t = 0; t < kThreads; ++t) {
      const auto stored = db->Get(ThreadKey(t));
      ASSERT_TRUE(stored.ok());
      const std::uint32_t last = *stored ? static_cast<std::uint32_t>(std::stoul(**stored)) : 0;
      const auto it = acked.find(t);
      if (it != acked.end()) {
        ASSERT_GE(last, it->second) << "acknowledged, then lost: thread " << t;
      }
      ASSERT_GE(last + 1, next_[t]) << "an earlier cycle's write is lost: thread " << t;
      const std::uint32_t first = last > 400 ? last - 400 : 1;
      for (std::uint32_t i = first; i <= last + 2; ++i) {
        for (int k = 0; k < kKeysPerBatch; ++k) {
          const auto value = db->Get(BatchKey(t, i, k));
          ASSERT_TRUE(value.ok()) << value.error().ToString();
          if (i > last || Deleted(i, last)) {
            ASSERT_EQ(*value, std::nullopt) << "half of batch " << t << "/" << i;
          } else {
            ASSERT_EQ(*value, ValueOf(t, i)) << "half of batch " << t << "/" << i;
          }
        }
      }
      next_[t] = last + 1;
    }
    if (cycle % 10 == 0) {
      const auto report = db->Verify({.depth = VerifyDepth::kTree});
      ASSERT_TRUE(report.ok());
      ASSERT_EQ(report->problems, std::vector<std::string>());
    }
    const Status closed = db->Close();
    ASSERT_TRUE(closed.ok()) << closed.ToString();
  }

  const std::string directory_;
  std::vector<std::uint32_t> next_ = std::vector<std::uint32_t>(kThreads, 1);
};

TEST_F(KillTest, AHundredKillsLoseNothingAcknowledgedAndSplitNoBatch) {
  const std::uint64_t seed = SeedFromEnvironment(20261121);
  SCOPED_TRACE("replay: BEACHDB_SEED=" + std::to_string(seed));
  Random random(seed);
  std::uint64_t acknowledged = 0;
  for (std::uint64_t cycle = 0; cycle < 100; ++cycle) {
    SCOPED_TRACE("cycle " + std::to_string(cycle));
    const std::vector<std::uint32_t> before = next_;
    // One in ten dies while it opens the database.
    const std::uint64_t acks = random.OneIn(10) ? 0 : 1 + random.Uniform(500);
    const auto acked = KillWriterAfter(acks, random.Uniform(3000), cycle);
    Check(acked, cycle);
    if (HasFatalFailure()) return;
    for (std::uint32_t t = 0; t < kThreads; ++t) acknowledged += next_[t] - before[t];
  }
  EXPECT_GT(acknowledged, 1000u) << "the writers hardly wrote: nothing was tested";
}

}  // namespace
}  // namespace beachdb
