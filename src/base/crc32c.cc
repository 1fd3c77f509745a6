#include "base/crc32c.h"

#include <algorithm>

#include <isa-l/crc.h>

namespace beachdb::crc32c {

std::uint32_t Extend(std::uint32_t crc, std::string_view data) {
  // ISA-L takes an int as the length, inverts neither the initial nor the final value (standard
  // CRC-32C inverts both), and does not write to the buffer that it takes as mutable.
  constexpr std::size_t kPieceMax = 1u << 30;
  crc = ~crc;
  while (!data.empty()) {
    const std::size_t piece = std::min(data.size(), kPieceMax);
    auto* bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(data.data()));
    crc = crc32_iscsi(bytes, static_cast<int>(piece), crc);
    data.remove_prefix(piece);
  }
  return ~crc;
}

}  // namespace beachdb::crc32c
