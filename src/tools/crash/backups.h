// Backups under fire: what a worker does for OpKind::kBackup, and what must hold of all that such
// operations have left, wherever they died.
//
// Beside the database `new/db` there are the repository `new/db-backups` and a directory
// `new/db-restored-<op>` for each restore.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "beachdb/db.h"
#include "beachdb/result.h"

namespace beachdb::tools::crash {

// Adds a backup, prunes all others, and restores it into a directory of its own.
Status BackUp(Db& db, const std::string& directory, std::uint64_t op);

// Every backup is whole, and the newest restores; a restored directory is a sound database, or none
// at all. Removes the restored directories. One line per fault.
std::vector<std::string> FaultsOfBackups(const std::string& directory, const Options& options);

}  // namespace beachdb::tools::crash
