#include <cstdio>

#include <fmt/format.h>

#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/encodings.h"
#include "tools/json_writer.h"

namespace beachdb::tools {

Outcome Get(const Common& common, const GetArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const std::string key, ArgumentBytes(common, arguments.key));
  ASSIGN_OR_RETURN(DatabaseUse db, OpenToRead(common));
  ASSIGN_OR_RETURN(const auto value, db->Get(key));
  RETURN_IF_ERROR(db.Close());
  if (common.json) {
    JsonWriter json;
    json.Bytes("key", key).Bool("found", value.has_value());
    if (value) json.Bytes("value", *value);
    console.WriteLine(json.ToString());
  } else if (value) {
    console.Write(*value);
    if (!arguments.raw) console.Write("\n");
  } else {
    fmt::print(stderr, "beach: no such key: {}\n", Readable(key));
  }
  return value ? kExitDone : kExitNotFound;
}

}  // namespace beachdb::tools
