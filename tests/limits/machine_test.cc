// The limits that the machine sets: descriptors, file sizes, permissions. Each is met by a child
// process, whose limits are its own; the parent then finds everything that was acknowledged.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "beachdb/db.h"

namespace beachdb {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;

Options SmallOptions() {
  Options options;
  options.memory_budget = 4u << 20;
  options.write_buffer = 64u << 10;
  options.log = [](LogLevel, std::string_view) {};
  return options;
}

std::string KeyOf(int i) { return fmt::format("key{:04}", i); }
std::string ValueOf(int i) { return fmt::format("{} ", i) + std::string(900, 'v'); }

// Runs `work` in a child and returns what it returns: empty when all is well.
std::string InChild(const std::function<std::string()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string text = work();
    [[maybe_unused]] const auto ignored = ::write(ends[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text;
  char buffer[1000];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0 ? text : fmt::format("the child ended with status {}: {}", status, text);
}

// Whether the error is of the system, names a file of the database and gives the reason.
std::string WhatIsWrongWith(const Error& error, const std::string& directory,
                            std::string_view reason) {
  const bool told = error.code() == Code::kIoError &&
                    error.message().find(directory + "/") != std::string::npos &&
                    error.message().find(reason) != std::string::npos;
  return told ? "" : "want an I/O error with file and reason, found: " + error.ToString();
}

class MachineTest : public testing::Test {
 protected:
  MachineTest()
      : directory_(testing::TempDir() + "beachdb_machine_" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(directory_);
  }
  ~MachineTest() override { fs::remove_all(directory_); }

  // `count` keys in tables, 50 in each.
  void Fill(int count) {
    auto db = Db::Open(directory_, SmallOptions());
    ASSERT_TRUE(db.ok()) << db.error().ToString();
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(db->Put(KeyOf(i), ValueOf(i), {.durability = Durability::kBuffered}).ok());
      if (i % 50 == 49) {
        ASSERT_TRUE(db->Flush().ok());
      }
    }
    ASSERT_TRUE(db->Close().ok());
  }
  // The keys below `count` are there, and Verify agrees.
  void ExpectWhole(int count) {
    auto db = Db::Open(directory_, SmallOptions());
    ASSERT_TRUE(db.ok()) << db.error().ToString();
    for (int i = 0; i < count; ++i) ASSERT_EQ(*db->Get(KeyOf(i)), ValueOf(i)) << i << " is lost";
    const auto report = db->Verify();
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->problems.empty());
  }

  const std::string directory_;
};

TEST_F(MachineTest, AFileSizeLimitStopsWritesWithAnErrorAndLosesNothing) {
  const std::string outcome = InChild([&]() -> std::string {
    std::signal(SIGXFSZ, SIG_IGN);
    auto db = Db::Open(directory_, SmallOptions());
    if (!db.ok()) return db.error().ToString();
    for (int i = 0; i < 20; ++i) {
      if (!db->Put(KeyOf(i), ValueOf(i)).ok()) return "the first puts fail";
    }
    const rlimit small{20'000, 20'000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    Status failed;
    int last = 20;
    for (; last < 2000 && failed.ok(); ++last) failed = db->Put(KeyOf(last), ValueOf(last));
    if (failed.ok()) return "2000 puts of 900 bytes fit into files of 20 kB";
    for (int i = 0; i < 20; ++i) {
      if (!db->Get(KeyOf(i)).ok()) return "reads do not go on";
    }
    return WhatIsWrongWith(failed.error(), directory_, "File too large");
  });
  EXPECT_EQ(outcome, "");
  ExpectWhole(20);
}

TEST_F(MachineTest, WithoutDescriptorsReadsFailByNameAndGoOnWhenThereAreSome) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer probes memory through a pipe, so it needs descriptors itself; the "
                  "build for the thread sanitizer runs this test";
#endif
  Fill(150);  // three tables: a fourth would start a compaction, which opens them itself
  const std::string outcome = InChild([&]() -> std::string {
    auto db = Db::Open(directory_, SmallOptions());
    if (!db.ok()) return db.error().ToString();
    rlimit old{};
    ::getrlimit(RLIMIT_NOFILE, &old);
    const rlimit none{0, old.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto refused = db->Get(KeyOf(7));  // its table has not been opened yet
    if (refused.ok()) return "a get needs no descriptor";
    std::string wrong = WhatIsWrongWith(refused.error(), directory_, "Too many open files");
    if (!wrong.empty()) return wrong;
    ::setrlimit(RLIMIT_NOFILE, &old);
    for (int i = 0; i < 150; ++i) {
      const auto found = db->Get(KeyOf(i));
      if (!found.ok() || *found != ValueOf(i)) return "the error of before has stayed";
    }
    return db->Put("new", "value").ok() ? "" : "a put fails";
  });
  EXPECT_EQ(outcome, "");
  ExpectWhole(150);
}

TEST_F(MachineTest, MoreTablesThanDescriptorsAreReadInTurns) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer probes memory through a pipe, so it needs descriptors itself; the "
                  "build for the thread sanitizer runs this test";
#endif
  constexpr int kKeys = 5000;  // in order, so that the tables are moved, not merged
  Fill(kKeys);
  const std::string outcome = InChild([&]() -> std::string {
    const rlimit few{48, 48};
    ::setrlimit(RLIMIT_NOFILE, &few);
    auto db = Db::Open(directory_, SmallOptions());
    if (!db.ok()) return db.error().ToString();
    if (db->GetStats().tables.size() < 60) return "too few tables to prove anything";
    for (int i = 0; i < 2 * kKeys; ++i) {
      const int key = i * 7 % kKeys;
      const auto found = db->Get(KeyOf(key));
      if (!found.ok()) return found.error().ToString();
      if (*found != ValueOf(key)) return "a get finds something else";
    }
    return "";
  });
  EXPECT_EQ(outcome, "");
  ExpectWhole(kKeys);
}

TEST_F(MachineTest, ADirectoryThatOthersOwnIsRefusedByName) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  Fill(100);
  const std::string outcome = InChild([&]() -> std::string {
    if (::setresuid(kNobody, kNobody, kNobody) != 0) return "cannot become nobody";
    const auto db = Db::Open(directory_, SmallOptions());
    if (db.ok()) return "nobody may open it";
    return WhatIsWrongWith(db.error(), directory_, "Permission denied");
  });
  EXPECT_EQ(outcome, "");
  ExpectWhole(100);
}

TEST_F(MachineTest, AFileWithoutPermissionIsNamedAndTheRestReadable) {
  if (::geteuid() != 0) GTEST_SKIP() << "root itself may read everything";
  Fill(100);
  std::string table;  // the one of the first keys
  for (const auto& entry : fs::directory_iterator(directory_)) {
    ::chown(entry.path().c_str(), kNobody, kNobody);
    const std::string name = entry.path().string();
    if (name.ends_with(".sst") && (table.empty() || name < table)) table = name;
  }
  ::chown(directory_.c_str(), kNobody, kNobody);
  fs::permissions(table, fs::perms::none);
  const std::string outcome = InChild([&]() -> std::string {
    if (::setresuid(kNobody, kNobody, kNobody) != 0) return "cannot become nobody";
    auto db = Db::Open(directory_, SmallOptions());
    if (!db.ok()) return db.error().ToString();
    int refused = 0;
    for (int i = 0; i < 100; ++i) {
      const auto found = db->Get(KeyOf(i));
      if (found.ok() && *found != ValueOf(i)) return "wrong data";
      if (found.ok()) continue;
      ++refused;
      std::string wrong = WhatIsWrongWith(found.error(), directory_, "Permission denied");
      if (!wrong.empty()) return wrong;
    }
    return refused == 50 ? "" : fmt::format("want 50 keys unreadable, found {}", refused);
  });
  EXPECT_EQ(outcome, "");
  fs::permissions(table, fs::perms::owner_all);
  ExpectWhole(100);
}

TEST_F(MachineTest, AReadOnlyDirectoryIsRefusedByNameAndKeepsItsContents) {
  if (::geteuid() != 0) GTEST_SKIP() << "root itself may write everywhere";
  Fill(100);
  for (const auto& entry : fs::directory_iterator(directory_)) {
    ::chown(entry.path().c_str(), kNobody, kNobody);
  }
  const std::string outcome = InChild([&]() -> std::string {
    // The files are ours, the directory is not: nothing new can be made in it.
    if (::setresuid(kNobody, kNobody, kNobody) != 0) return "cannot become nobody";
    const auto db = Db::Open(directory_, SmallOptions());
    if (db.ok()) return "it opens, but cannot go on in a new MANIFEST";
    return WhatIsWrongWith(db.error(), directory_, "Permission denied");
  });
  EXPECT_EQ(outcome, "");
  ExpectWhole(100);
}

}  // namespace
}  // namespace beachdb
