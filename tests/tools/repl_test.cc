// `beach repl`: from a pipe as scripts use it, and on a terminal as people do.
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/program.h"

namespace beachdb {
namespace {

using ::testing::HasSubstr;

class ReplTest : public ::testing::Test {
 protected:
  ProgramResult Repl(const std::string& commands) const {
    return RunProgram("beach", {"--db", db_, "repl"}, commands);
  }

  TestFolder folder_;
  const std::string db_ = folder_.Path("db");
};

TEST_F(ReplTest, TheVerbsAreThoseOfTheCommandLine) {
  const ProgramResult result = Repl(
      "put conch spiral\n"
      "put 'a key' \"a value\"\n"
      "get conch\n"
      "scan --format tsv\n"
      "delete conch\n"
      "--json get 'a key'\n"
      "--hex put ff 00\n"
      "explain get conch\n"
      "stats\n"
      "flush\n"
      "verify --deep\n"
      "scan --format hex\n");
  EXPECT_EQ(result.exit_code, 1) << "explain of a deleted key, as on the command line";
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(
      result.out.starts_with("spiral\na key\ta value\nconch\tspiral\n"
                             "{\"key\":\"a key\",\"found\":true,\"value\":\"a value\"}\n"
                             "get conch at seqno 4\n"))
      << result.out;
  EXPECT_THAT(result.out, HasSubstr("all is well"));
  EXPECT_TRUE(result.out.ends_with("61206b6579\t612076616c7565\nff\t00\n")) << result.out;
}

TEST_F(ReplTest, AnErrorDoesNotEndTheSessionAndTheFirstOneIsItsExitCode) {
  const ProgramResult result = Repl(
      "get absent\n"
      "frobnicate\n"
      "put only-a-key\n"
      "put 'unfinished\n"
      "scan --limit none\n"
      "repl\n"
      "load -\n"
      "load - --format tsv\n"
      "--db elsewhere get k\n"
      "put k v\n"
      "get absent\n"
      "get k\n");
  EXPECT_EQ(result.exit_code, 2) << "there was no database yet";
  EXPECT_EQ(result.out, "v\n");
  for (const char* part : {"beach: ", "holds no database", "no such verb: frobnicate",
                           "VALUE is required", "expected a closing '", "this is a session already",
                           "standard input is where the commands come from", "this session is of",
                           "beach: no such key: absent\n"}) {
    EXPECT_THAT(result.err, HasSubstr(part));
  }
  EXPECT_EQ(Repl("get k\nget absent\n--frobnicate\n").exit_code, 1);
  EXPECT_EQ(Repl("get k\n").exit_code, 0);
}

TEST_F(ReplTest, BlankLinesCommentsAndTheEndAreUnderstood) {
  const ProgramResult result = Repl("\n  \n# put a b\nput a 1\r\nget a\nexit\nput a 2\n");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "1\n");
  EXPECT_EQ(Repl("get a\nquit\nget a").out, "1\n");
  EXPECT_EQ(Repl("get a").out, "1\n") << "a last line without a newline";
  EXPECT_EQ(Repl("").exit_code, 0);
}

TEST_F(ReplTest, TheDatabaseStaysOpenBetweenCommands) {
  ASSERT_EQ(Repl("put a 1\nput b 2\nput c 3\n").exit_code, 0);
  const ProgramResult events =
      RunProgram("beach", {"--db", db_, "--json", "events", "--kind", "open"});
  EXPECT_EQ(events.out.find('\n'), events.out.size() - 1) << events.out;
}

TEST_F(ReplTest, HelpNamesTheVerbs) {
  const ProgramResult result = Repl("help\nput a 1\nget a\nget --help\n");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("Exit codes:"));
  EXPECT_THAT(result.out, HasSubstr("version.\n1\n")) << "in its place between the pages";
  EXPECT_THAT(result.out, HasSubstr("the bytes of the value alone"));
}

// A session on a terminal of its own.
class Terminal {
 public:
  Terminal(const std::string& db, const std::string& history) {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_GE(master_, 0);
    EXPECT_EQ(::grantpt(master_), 0);
    EXPECT_EQ(::unlockpt(master_), 0);
    const std::string name = ::ptsname(master_);
    const std::string program = std::string(BEACHDB_BIN_DIR) + "/beach";
    child_ = ::fork();
    if (child_ == 0) {
      ::setsid();
      const int tty = ::open(name.c_str(), O_RDWR);
      for (int fd = 0; fd < 3; ++fd) ::dup2(tty, fd);
      ::setenv("TERM", "xterm", 1);
      ::setenv("BEACH_HISTORY", history.c_str(), 1);
      ::execl(program.c_str(), program.c_str(), "--db", db.c_str(), "repl", nullptr);
      ::_exit(127);
    }
  }
  ~Terminal() {
    if (child_ > 0) ::kill(child_, SIGKILL);
    ::close(master_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // Waits until the session has the terminal: what is typed before is edited by the kernel, for
  // which the end of the input is another thing.
  void Type(const std::string& keys) const {
    termios mode{};
    for (int i = 0; i < 3000 && ::tcgetattr(master_, &mode) == 0; ++i) {
      if ((mode.c_lflag & ICANON) == 0) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_EQ(mode.c_lflag & ICANON, 0u) << "the session does not read";
    ASSERT_EQ(::write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  // Reads until the screen has shown `part`, behind what was awaited before.
  void Await(const std::string& part) {
    std::size_t at = 0;
    while ((at = shown_.find(part)) == std::string::npos) {
      pollfd readable{.fd = master_, .events = POLLIN, .revents = 0};
      char bytes[4096];
      if (::poll(&readable, 1, 30'000) != 1) break;
      const ssize_t n = ::read(master_, bytes, sizeof bytes);
      if (n <= 0) break;
      shown_.append(bytes, static_cast<std::size_t>(n));
    }
    ASSERT_THAT(shown_, HasSubstr(part));
    shown_.erase(0, at + part.size());
  }
  int Wait() {
    // What is still shown must be read, or nothing more can be; the end is that of the other side.
    pollfd readable{.fd = master_, .events = POLLIN, .revents = 0};
    char bytes[4096];
    while (::poll(&readable, 1, 30'000) == 1 && ::read(master_, bytes, sizeof bytes) > 0) continue;
    if (readable.revents == 0) ::kill(child_, SIGKILL);  // it does not end
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) continue;
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  int master_ = -1;
  pid_t child_ = 0;
  std::string shown_;
};

TEST_F(ReplTest, ATerminalHasHistoryAndCompletion) {
  const std::string history = folder_.Path("history");
  {
    Terminal terminal(db_, history);
    terminal.Await("beach> ");
    terminal.Type("put conch spiral\r");
    terminal.Await("\n");
    terminal.Await("beach> ");
    terminal.Type("get con\t\r");
    terminal.Await("spiral\r\n");  // the key was completed
    terminal.Await("beach> ");
    terminal.Type("get absent\r");
    terminal.Await("no such key: absent");
    terminal.Await("beach> ");
    terminal.Type("sca\t--form\thex\r");
    terminal.Await("636f6e6368\t73706972616c");
    terminal.Await("beach> ");
    terminal.Type("exit\r");
    EXPECT_EQ(terminal.Wait(), 0) << "errors were seen by who typed";
  }
  EXPECT_THAT(ReadWholeFile(history), HasSubstr("get"));
  Terminal terminal(db_, history);
  terminal.Await("beach> ");
  terminal.Type("\x1b[A\x1b[A\r");  // up, up: over exit to the scan
  terminal.Await("636f6e6368\t73706972616c");
  terminal.Await("beach> ");
  terminal.Type("\x04");
  EXPECT_EQ(terminal.Wait(), 0) << "the end of the input";
}

}  // namespace
}  // namespace beachdb
