// The command line of `crash`: runs campaigns, replays artifacts, is the worker.
#pragma once

namespace beachdb::tools::crash {

// `program`: the path of this executable, for starting workers. Returns the exit code.
int RunCrash(int argc, char** argv, const char* version);

}  // namespace beachdb::tools::crash
