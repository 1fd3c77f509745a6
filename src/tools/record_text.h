// One record as one line of text, both ways: TSV and JSON lines, what `beach scan` writes and
// `beach load` reads. Any key and value survives the round trip.
//
//   TSV     KEY <tab> VALUE, where \t \n \r \\ stand for tab, newline, carriage return, backslash;
//           all other bytes stand for themselves
//   JSONL   {"key":"conch","value":"spiral"}; bytes that are no UTF-8 stand as base64 under the
//           name with "_base64" added: {"key_base64":"/w==","value":""}
//           a value with an end says when, in seconds: {"key":"..","value":"..","expires_at":9}
//
// TSV has no place for the end of a value.
//
// Errors: kInvalidArgument says what was expected and what was found. A line is taken as a whole
// or not at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb::tools {

struct TextRecord {
  std::string key;
  std::string value;
  std::optional<std::uint64_t> expires_at;
};

std::string TsvEscape(std::string_view bytes);
Result<std::string> TsvUnescape(std::string_view text);

// Without the newline at the end.
std::string ToTsvLine(std::string_view key, std::string_view value);
Result<TextRecord> ParseTsvLine(std::string_view line);

// `expires_at` 0: never.
std::string ToJsonLine(std::string_view key, std::string_view value, std::uint64_t expires_at);
Result<TextRecord> ParseJsonLine(std::string_view line);

}  // namespace beachdb::tools
