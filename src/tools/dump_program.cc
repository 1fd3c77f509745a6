#include "tools/dump_program.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/try.h"
#include "tools/console.h"
#include "tools/dump_json.h"
#include "tools/man_page.h"

namespace beachdb::tools {
namespace {

constexpr const char* kExitCodes =
    "\n\nExit codes: 0 whole; 1 damaged; 2 wrong command line, or no such file; 4 I/O error.";

// Bytes of a key or value: a line for people, a line for programs. Every key fits into the latter.
constexpr std::size_t kTextLimit = 64;
constexpr std::size_t kJsonLimit = 64u << 10;

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

// CLI11 reads "-entries" as seven short flags.
std::vector<std::string> Arguments(CLI::App& app, int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& known : option->get_lnames()) {
        if (name == "-" + known) argument.insert(0, 1, '-');
      }
    }
  }
  return {arguments.rbegin(), arguments.rend()};  // the order that CLI::App::parse wants
}

// How every dump prints.
struct Printing {
  std::vector<std::string> files;
  bool json = false;
  std::size_t limit = 0;
  const CLI::Option* limit_option = nullptr;

  void Declare(CLI::App& app) {
    app.add_option("FILE", files, "one or more")->required();
    app.add_flag("--json", json, "one JSON object a line");
    const std::string what =
        fmt::format("bytes shown of a key or value ({}; {} with --json)", kTextLimit, kJsonLimit);
    limit_option = app.add_option("--limit", limit, what)->check(CLI::NonNegativeNumber);
  }
  std::string Print(const DumpLine& line) const {
    if (!json) return line.ToText(limit_option->empty() ? kTextLimit : limit);
    return ToJson(line, limit_option->empty() ? kJsonLimit : limit);
  }
};

// Dumps one file. The error is for stderr and says more than the lines do.
Status DumpFile(const DumpProgram& program, const Printing& printing, const std::string& file,
                Console& console) {
  RETURN_IF_ERROR(CheckIsFile(file));
  const auto problems = program.dump(PosixFileSystem(), file, [&](const DumpLine& line) {
    console.WriteLine(printing.Print(line));
  });
  RETURN_IF_ERROR(console.Flush());
  RETURN_IF_ERROR(problems);
  if (*problems == 0) return OkStatus();
  return Error(Code::kCorruption,
               fmt::format("{}: {} problem{}", file, *problems, *problems == 1 ? "" : "s"));
}

}  // namespace

int RunDumpProgram(const DumpProgram& program, int argc, char** argv, const char* version) {
  Printing printing;
  CLI::App app(program.about, program.name);
  app.footer(program.examples + kExitCodes);
  app.set_version_flag("--version", program.name + " " + version);
  AddManFlag(app, program.what, program.name + " " + version);
  program.declare(app);
  printing.Declare(app);
  try {
    app.parse(Arguments(app, argc, argv));
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    return Fail(program.name,
                Error(Code::kInvalidArgument, fmt::format("{}; see --help", e.what())));
  }

  Console console;
  ExitCode worst = kExitDone;
  for (const std::string& file : printing.files) {
    const Status dumped = DumpFile(program, printing, file, console);
    if (dumped.ok()) continue;
    const ExitCode code = Fail(program.name, dumped.error());
    // What the bytes are is damage, however it was noticed.
    const bool is_damage = code != kExitUsage && code != kExitIo;
    worst = std::max(worst, is_damage ? kExitNotFound : code);
    if (const Status printed = console.Flush(); !printed.ok()) return code;
  }
  return worst;
}

}  // namespace beachdb::tools
