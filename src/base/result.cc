#include "beachdb/result.h"

namespace beachdb {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return "invalid argument";
    case Code::kCorruption:
      return "corruption";
    case Code::kIoError:
      return "I/O error";
    case Code::kNoSpace:
      return "no space";
    case Code::kBusy:
      return "busy";
    case Code::kConflict:
      return "conflict";
    case Code::kNotSupported:
      return "not supported";
    case Code::kShutDown:
      return "shut down";
  }
  return "unknown error";
}

std::string Error::ToString() const {
  std::string text(CodeName(code_));
  text += ": ";
  text += *message_;
  return text;
}

Error Error::WithContext(std::string_view context) const {
  std::string text(context);
  text += *message_;
  return Error(code_, std::move(text));
}

}  // namespace beachdb
