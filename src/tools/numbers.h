// Numbers for people.
#pragma once

#include <cstdint>
#include <string>

namespace beachdb::tools {

// 1234567 as "1,234,567".
inline std::string Grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

// "1 file", "2 files"; "1 entry", "2 entries"; "1 key", "2 keys"; "1 loss", "2 losses".
inline std::string Counted(std::uint64_t number, std::string noun) {
  if (number != 1) {
    if (noun.ends_with('y') && !noun.ends_with("ey")) {
      noun.replace(noun.size() - 1, 1, "ie");
    } else if (noun.ends_with('s')) {
      noun += 'e';
    }
    noun += 's';
  }
  return Grouped(number) + " " + noun;
}

}  // namespace beachdb::tools
