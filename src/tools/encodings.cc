#include "tools/encodings.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/strings.h"

namespace beachdb::tools {
namespace {

constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::uint32_t Byte(char c) { return static_cast<unsigned char>(c); }

// Length of the sequence that begins `bytes`, or 0 if it is not well-formed (Unicode, table 3-7).
std::size_t SequenceLength(std::string_view bytes) {
  const std::uint32_t first = Byte(bytes[0]);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  std::uint32_t low = 0x80;  // what the second byte may be
  std::uint32_t high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
  } else {
    return 0;
  }
  if (bytes.size() < length || Byte(bytes[1]) < low || Byte(bytes[1]) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((Byte(bytes[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

std::optional<std::string> HexDecode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string Base64Encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = Byte(bytes[i]) << 16;
    if (n > 1) group |= Byte(bytes[i + 1]) << 8;
    if (n > 2) group |= Byte(bytes[i + 2]);
    for (std::size_t digit = 0; digit < 4; ++digit) {
      text.push_back(digit <= n ? kBase64Digits[(group >> (18 - 6 * digit)) & 63] : '=');
    }
  }
  return text;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::size_t digits = i + 4 == text.size() ? 4 - padding : 4;
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const std::size_t value = j < digits ? kBase64Digits.find(text[i + j]) : 0;
      if (value == std::string_view::npos) return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(value);
    }
    const std::size_t n = digits - 1;
    if ((group & ((1u << (24 - 8 * n)) - 1)) != 0) return std::nullopt;
    for (std::size_t j = 0; j < n; ++j) {
      bytes.push_back(static_cast<char>(group >> (16 - 8 * j) & 0xff));
    }
  }
  return bytes;
}

bool IsUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = SequenceLength(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string Readable(std::string_view bytes) {
  const bool controls = std::any_of(bytes.begin(), bytes.end(),
                                    [](char c) { return Byte(c) < 0x20 || Byte(c) == 0x7f; });
  if (!controls && IsUtf8(bytes)) return std::string(bytes);
  return EscapeBytes(bytes, bytes.size());
}

}  // namespace beachdb::tools
