#include "tests/tools/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

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

}  // namespace beachdb
