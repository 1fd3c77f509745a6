// How the programs end. `beach --help` and docs print this table; scripts rely on it.
#pragma once

#include "beachdb/result.h"

namespace beachdb::tools {

enum ExitCode : int {
  kExitDone = 0,
  kExitNotFound = 1,      // the key is absent; a check failed; a file is damaged (dump programs)
  kExitUsage = 2,         // the command line or the input file is wrong; there is no database there
  kExitCorruption = 3,    // bytes of the database are not what was written
  kExitIo = 4,            // the operating system failed, or the disk is full
  kExitBusy = 5,          // another process has the database open
  kExitNotSupported = 6,  // the files are of a newer version
};

ExitCode ExitCodeOf(Code code);

// Prints "program: message" as one line on stderr.
ExitCode Fail(std::string_view program, const Error& error);

}  // namespace beachdb::tools
