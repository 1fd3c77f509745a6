#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/json_writer.h"

namespace beachdb::tools {

Outcome DeleteRange(const Common& common, const DeleteRangeArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const std::string from, ArgumentBytes(common, arguments.from));
  ASSIGN_OR_RETURN(const std::string to, ArgumentBytes(common, arguments.to));
  WriteBatch batch;
  RETURN_IF_ERROR(batch.DeleteRange(from, to));  // before the database is touched
  ASSIGN_OR_RETURN(DatabaseUse db, OpenDatabase(common, IfMissing::kRefuse));
  RETURN_IF_ERROR(db->Write(batch));
  RETURN_IF_ERROR(db.Close());
  if (common.json) console.WriteLine(JsonWriter().Number("ranges_deleted", 1).ToString());
  return kExitDone;
}

}  // namespace beachdb::tools
