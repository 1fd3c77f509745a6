// What the operating system said, as an Error.
#pragma once

#include <string_view>

#include "beachdb/result.h"

namespace beachdb {

// "pwrite 000007.sst at offset 4096 (8192 bytes): No space left on device", given everything up to
// the colon. kNoSpace for ENOSPC and EDQUOT, kIoError for the rest; adds the remedy where there is
// one that the system's own words do not suggest.
Error PosixError(std::string_view what, int error_number);

}  // namespace beachdb
