#include <fmt/format.h>

#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/encodings.h"
#include "tools/json_writer.h"
#include "tools/numbers.h"

namespace beachdb::tools {

Outcome Checkpoint(const Common& common, const CheckpointArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(DatabaseUse db, OpenDatabase(common, IfMissing::kRefuse));
  RETURN_IF_ERROR(db->Checkpoint(arguments.directory));
  const std::uint64_t files = db->GetStats().tables.size();
  RETURN_IF_ERROR(db.Close());
  if (common.json) {
    console.WriteLine(
        JsonWriter().Bytes("directory", arguments.directory).Number("files", files).ToString());
  } else {
    console.WriteLine(fmt::format("checkpoint of {} in {}", Counted(files, "file"),
                                  Readable(arguments.directory)));
  }
  return kExitDone;
}

}  // namespace beachdb::tools
