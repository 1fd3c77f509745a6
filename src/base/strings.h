// Bytes for people: keys in messages, sizes, durations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace beachdb {

// Printable ASCII as it is, the rest as \xNN (backslash as \\), cut to `limit` bytes with "...".
std::string EscapeBytes(std::string_view bytes, std::size_t limit = 64);
// "0a1bff"
std::string HexEncode(std::string_view bytes);
// "1.5 MiB"
std::string FormatBytes(std::uint64_t bytes);

}  // namespace beachdb
