// The command line of `beach`: reads it, runs the verb, prints what went wrong.
#pragma once

namespace beachdb::tools {

// `version` is printed by --version. Returns the exit code of the process (exit_code.h).
int RunBeach(int argc, char** argv, const char* version);

}  // namespace beachdb::tools
