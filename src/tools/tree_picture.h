// The levels of a database as a picture for the terminal: for each level how full it is, where in
// the key space its files lie, and what they hold.
//
//   L1  [######..............]  24.1 MiB of 80.0 MiB, 3 files, 210,000 entries
//       |=======-----------========                |
//       000012.sst     8.0 MiB      70,000 entries  0041 .. 1F600
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "beachdb/stats.h"

namespace beachdb::tools {

enum class Ink : std::uint8_t {
  kPlain,     // ASCII without colour: files, pipes, tests
  kTerminal,  // block characters and colour
};

struct PictureOptions {
  std::size_t width = 80;  // columns; no line is longer, but for widths below 50
  Ink ink = Ink::kPlain;
};

std::string TreePicture(const Stats& stats, const PictureOptions& options);

// The same for programs: one JSON object with the levels and their files.
std::string TreeJson(const Stats& stats);

}  // namespace beachdb::tools
