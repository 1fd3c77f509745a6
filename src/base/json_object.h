// Writes one JSON object, field by field, in the order of the calls:
//
//   JsonObject().Add("job", job).Add("detail", detail).Text()
//
// By hand, because no allocation that fails and no byte of a key or of a path may end in anything
// but std::bad_alloc or a string: bytes are no Unicode, so what is not printable ASCII is escaped
// as in messages.
//
// Thread safety: none.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace beachdb {

class JsonObject {
 public:
  template <typename Value>
  requires std::is_arithmetic_v<Value> JsonObject& Add(std::string_view name, Value value) {
    if constexpr (std::same_as<Value, bool>) {
      return Raw(name, value ? "true" : "false");
    } else if constexpr (std::integral<Value>) {
      return Raw(name, std::to_string(value));
    } else {
      return Raw(name, Shortest(value));
    }
  }
  JsonObject& Add(std::string_view name, std::string_view bytes);
  JsonObject& Add(std::string_view name, const std::vector<std::uint64_t>& numbers);
  // `json` is a JSON value already.
  JsonObject& Raw(std::string_view name, std::string_view json);

  std::string Text() const { return text_.empty() ? "{}" : text_ + '}'; }

 private:
  // The fewest digits that read back as the same number.
  static std::string Shortest(double value);

  std::string text_;
};

// `bytes` as a JSON string, escaped as by Add.
std::string JsonText(std::string_view bytes);
// "[a,b]" of values that are JSON already.
std::string JsonArray(const std::vector<std::string>& values);

}  // namespace beachdb
