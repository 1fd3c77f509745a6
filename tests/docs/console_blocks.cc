#include "tests/docs/console_blocks.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace beachdb {
namespace {

constexpr std::string_view kAny = "...";
constexpr std::string_view kFence = "```console";

struct Command {
  int line = 0;
  std::string text;
  std::vector<std::string> shown;
};

std::vector<std::string> LinesOf(std::istream& in) {
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<Command> CommandsOf(const std::filesystem::path& page) {
  std::ifstream in(page);
  std::vector<Command> commands;
  bool inside = false;
  int number = 0;
  for (const std::string& line : LinesOf(in)) {
    ++number;
    if (!inside) {
      inside = line == kFence;
    } else if (line == "```") {
      inside = false;
    } else if (line.starts_with("$ ")) {
      commands.push_back({number, line.substr(2), {}});
    } else if (!commands.empty()) {
      commands.back().shown.push_back(line);
    }
  }
  return commands;
}

// "..." within a line: any text.
bool LineMatches(std::string_view shown, std::string_view found) {
  const std::size_t any = shown.find(kAny);
  if (any == std::string_view::npos) return shown == found;
  if (!found.starts_with(shown.substr(0, any))) return false;
  const std::string_view rest = shown.substr(any + kAny.size());
  for (std::size_t at = any; at <= found.size(); ++at) {
    if (LineMatches(rest, found.substr(at))) return true;
  }
  return false;
}

bool MatchesFrom(const std::vector<std::string>& shown, std::size_t i,
                 const std::vector<std::string>& found, std::size_t j) {
  if (i == shown.size()) return j == found.size();
  if (shown[i] == kAny) {
    for (std::size_t k = j; k <= found.size(); ++k) {
      if (MatchesFrom(shown, i + 1, found, k)) return true;
    }
    return false;
  }
  return j < found.size() && LineMatches(shown[i], found[j]) &&
         MatchesFrom(shown, i + 1, found, j + 1);
}

std::string Quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4) {
    text.replace(at, 1, "'\\''");
  }
  return "'" + text + "'";
}

// What the shell prints for it; the exit code is for the page to show, if it matters.
std::vector<std::string> Run(const std::string& command, const std::filesystem::path& programs,
                             const std::filesystem::path& directory) {
  const std::string line =
      fmt::format("cd {} && PATH={}:$PATH && export PATH && {{ {}\n}} 2>&1",
                  Quoted(directory.string()), Quoted(programs.string()), command);
  std::FILE* pipe = ::popen(line.c_str(), "r");
  if (pipe == nullptr) return {"popen failed"};
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), got);
  }
  ::pclose(pipe);
  std::istringstream in(output);
  return LinesOf(in);
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "    " + line + "\n";
  return text;
}

}  // namespace

bool Matches(const std::vector<std::string>& shown, const std::vector<std::string>& found) {
  return MatchesFrom(shown, 0, found, 0);
}

std::vector<std::filesystem::path> PagesWithConsoleBlocks(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> pages = {root / "README.md"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  std::erase_if(pages, [](const auto& page) { return CommandsOf(page).empty(); });
  std::sort(pages.begin(), pages.end());
  return pages;
}

ConsoleOutcome RunConsoleBlocks(const std::filesystem::path& page,
                                const std::filesystem::path& programs,
                                const std::filesystem::path& directory) {
  ConsoleOutcome outcome;
  for (const Command& command : CommandsOf(page)) {
    ++outcome.commands;
    const std::vector<std::string> found = Run(command.text, programs, directory);
    if (Matches(command.shown, found)) continue;
    outcome.faults.push_back(fmt::format("{}:{}: $ {}\n  prints\n{}  instead of\n{}",
                                         page.filename().string(), command.line, command.text,
                                         Joined(found), Joined(command.shown)));
  }
  return outcome;
}

}  // namespace beachdb
