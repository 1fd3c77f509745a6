// CRC-32C (Castagnoli), by ISA-L: the checksum of every byte on disk.
#pragma once

#include <cstdint>
#include <string_view>

namespace beachdb::crc32c {

// The CRC of the bytes whose CRC so far is `crc`, followed by `data`. Extend(0, d) is the CRC of d.
std::uint32_t Extend(std::uint32_t crc, std::string_view data);
inline std::uint32_t Value(std::string_view data) { return Extend(0, data); }

}  // namespace beachdb::crc32c
