#include "base/try.h"
#include "tools/beach/database.h"

namespace beachdb::tools {

Outcome PrintStats(const Common& common, Console& console) {
  ASSIGN_OR_RETURN(DatabaseUse db, OpenToRead(common));
  const Stats stats = db->GetStats();
  RETURN_IF_ERROR(db.Close());
  std::string text = common.json ? stats.ToJson() : stats.ToString();
  while (text.ends_with('\n')) text.pop_back();
  console.WriteLine(text);
  return kExitDone;
}

}  // namespace beachdb::tools
