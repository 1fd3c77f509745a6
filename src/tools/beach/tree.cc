#include "base/try.h"
#include "tools/beach/database.h"
#include "tools/tree_picture.h"

namespace beachdb::tools {

Outcome PrintTree(const Common& common, Console& console) {
  ASSIGN_OR_RETURN(Db db, OpenDatabase(common, IfMissing::kRefuse));
  const Stats stats = db.GetStats();
  RETURN_IF_ERROR(db.Close());
  if (common.json) {
    console.WriteLine(TreeJson(stats));
  } else {
    console.Write(
        TreePicture(stats, {.width = console.width(),
                            .ink = console.out_is_terminal() ? Ink::kTerminal : Ink::kPlain}));
  }
  return kExitDone;
}

}  // namespace beachdb::tools
