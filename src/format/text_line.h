// A file of one line that ends in its own checksum: CURRENT and IDENTITY, which people open in an
// editor and scripts read with `cat`.
//
//   <words> <8 lower-case hex digits: CRC-32C of the words>\n
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb {

inline constexpr std::size_t kTextLineSizeMax = 256;  // bytes, newline included

// REQUIRES: no newline in `words`, and the line fits into kTextLineSizeMax.
std::string EncodeTextLine(std::string_view words);
// The words. kCorruption: too long, no single line, or the checksum does not match; the message
// begins with `what`, the name of the file.
Result<std::string> DecodeTextLine(std::string_view contents, std::string_view what);

}  // namespace beachdb
