// instructions: runs one hot path a fixed number of times, for callgrind to count.
// scripts/bench-instructions calls it, path by path, and compares with baseline.txt.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <valgrind/callgrind.h>

#include "bench/instructions/path.h"

namespace beachdb::instructions {
namespace {

constexpr const char* kAbout = R"(Runs one hot path of the engine a fixed number of times.

Under "valgrind --tool=callgrind --instr-atstart=no" only those operations are counted, not what
makes them ready. Exit codes: 0 done, 1 an answer was wrong, 2 usage.)";

std::vector<Path> AllPaths() {
  std::vector<Path> paths;
  for (const Path& path : StructurePaths()) paths.push_back(path);
  for (const Path& path : DatabasePaths()) paths.push_back(path);
  return paths;
}

// What else the counts depend on. The compiler's version, not its build: a new build of the same
// Debian package makes the same code.
std::string Toolchain() {
#if defined(__clang__)
  constexpr std::string_view kCompiler = "clang " __clang_version__;
#else
  constexpr std::string_view kCompiler = "gcc " __VERSION__;
#endif
  // The widest instructions that libraries choose between at run time, as far as valgrind has them.
  const char* vectors = "no vector extensions known";
#if defined(__x86_64__)
  vectors = __builtin_cpu_supports("avx2") ? "avx2" : "no avx2";
#endif
  return fmt::format("{}, glibc {}, {}", kCompiler, gnu_get_libc_version(), vectors);
}

int Run(const Path& path, std::uint64_t operations, const std::string& directory) {
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  std::uint64_t right = 0;
  {
    const Loop loop = path.prepare({directory, operations});
    CALLGRIND_START_INSTRUMENTATION;
    right = loop();
    CALLGRIND_STOP_INSTRUMENTATION;
  }
  std::filesystem::remove_all(directory);
  if (right == operations) return 0;
  fmt::print(stderr, "instructions: {}: {} of {} answers were right\n", path.name, right,
             operations);
  return 1;
}

int Main(int argc, char** argv) {
  CLI::App app(kAbout, "instructions");
  std::string name;
  std::string directory = "instructions.tmp";
  std::uint64_t operations = 0;
  bool list = false;
  bool toolchain = false;
  app.add_option("path", name, "which (--list names them)");
  app.add_option("--operations", operations, "how many; 0: as the path has it by itself");
  app.add_option("--dir", directory, "for files; emptied first, and removed")
      ->capture_default_str();
  app.add_flag("--list", list, "print each path, its operations and what one of them is");
  app.add_flag("--toolchain", toolchain, "print what the counts depend on beside the code");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (toolchain) fmt::print("{}\n", Toolchain());
  for (const Path& path : AllPaths()) {
    if (list) fmt::print("{} {} {}\n", path.name, path.operations, path.operation);
    if (path.name == name)
      return Run(path, operations != 0 ? operations : path.operations, directory);
  }
  if (list || toolchain) return 0;
  fmt::print(stderr, "instructions: no path '{}'; --list names them\n", name);
  return 2;
}

}  // namespace
}  // namespace beachdb::instructions

int main(int argc, char** argv) { return beachdb::instructions::Main(argc, argv); }
