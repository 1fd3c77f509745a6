#include "tools/record_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "base/try.h"
#include "tools/encodings.h"
#include "tools/json_writer.h"

namespace beachdb::tools {
namespace {

Error Expected(std::string_view what, std::string_view found) {
  return {Code::kInvalidArgument, fmt::format("expected {}, found {}", what, found)};
}

// The bytes under `name`, or under `name`_base64; one of the two must be there. Counts the fields
// that it used.
Result<std::string> TakeField(const nlohmann::json& object, const std::string& name) {
  const auto plain = object.find(name);
  const auto encoded = object.find(name + "_base64");
  if ((plain == object.end()) == (encoded == object.end())) {
    return Expected(fmt::format("one field \"{0}\" or \"{0}_base64\"", name),
                    plain == object.end() ? "neither" : "both");
  }
  const nlohmann::json& field = plain != object.end() ? *plain : *encoded;
  if (!field.is_string()) {
    return Expected(fmt::format("a string for \"{}\"", name),
                    fmt::format("a JSON {}", field.type_name()));
  }
  const auto& text = field.get_ref<const std::string&>();
  if (plain != object.end()) return text;
  std::optional<std::string> bytes = Base64Decode(text);
  if (!bytes) return Expected(fmt::format("base64 in \"{}_base64\"", name), EscapeBytes(text));
  return std::move(*bytes);
}

// JSON that is deeply nested or huge is refused before it is built: a record is one flat object.
bool NestsTooDeep(std::string_view line) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > 1) return true;
    }
  }
  return false;
}

}  // namespace

std::string TsvEscape(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    switch (c) {
      case '\t':
        text += "\\t";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\\':
        text += "\\\\";
        break;
      default:
        text.push_back(c);
    }
  }
  return text;
}

Result<std::string> TsvUnescape(std::string_view text) {
  if (text.find('\\') == std::string_view::npos) return std::string(text);
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes.push_back(text[i]);
      continue;
    }
    constexpr std::string_view kNames = "tnr\\";
    constexpr std::string_view kMeanings = "\t\n\r\\";
    ++i;
    const std::size_t which = i < text.size() ? kNames.find(text[i]) : std::string_view::npos;
    if (which == std::string_view::npos) {
      return Expected("\\t, \\n, \\r or \\\\ after a backslash",
                      i < text.size() ? EscapeBytes(text.substr(i, 1)) : "the end of the field");
    }
    bytes.push_back(kMeanings[which]);
  }
  return bytes;
}

std::string ToTsvLine(std::string_view key, std::string_view value) {
  return TsvEscape(key) + '\t' + TsvEscape(value);
}

Result<TextRecord> ParseTsvLine(std::string_view line) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos || line.find('\t', tab + 1) != std::string_view::npos) {
    const auto tabs = std::count(line.begin(), line.end(), '\t');
    return Expected("KEY<tab>VALUE with one tab (a tab inside is written \\t)",
                    tabs == 0 ? "no tab" : fmt::format("{} tabs", tabs));
  }
  if (line.find('\r') != std::string_view::npos) {
    return Expected("\\r for a carriage return",
                    "a raw one (does the file have Windows line ends?)");
  }
  ASSIGN_OR_RETURN(std::string key, TsvUnescape(line.substr(0, tab)));
  ASSIGN_OR_RETURN(std::string value, TsvUnescape(line.substr(tab + 1)));
  return TextRecord{std::move(key), std::move(value), std::nullopt};
}

std::string ToJsonLine(std::string_view key, std::string_view value, std::uint64_t expires_at) {
  JsonWriter json;
  json.Bytes("key", key).Bytes("value", value);
  if (expires_at != 0) json.Number("expires_at", expires_at);
  return json.ToString();
}

Result<TextRecord> ParseJsonLine(std::string_view line) {
  constexpr std::string_view kWanted = R"({"key":"...","value":"..."} in UTF-8)";
  if (NestsTooDeep(line)) return Expected(kWanted, "nested JSON");
  const auto object = nlohmann::json::parse(line.begin(), line.end(), nullptr, false);
  if (object.is_discarded()) return Expected(kWanted, EscapeBytes(line, 40));
  if (!object.is_object()) return Expected(kWanted, fmt::format("a JSON {}", object.type_name()));
  ASSIGN_OR_RETURN(std::string key, TakeField(object, "key"));
  ASSIGN_OR_RETURN(std::string value, TakeField(object, "value"));
  const auto end = object.find("expires_at");
  if (object.size() != (end == object.end() ? 2 : 3)) {
    return Expected("only the fields of key and value, and perhaps \"expires_at\"",
                    fmt::format("{} fields", object.size()));
  }
  TextRecord record{std::move(key), std::move(value), std::nullopt};
  if (end != object.end()) {
    if (!end->is_number_unsigned()) {
      return Expected("seconds, a whole number, in \"expires_at\"", end->dump());
    }
    record.expires_at = end->get<std::uint64_t>();
  }
  return record;
}

}  // namespace beachdb::tools
