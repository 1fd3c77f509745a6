// Bytes as text and back: hex and base64 (RFC 4648, padded), and the question whether bytes are
// text already.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace beachdb::tools {

// nullopt: an odd number of digits, or something that is no hex digit.
std::optional<std::string> HexDecode(std::string_view text);

std::string Base64Encode(std::string_view bytes);
// nullopt: wrong length, alphabet or padding, or bits set that no byte uses. So that every byte
// string has one text, and every text at most one byte string.
std::optional<std::string> Base64Decode(std::string_view text);

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view bytes);

// For people: text as it is if it is UTF-8 without control characters, else escaped as \xNN.
std::string Readable(std::string_view bytes);

}  // namespace beachdb::tools
