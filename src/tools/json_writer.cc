#include "tools/json_writer.h"

#include <fmt/format.h>

#include "tools/encodings.h"

namespace beachdb::tools {

std::string JsonQuote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
  return out;
}

void JsonWriter::Name(std::string_view name) {
  if (text_.size() > 1) text_.push_back(',');
  text_ += JsonQuote(name);
  text_.push_back(':');
}

JsonWriter& JsonWriter::Bytes(std::string_view name, std::string_view bytes) {
  if (IsUtf8(bytes)) {
    Name(name);
    text_ += JsonQuote(bytes);
  } else {
    Name(std::string(name) + "_base64");
    text_ += JsonQuote(Base64Encode(bytes));
  }
  return *this;
}

JsonWriter& JsonWriter::Number(std::string_view name, std::uint64_t number) {
  return Raw(name, std::to_string(number));
}

JsonWriter& JsonWriter::Bool(std::string_view name, bool value) {
  return Raw(name, value ? "true" : "false");
}

JsonWriter& JsonWriter::Raw(std::string_view name, std::string_view json) {
  Name(name);
  text_ += json;
  return *this;
}

}  // namespace beachdb::tools
