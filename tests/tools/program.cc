#include "tests/tools/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include <gtest/gtest.h>

namespace beachdb {
namespace {

namespace fs = std::filesystem;

// In the child: makes `fd` the file `path`.
void Redirect(int fd, const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags, 0644);
  if (file < 0 || ::dup2(file, fd) < 0) ::_exit(127);
  ::close(file);
}

}  // namespace

std::string ReadWholeFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream contents;
  contents << in.rdbuf();
  return contents.str();
}

TestFolder::TestFolder() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(test->test_suite_name()) + "." + test->name();
  std::replace(name.begin(), name.end(), '/', '_');
  path_ = ::testing::TempDir() + "beachdb_tools_" + name;
  fs::remove_all(path_);
  fs::create_directories(path_);
}

TestFolder::~TestFolder() { fs::remove_all(path_); }

std::string TestFolder::Write(const std::string& name, const std::string& contents) const {
  std::ofstream(Path(name), std::ios::binary) << contents;
  return Path(name);
}

ProgramResult RunProgram(const std::string& name, const std::vector<std::string>& arguments,
                         const std::string& input) {
  std::string program = std::string(BEACHDB_BIN_DIR) + "/" + name;
  std::vector<std::string> words = arguments;
  std::vector<char*> argv = {program.data()};
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  std::string folder = ::testing::TempDir() + "beachdb_program_XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return {};
  std::ofstream(folder + "/in", std::ios::binary) << input;
  const pid_t child = ::fork();
  if (child == 0) {
    Redirect(STDIN_FILENO, folder + "/in", O_RDONLY);
    Redirect(STDOUT_FILENO, folder + "/out", O_WRONLY | O_CREAT);
    Redirect(STDERR_FILENO, folder + "/err", O_WRONLY | O_CREAT);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  ProgramResult result;
  result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  result.out = ReadWholeFile(folder + "/out");
  result.err = ReadWholeFile(folder + "/err");
  fs::remove_all(folder);
  EXPECT_NE(result.exit_code, 127) << "is " << program << " built?";
  return result;
}

void LoadAndKill(const std::string& database, const std::string& lines) {
  const std::string program = std::string(BEACHDB_BIN_DIR) + "/beach";
  const std::string wanted = std::to_string(std::count(lines.begin(), lines.end(), '\n')) + "\n";
  const std::string ack_log = database + ".acks";  // a named pipe: reading it is the waiting
  ASSERT_EQ(::mkfifo(ack_log.c_str(), 0600), 0);
  const int acks = ::open(ack_log.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(acks, 0);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[1]);
    ::execl(program.c_str(), program.c_str(), "--db", database.c_str(), "load", "-", "--format",
            "tsv", "--ack-log", ack_log.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[0]);
  // The pipe stays open, so that the loader waits for more and never ends by itself.
  std::string_view rest = lines;
  while (!rest.empty()) {
    const ssize_t n = ::write(ends[1], rest.data(), rest.size());
    ASSERT_GT(n, 0) << "the loader has gone";
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  std::string acknowledged;
  while (!acknowledged.ends_with(wanted)) {
    constexpr int kPatienceMs = 120'000;
    pollfd readable{.fd = acks, .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&readable, 1, kPatienceMs), 1) << "acknowledged: " << acknowledged;
    char bytes[256];
    const ssize_t n = ::read(acks, bytes, sizeof bytes);
    ASSERT_GT(n, 0) << "the loader has gone; acknowledged: " << acknowledged;
    acknowledged.append(bytes, static_cast<std::size_t>(n));
  }
  ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  EXPECT_TRUE(WIFSIGNALED(status));
  ::close(ends[1]);
  ::close(acks);
  fs::remove(ack_log);
}

}  // namespace beachdb
