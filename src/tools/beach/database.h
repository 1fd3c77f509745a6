// What the verbs share: opening the database, and reading keys and values off the command line.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "beachdb/db.h"
#include "tools/beach/commands.h"

namespace beachdb::tools {

enum class IfMissing : std::uint8_t {
  kCreate,
  kRefuse,  // a verb that only looks must not leave a database behind: kInvalidArgument
};

// What a verb works on: a database that it has opened, or the one that the repl keeps open.
class DatabaseUse {
 public:
  explicit DatabaseUse(Db own) : own_(std::move(own)) {}
  explicit DatabaseUse(Db* kept) : kept_(kept) {}

  Db& operator*() { return own_ ? *own_ : *kept_; }
  Db* operator->() { return &**this; }
  // The end of the verb: one of its own is closed.
  Status Close() { return own_ ? own_->Close() : OkStatus(); }

 private:
  std::optional<Db> own_;
  Db* kept_ = nullptr;
};

// What the repl keeps open, from the first verb that needs it on.
struct KeptDatabase {
  std::optional<Db> db;
};

// To change it. kInvalidArgument: --read-only was given.
Result<DatabaseUse> OpenDatabase(const Common& common, IfMissing if_missing);
// To look into it: read-only when another process has it open, or with --read-only; otherwise as
// any program opens it, and what a crash has left is recovered.
Result<DatabaseUse> OpenToRead(const Common& common);

// A key, value or bound as the user gave it: text, or hex digits with --hex.
Result<std::string> ArgumentBytes(const Common& common, const std::string& text);

}  // namespace beachdb::tools
