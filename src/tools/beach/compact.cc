#include <fmt/format.h>

#include "base/strings.h"
#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/json_writer.h"
#include "tools/numbers.h"

namespace beachdb::tools {
namespace {

struct Size {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

Size SizeOf(const Stats& stats) {
  Size size;
  for (const TableStats& table : stats.tables) {
    ++size.files;
    size.bytes += table.bytes;
  }
  return size;
}

}  // namespace

Outcome Compact(const Common& common, const CompactArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const std::string from, ArgumentBytes(common, arguments.from));
  ASSIGN_OR_RETURN(const std::string to, ArgumentBytes(common, arguments.to));
  ASSIGN_OR_RETURN(DatabaseUse db, OpenDatabase(common, IfMissing::kRefuse));
  const Size before = SizeOf(db->GetStats());
  RETURN_IF_ERROR(db->CompactRange(from, to));
  const Size after = SizeOf(db->GetStats());
  RETURN_IF_ERROR(db.Close());
  if (common.json) {
    console.WriteLine(JsonWriter()
                          .Number("files_before", before.files)
                          .Number("bytes_before", before.bytes)
                          .Number("files_after", after.files)
                          .Number("bytes_after", after.bytes)
                          .ToString());
  } else {
    console.WriteLine(fmt::format("compacted: {}, {} -> {}, {}", Counted(before.files, "file"),
                                  FormatBytes(before.bytes), Counted(after.files, "file"),
                                  FormatBytes(after.bytes)));
  }
  return kExitDone;
}

}  // namespace beachdb::tools
