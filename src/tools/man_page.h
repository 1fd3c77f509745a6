// The manual page of a program (section 1, man macros), out of the description that --help prints.
#pragma once

#include <string>
#include <string_view>

#include "tools/command_model.h"

namespace CLI {  // NOLINT(readability-identifier-naming): theirs
class App;
}  // namespace CLI

namespace beachdb::tools {

// `what`: the NAME section's half sentence. `version`: "beach 0.1.0". Deterministic: no date.
std::string ManPage(const CommandModel& program, std::string_view what, std::string_view version);

// Adds the hidden flag --man, which prints the page and ends the program; the build calls it.
void AddManFlag(CLI::App& app, std::string what, std::string version);

}  // namespace beachdb::tools
