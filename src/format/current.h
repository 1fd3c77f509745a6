// CURRENT: the one file of a fixed name that says which MANIFEST is alive.
// Specified in docs/formats/current.md.
//
//   MANIFEST-000009 <8 hex digits: CRC-32C of the name>\n
//
// It is replaced by writing CURRENT.tmp, syncing it, renaming it over CURRENT and syncing the
// directory, so that after a crash it is the old line or the new one, never a mixture.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/result.h"

namespace beachdb {

std::string EncodeCurrent(std::uint64_t manifest_number);
// The number of the manifest. kCorruption says what was wanted and what was found.
Result<std::uint64_t> DecodeCurrent(std::string_view contents);

}  // namespace beachdb
