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

Options OptionsOf(IfMissing if_missing) {
  Options options;
  options.create_if_missing = if_missing == IfMissing::kCreate;
  options.log = [](LogLevel level, std::string_view line) {
    if (level >= LogLevel::kWarning) fmt::print(stderr, "beach: note: {}\n", line);
  };
  return options;
}

Status RefuseMissing(const Common& common) {
  ASSIGN_OR_RETURN(const bool exists,
                   PosixFileSystem().Exists(JoinPath(common.directory, kCurrentName)));
  if (exists) return OkStatus();
  return Error(
      Code::kInvalidArgument,
      fmt::format("{} holds no database: the verbs put and load make one", common.directory));
}

Result<Db> OpenToChange(const Common& common, IfMissing if_missing) {
  if (common.read_only) {
    return Error(Code::kInvalidArgument,
                 "this verb changes the database: leave out --read-only, or use another verb");
  }
  if (if_missing == IfMissing::kRefuse) RETURN_IF_ERROR(RefuseMissing(common));
  return Db::Open(common.directory, OptionsOf(if_missing));
}

Result<Db> OpenToLook(const Common& common) {
  RETURN_IF_ERROR(RefuseMissing(common));
  const Options options = OptionsOf(IfMissing::kRefuse);
  if (!common.read_only) {
    auto db = Db::Open(common.directory, options);
    if (db.ok() || db.error().code() != Code::kBusy) return db;
  }
  return Db::OpenReadOnly(common.directory, options);
}

// The one that is kept, or what `open` opens.
template <typename Open>
Result<DatabaseUse> Use(const Common& common, Open open) {
  KeptDatabase* kept = common.kept;
  if (kept != nullptr && kept->db) return DatabaseUse(&*kept->db);
  ASSIGN_OR_RETURN(Db db, open());
  if (kept == nullptr) return DatabaseUse(std::move(db));
  kept->db.emplace(std::move(db));
  return DatabaseUse(&*kept->db);
}

}  // namespace

Result<DatabaseUse> OpenDatabase(const Common& common, IfMissing if_missing) {
  return Use(common, [&] { return OpenToChange(common, if_missing); });
}

Result<DatabaseUse> OpenToRead(const Common& common) {
  return Use(common, [&] { return OpenToLook(common); });
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
