// The command line of `beach`: reads it, runs the verb, prints what went wrong.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/beach/commands.h"
#include "tools/console.h"
#include "tools/exit_code.h"

namespace CLI {  // NOLINT(readability-identifier-naming): theirs
class App;
}  // namespace CLI

namespace beachdb::tools {

// `version` is printed by --version. Returns the exit code of the process (exit_code.h).
int RunBeach(int argc, char** argv, const char* version);

// Runs one command of a session: `words` as they would stand behind "beach --db DIR".
ExitCode RunInSession(const Common& session, const std::vector<std::string>& words,
                      Console& console);

// Calls `look` with everything that the command line can say.
void DescribeBeach(const std::function<void(const CLI::App& app)>& look);

}  // namespace beachdb::tools
