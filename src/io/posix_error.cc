#include "io/posix_error.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace beachdb {

Error PosixError(std::string_view what, int error_number) {
  std::string message(what);
  message += ": ";
  message += std::generic_category().message(error_number);
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return Error(Code::kNoSpace, std::move(message));
    case EMFILE:
      message += " (the limit of this process: raise it with ulimit -n)";
      break;
    case ENFILE:
      message += " (the limit of the whole system: raise fs.file-max with sysctl)";
      break;
    default:
      break;
  }
  return Error(Code::kIoError, std::move(message));
}

}  // namespace beachdb
