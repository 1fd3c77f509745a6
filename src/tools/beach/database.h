// What the verbs share: opening the database, and reading keys and values off the command line.
#pragma once

#include <string>

#include "beachdb/db.h"
#include "tools/beach/commands.h"

namespace beachdb::tools {

enum class IfMissing : std::uint8_t {
  kCreate,
  kRefuse,  // a verb that only looks must not leave a database behind: kInvalidArgument
};

Result<Db> OpenDatabase(const Common& common, IfMissing if_missing);

// A key, value or bound as the user gave it: text, or hex digits with --hex.
Result<std::string> ArgumentBytes(const Common& common, const std::string& text);

}  // namespace beachdb::tools
