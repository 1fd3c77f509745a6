// What the "hex" lines of a dump (format/dump_line.h) have shown, put together again: so a test can
// compare it with the bytes of the file. Header-only, for the tests of any layer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace beachdb {

// The hex digits of all bytes shown in `lines`, the text of a dump. Fails the test when the lines
// do not follow each other without a gap from `offset` on.
inline std::string HexShown(const std::vector<std::string>& lines, std::uint64_t offset) {
  constexpr std::size_t kOffsetDigits = 8;
  constexpr std::size_t kBytesAt = kOffsetDigits + 2;
  std::string hex;
  for (const std::string& line : lines) {
    if (line.size() <= kBytesAt || line[kOffsetDigits] != ':') continue;
    EXPECT_EQ(std::stoul(line.substr(0, kOffsetDigits), nullptr, 16), offset + hex.size() / 2)
        << line;
    const std::string bytes = line.substr(kBytesAt, line.find(" |") - kBytesAt);
    if (bytes.find("times") != std::string::npos) {
      hex += std::string(2 * std::stoul(bytes.substr(bytes.find('(') + 1)), '0');
      continue;
    }
    for (const char c : bytes) {
      if (c != ' ') hex += c;
    }
  }
  return hex;
}

}  // namespace beachdb
