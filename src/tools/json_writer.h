// Builds one flat JSON object, field by field, in the order of the calls:
//
//   JsonWriter().Bytes("key", key).Bool("found", true).ToString()
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace beachdb::tools {

class JsonWriter {
 public:
  // Text as it is; anything else as base64 under `name`_base64.
  JsonWriter& Bytes(std::string_view name, std::string_view bytes);
  JsonWriter& Number(std::string_view name, std::uint64_t number);
  JsonWriter& Bool(std::string_view name, bool value);
  // `json` is a JSON value already.
  JsonWriter& Raw(std::string_view name, std::string_view json);

  std::string ToString() const { return text_ + "}"; }

 private:
  void Name(std::string_view name);

  std::string text_ = "{";
};

// A JSON string, quotes included. REQUIRES: IsUtf8(text).
std::string JsonQuote(std::string_view text);

}  // namespace beachdb::tools
