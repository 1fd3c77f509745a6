// IDENTITY: the UUID of the database, which stands in the header of every file that it writes.
// Specified in docs/formats/identity.md.
//
//   beachdb-identity 1 <UUID, 8-4-4-4-12> <8 hex digits: CRC-32C of what is before>\n
//
// Written once, when the database is created, and never changed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "beachdb/result.h"
#include "format/file_header.h"

namespace beachdb {

// A new identity out of 128 random bits, marked as a random UUID (RFC 9562, version 4).
DatabaseId MakeDatabaseId(std::uint64_t random_high, std::uint64_t random_low);

std::string EncodeIdentity(const DatabaseId& id);
// kCorruption says what was wanted and what was found; kNotSupported: a newer version of the line.
Result<DatabaseId> DecodeIdentity(std::string_view contents);

}  // namespace beachdb
