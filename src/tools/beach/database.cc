#include "tools/beach/database.h"

#include <cstdio>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "format/file_names.h"
#include "io/file_system.h"
#include "tools/encodings.h"

namespace beachdb::tools {

namespace {

Result<Db> OpenAnew(const Common& common, IfMissing if_missing) {
  if (if_missing == IfMissing::kRefuse) {
    ASSIGN_OR_RETURN(const bool exists,
                     PosixFileSystem().Exists(JoinPath(common.directory, kCurrentName)));
    if (!exists) {
      return Error(
          Code::kInvalidArgument,
          fmt::format("{} holds no database: the verbs put and load make one", common.directory));
    }
  }
  Options options;
  options.create_if_missing = if_missing == IfMissing::kCreate;
  options.log = [](LogLevel level, std::string_view line) {
    if (level >= LogLevel::kWarning) fmt::print(stderr, "beach: note: {}\n", line);
  };
  return Db::Open(common.directory, options);
}

}  // namespace

Result<DatabaseUse> OpenDatabase(const Common& common, IfMissing if_missing) {
  KeptDatabase* kept = common.kept;
  if (kept != nullptr && kept->db) return DatabaseUse(&*kept->db);
  ASSIGN_OR_RETURN(Db db, OpenAnew(common, if_missing));
  if (kept == nullptr) return DatabaseUse(std::move(db));
  kept->db.emplace(std::move(db));
  return DatabaseUse(&*kept->db);
}

Result<std::string> ArgumentBytes(const Common& common, const std::string& text) {
  if (!common.hex) return text;
  std::optional<std::string> bytes = HexDecode(text);
  if (!bytes) {
    return Error(Code::kInvalidArgument,
                 fmt::format("--hex wants pairs of hex digits, found '{}'", EscapeBytes(text)));
  }
  return std::move(*bytes);
}

}  // namespace beachdb::tools
