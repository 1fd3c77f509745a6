// Load, overwrite, delete, close, reopen, verify, and scan both ways against a checksum that is
// computed without a database. Memory and the longest delay of a write are held to their limits.
//
// BEACHDB_SCALE_RECORDS sets the size (`make scale` runs 10 million); sanitizers change memory and
// time too much to judge them, so under them only the answers are checked.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "base/hash.h"
#include "beachdb/db.h"
#include "io/clock.h"

namespace beachdb {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr std::uint64_t kStallMax = 100'000'000;  // nanoseconds

std::uint64_t Mix(std::uint64_t x) { return x * 0x9e3779b97f4a7c15u ^ x >> 29; }

std::string KeyOf(std::uint64_t i) {
  char key[17];
  std::snprintf(key, sizeof key, "%016" PRIu64, i);
  return {key, 16};
}

std::string ValueOf(std::uint64_t i, std::uint64_t version) {
  std::string value(100, '\0');
  std::uint64_t x = Mix(i * 31 + version + 1);
  for (std::size_t at = 0; at + 8 <= value.size(); at += 8, x = Mix(x + 7)) {
    std::memcpy(value.data() + at, &x, 8);
  }
  return value;
}

// The history: every key is put, a third is overwritten, a fifth is deleted afterwards.
bool Overwritten(std::uint64_t i) { return Mix(i) % 3 == 0; }
bool Deleted(std::uint64_t i) { return Mix(i + 17) % 5 == 0; }

std::uint64_t Fold(std::uint64_t sum, std::string_view key, std::string_view value) {
  return sum * 1099511628211u + (Hash64(key) ^ Hash64(value) * 3);
}

std::uint64_t MemoryPeak() {  // bytes
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtoull(line.c_str() + 6, nullptr, 10) << 10;
  }
  return 0;
}

class ScaleTest : public testing::Test {
 protected:
  ScaleTest() : directory_(testing::TempDir() + "beachdb_scale") {
    std::filesystem::remove_all(directory_);
    if (const char* text = std::getenv("BEACHDB_SCALE_RECORDS")) {
      records_ = std::strtoull(text, nullptr, 10);
    }
  }
  ~ScaleTest() override {
    db_.reset();
    std::filesystem::remove_all(directory_);
  }

  void Open() {
    auto db = Db::Open(directory_);
    ASSERT_TRUE(db.ok()) << db.error().ToString();
    db_.emplace(std::move(db).value());
  }

  // The i-th in an order that visits every number below records_ once, all over the key space.
  std::uint64_t Scattered(std::uint64_t i) const { return i * kPrime % records_; }

  template <typename F>
  void Timed(F write) {
    const std::uint64_t started = SystemClock().MonotonicNanos();
    const Status status = write();
    slowest_ = std::max(slowest_, SystemClock().MonotonicNanos() - started);
    if (!status.ok()) FAIL() << status.ToString();
  }

  void Load() {
    const WriteOptions buffered{.durability = Durability::kBuffered};
    for (std::uint64_t i = 0; i < records_; ++i) {
      const std::uint64_t k = Scattered(i);
      Timed([&] { return db_->Put(KeyOf(k), ValueOf(k, 0), buffered); });
    }
    for (std::uint64_t k = 0; k < records_; ++k) {
      if (Overwritten(k)) Timed([&] { return db_->Put(KeyOf(k), ValueOf(k, 1), buffered); });
    }
    for (std::uint64_t i = 0; i < records_; ++i) {
      const std::uint64_t k = Scattered(i);
      if (Deleted(k)) Timed([&] { return db_->Delete(KeyOf(k), buffered); });
    }
  }

  void CheckScans() {
    std::uint64_t forward = 0;
    std::uint64_t reverse = 0;
    for (std::uint64_t k = 0; k < records_; ++k) {
      if (!Deleted(k)) forward = Fold(forward, KeyOf(k), ValueOf(k, Overwritten(k) ? 1 : 0));
    }
    for (std::uint64_t k = records_; k-- > 0;) {
      if (!Deleted(k)) reverse = Fold(reverse, KeyOf(k), ValueOf(k, Overwritten(k) ? 1 : 0));
    }
    Iterator it = db_->NewIterator({{.fill_cache = false}});
    std::uint64_t sum = 0;
    for (it.SeekToFirst(); it.Valid(); it.Next()) sum = Fold(sum, it.key(), it.value());
    ASSERT_TRUE(it.status().ok()) << it.status().ToString();
    EXPECT_EQ(sum, forward);
    sum = 0;
    for (it.SeekToLast(); it.Valid(); it.Prev()) sum = Fold(sum, it.key(), it.value());
    ASSERT_TRUE(it.status().ok()) << it.status().ToString();
    EXPECT_EQ(sum, reverse);
  }

  static constexpr std::uint64_t kPrime =
      2'654'435'761;  // so no factor of a record count; i * kPrime fits

  const std::string directory_;
  std::uint64_t records_ = 20'000;
  std::uint64_t slowest_ = 0;  // nanoseconds of one write
  std::optional<Db> db_;
};

TEST_F(ScaleTest, ALargeLoadIsAnsweredExactlyWithinMemoryAndWithoutStalls) {
  const std::uint64_t memory_before = MemoryPeak();
  Open();
  Load();
  if (HasFatalFailure()) return;
  const Stats loaded = db_->GetStats();
  ASSERT_TRUE(db_->Close().ok());
  db_.reset();
  Open();
  const auto report = db_->Verify();
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(report->problems, std::vector<std::string>());
  CheckScans();
  const std::uint64_t memory = MemoryPeak() - memory_before;
  std::printf("%" PRIu64 " records: peak memory %" PRIu64 " MiB of a budget of %" PRIu64
              " MiB, slowest write %.1f ms, write amplification %.2f\n%s",
              records_, memory >> 20, loaded.memory_budget >> 20,
              static_cast<double>(slowest_) / 1e6, loaded.write_amplification,
              loaded.ToString().c_str());
  if (kSanitized) return;
  EXPECT_LE(memory, loaded.memory_budget + loaded.memory_budget / 10);
  EXPECT_LE(slowest_, kStallMax);
}

}  // namespace
}  // namespace beachdb
