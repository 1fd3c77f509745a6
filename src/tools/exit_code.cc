#include "tools/exit_code.h"

#include <algorithm>
#include <cstdio>
#include <string>

namespace beachdb::tools {

ExitCode ExitCodeOf(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return kExitUsage;
    case Code::kCorruption:
      return kExitCorruption;
    case Code::kIoError:
    case Code::kNoSpace:
    case Code::kShutDown:  // read-only after a failed sync
      return kExitIo;
    case Code::kBusy:
      return kExitBusy;
    case Code::kConflict:
      return kExitNotFound;
    case Code::kNotSupported:
      return kExitNotSupported;
  }
  return kExitIo;
}

ExitCode Fail(std::string_view program, const Error& error) {
  // A message of several lines would be read as several errors.
  std::string line = error.message();
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(program.size()), program.data(),
               line.c_str());
  return ExitCodeOf(error.code());
}

}  // namespace beachdb::tools
