#include "tools/dump_program.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/console.h"

namespace beachdb::tools {
namespace {

constexpr const char* kExitCodes =
    "\n\nExit codes: 0 whole; 1 damaged; 2 wrong command line, or no such file; 4 I/O error.";

// Only regular files: a pipe has no offsets, and reading a device may never end.
Status CheckIsFile(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return Error(Code::kInvalidArgument, fmt::format("{}: {}", path, std::strerror(errno)));
  }
  if (S_ISREG(info.st_mode)) return {};
  return Error(Code::kInvalidArgument,
               fmt::format("{}: expected a file, found a {}", path,
                           S_ISDIR(info.st_mode) ? "directory" : "special file"));
}

// CLI11 reads "-entries" as eight short flags.
std::vector<std::string> Arguments(const DumpProgram& program, int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (std::string& argument : arguments) {
    for (const DumpProgram::Flag& flag : program.flags) {
      if ("-" + argument == flag.name) argument = flag.name;
    }
  }
  return {arguments.rbegin(), arguments.rend()};  // the order that CLI::App::parse wants
}

}  // namespace

int RunDumpProgram(const DumpProgram& program, int argc, char** argv, const char* version) {
  std::vector<std::string> files;
  CLI::App app(program.about, program.name);
  app.footer(program.examples + kExitCodes);
  app.set_version_flag("--version", program.name + " " + version);
  app.add_option("FILE", files, "one or more")->required();
  for (const DumpProgram::Flag& flag : program.flags) {
    app.add_flag(flag.name, *flag.value, flag.what);
  }
  try {
    app.parse(Arguments(program, argc, argv));
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    return Fail(program.name,
                Error(Code::kInvalidArgument, fmt::format("{}; see --help", e.what())));
  }

  Console console;
  ExitCode worst = kExitDone;
  for (const std::string& file : files) {
    if (files.size() > 1) console.WriteLine(fmt::format("== {}", file));
    if (const Status is_file = CheckIsFile(file); !is_file.ok()) {
      worst = std::max(worst, Fail(program.name, is_file.error()));
      continue;
    }
    const auto problems = program.dump(PosixFileSystem(), file,
                                       [&](std::string_view line) { console.WriteLine(line); });
    if (const Status printed = console.Flush(); !printed.ok()) {
      return Fail(program.name, printed.error());
    }
    if (!problems.ok()) {
      // What the bytes are is damage, however it was noticed.
      const ExitCode code = Fail(program.name, problems.error());
      worst = std::max(worst, code == kExitIo ? kExitIo : kExitNotFound);
    } else if (*problems > 0) {
      fmt::print(stderr, "{}: {}: {} problem{}\n", program.name, file, *problems,
                 *problems == 1 ? "" : "s");
      worst = std::max(worst, kExitNotFound);
    }
  }
  return worst;
}

}  // namespace beachdb::tools
