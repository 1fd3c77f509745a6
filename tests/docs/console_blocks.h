// Runs the console blocks of a page and holds what they print against what the page shows.
//
//   ```console
//   $ a command line, for a shell
//   what it prints, stderr included
//   ```
//
// The blocks of one page run in order in one empty directory, with the programs of this build first
// in the PATH. In what is printed "..." stands for any text within the line, and a line of "..."
// alone for any number of lines.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace beachdb {

// The pages below `root` that have such blocks: README.md and docs/.
std::vector<std::filesystem::path> PagesWithConsoleBlocks(const std::filesystem::path& root);

struct ConsoleOutcome {
  int commands = 0;
  std::vector<std::string> faults;  // "page:line: ...", with what was printed
};

// `directory` is empty, and holds what the commands made afterwards.
ConsoleOutcome RunConsoleBlocks(const std::filesystem::path& page,
                                const std::filesystem::path& programs,
                                const std::filesystem::path& directory);

// Whether `found` is what `shown` stands for; both of whole lines.
bool Matches(const std::vector<std::string>& shown, const std::vector<std::string>& found);

}  // namespace beachdb
