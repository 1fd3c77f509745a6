#include "base/json_object.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace beachdb {

JsonObject& JsonObject::Add(std::string_view name, std::string_view bytes) {
  return Raw(name, JsonText(bytes));
}

JsonObject& JsonObject::Add(std::string_view name, const std::vector<std::uint64_t>& numbers) {
  std::string array = "[";
  for (const std::uint64_t number : numbers) {
    if (array.size() > 1) array += ',';
    array += std::to_string(number);
  }
  return Raw(name, array + ']');
}

JsonObject& JsonObject::Raw(std::string_view name, std::string_view json) {
  text_ += text_.empty() ? '{' : ',';
  text_ += '"';
  text_ += name;
  text_ += "\":";
  text_ += json;
  return *this;
}

std::string JsonObject::Shortest(double value) { return fmt::format("{}", value); }

std::string JsonText(std::string_view bytes) {
  std::string quoted = "\"";
  for (const char c : EscapeBytes(bytes, bytes.size() * 4)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string JsonArray(const std::vector<std::string>& values) {
  std::string array = "[";
  for (const std::string& value : values) {
    if (array.size() > 1) array += ',';
    array += value;
  }
  return array + ']';
}

}  // namespace beachdb
