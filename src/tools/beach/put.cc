#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/json_writer.h"

namespace beachdb::tools {

Outcome Put(const Common& common, const PutArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const std::string key, ArgumentBytes(common, arguments.key));
  ASSIGN_OR_RETURN(const std::string value, ArgumentBytes(common, arguments.value));
  ASSIGN_OR_RETURN(DatabaseUse db, OpenDatabase(common, IfMissing::kCreate));
  RETURN_IF_ERROR(db->Put(key, value));
  RETURN_IF_ERROR(db.Close());
  if (common.json) console.WriteLine(JsonWriter().Number("put", 1).ToString());
  return kExitDone;
}

}  // namespace beachdb::tools
