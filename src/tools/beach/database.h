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

// To change it. kInvalidArgument: --read-only was given.
Result<Db> OpenDatabase(const Common& common, IfMissing if_missing);
// To look into it: read-only when another process has it open, or with --read-only; otherwise as
// any program opens it, and what a crash has left is recovered.
Result<Db> OpenToRead(const Common& common);

// A key, value or bound as the user gave it: text, or hex digits with --hex.
Result<std::string> ArgumentBytes(const Common& common, const std::string& text);

}  // namespace beachdb::tools
