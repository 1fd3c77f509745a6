#include "io/posix_file_lock.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beachdb {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

class PosixFileLockTest : public testing::Test {
 protected:
  PosixFileLockTest() {
    char pattern[] = "posix_file_lock_test.XXXXXX";
    directory_ = ::mkdtemp(pattern);
    path_ = directory_ + "/LOCK";
  }
  ~PosixFileLockTest() override { std::filesystem::remove_all(directory_); }

  std::string Contents() const {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string directory_;
  std::string path_;
};

TEST_F(PosixFileLockTest, TheHolderIsWrittenIntoTheFileAndNamedToTheSecondOpener) {
  const auto lock = PosixFileLock::Acquire(path_);
  ASSERT_TRUE(lock.ok()) << lock.error().ToString();
  EXPECT_THAT(Contents(), MatchesRegex("pid [0-9]+ \\(.+\\) on .+ since "
                                       "....-..-..T..:..:..Z\n"));
  const auto second = PosixFileLock::Acquire(path_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Code::kBusy);
  EXPECT_THAT(second.error().message(), HasSubstr("in use by pid " + std::to_string(::getpid())));
  EXPECT_THAT(second.error().message(), HasSubstr("close it there first"));
}

TEST_F(PosixFileLockTest, AReleasedLockIsFreeAndItsFileEmpty) {
  { const auto lock = PosixFileLock::Acquire(path_); }
  EXPECT_EQ(Contents(), "");
  EXPECT_TRUE(PosixFileLock::Acquire(path_).ok());
}

TEST_F(PosixFileLockTest, ARefusalLeavesTheHoldersLockAndNameInPlace) {
  const auto lock = PosixFileLock::Acquire(path_);
  const std::string before = Contents();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(PosixFileLock::Acquire(path_).ok());
  EXPECT_EQ(Contents(), before);
}

TEST_F(PosixFileLockTest, AnotherProcessIsRefusedWhileTheHolderLivesAndServedOnceItIsKilled) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = PosixFileLock::Acquire(path_);
    const char result = lock.ok() ? 'y' : 'n';
    if (::write(ready[1], &result, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char result = 0;
  ASSERT_EQ(::read(ready[0], &result, 1), 1);
  ::close(ready[0]);
  ::close(ready[1]);
  ASSERT_EQ(result, 'y');
  const auto refused = PosixFileLock::Acquire(path_);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message(), HasSubstr("in use by pid " + std::to_string(child)));

  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_THAT(Contents(), HasSubstr("pid " + std::to_string(child)))
      << "left behind, locks nothing";
  const auto taken = PosixFileLock::Acquire(path_);
  ASSERT_TRUE(taken.ok()) << taken.error().ToString();
  EXPECT_THAT(Contents(), HasSubstr("pid " + std::to_string(::getpid())));
}

TEST_F(PosixFileLockTest, WhateverStandsInTheFileTheMessageStaysPrintableAndShort) {
  const auto lock = PosixFileLock::Acquire(path_);
  std::ofstream(path_) << std::string("\x1b[31m\x00", 6) << std::string(100'000, 'x');
  const auto second = PosixFileLock::Acquire(path_);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message(), HasSubstr("\\x1b[31m"));
  EXPECT_LT(second.error().message().size(), 500u);
  std::ofstream(path_, std::ios::trunc).flush();
  EXPECT_THAT(PosixFileLock::Acquire(path_).error().message(),
              HasSubstr("in use by another process"));
}

// A limit of the file size stands in for the full disk.
TEST_F(PosixFileLockTest, ADiskWithoutRoomForTheNameIsNoReasonToRefuse) {
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit none{0, old.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  const auto lock = PosixFileLock::Acquire(path_);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_TRUE(lock.ok()) << lock.error().ToString();
  EXPECT_EQ(Contents(), "");
  EXPECT_THAT(PosixFileLock::Acquire(path_).error().message(),
              HasSubstr("in use by another process"));
}

TEST_F(PosixFileLockTest, AMissingDirectoryIsAnIoErrorNotBusy) {
  const auto lock = PosixFileLock::Acquire(directory_ + "/no/LOCK");
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.error().code(), Code::kIoError);
}

}  // namespace
}  // namespace beachdb
