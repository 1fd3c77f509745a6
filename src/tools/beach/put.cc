#include <chrono>

#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/json_writer.h"

namespace beachdb::tools {
namespace {

std::uint64_t SecondsFromNow(std::uint64_t seconds) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count()) +
         seconds;
}

}  // namespace

Outcome Put(const Common& common, const PutArguments& arguments, Console& console) {
  ASSIGN_OR_RETURN(const std::string key, ArgumentBytes(common, arguments.key));
  ASSIGN_OR_RETURN(const std::string value, ArgumentBytes(common, arguments.value));
  WriteBatch batch;
  if (arguments.if_absent) RETURN_IF_ERROR(batch.RequireAbsent(key));
  if (arguments.if_equals) {
    ASSIGN_OR_RETURN(const std::string expected, ArgumentBytes(common, *arguments.if_equals));
    RETURN_IF_ERROR(batch.RequireEqual(key, expected));
  }
  RETURN_IF_ERROR(arguments.expires_in
                      ? batch.PutExpiring(key, value, SecondsFromNow(*arguments.expires_in))
                      : batch.Put(key, value));
  ASSIGN_OR_RETURN(DatabaseUse db, OpenDatabase(common, IfMissing::kCreate));
  RETURN_IF_ERROR(db->Write(batch));
  RETURN_IF_ERROR(db.Close());
  if (common.json) console.WriteLine(JsonWriter().Number("put", 1).ToString());
  return kExitDone;
}

}  // namespace beachdb::tools
