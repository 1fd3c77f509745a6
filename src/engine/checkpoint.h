// Db::Checkpoint: a second database that shares the first one's table files.
//
// Steps, each durable before the next that relies on it:
//   1. the directory and its name (MakeDirectory)
//   2. a hard link for every table of one version, and for IDENTITY; the files are pinned meanwhile
//   3. a MANIFEST that begins with that version; with its name those of the links become durable
//   4. CURRENT: from here on it is a database
// A crash before the last step leaves a directory that no open takes for a database.
//
// Both databases have one identity, and number new files alike: a table of the one is never to be
// put into the other.
#pragma once

#include <string>

#include "beachdb/result.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"

namespace beachdb {

// What is in tables; the caller flushes what else must be in it. kInvalidArgument: the directory
// holds something. On an error the links that were made are gone again.
Status MakeCheckpoint(EngineContext& context, LsmTree& tree, const std::string& directory);

}  // namespace beachdb
