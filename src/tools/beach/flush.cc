#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/json_writer.h"
#include "tools/numbers.h"

namespace beachdb::tools {

Outcome Flush(const Common& common, Console& console) {
  ASSIGN_OR_RETURN(DatabaseUse db, OpenDatabase(common, IfMissing::kRefuse));
  RETURN_IF_ERROR(db->Flush());
  const std::uint64_t files = db->GetStats().tables.size();
  RETURN_IF_ERROR(db.Close());
  if (common.json) {
    console.WriteLine(JsonWriter().Bool("flushed", true).Number("files", files).ToString());
  } else {
    console.WriteLine("flushed: all data is in " + Counted(files, "table file"));
  }
  return kExitDone;
}

}  // namespace beachdb::tools
