// The part of Stats that a version knows by itself: what lies in each level and in each table.
// Shared by an open database and by tools that look at one from outside.
//
// Thread safety: pure functions.
#pragma once

#include "beachdb/stats.h"
#include "compaction/level_shape.h"
#include "manifest/version.h"

namespace beachdb {

// Fills in `levels`, but for their work, and `tables`.
void AddTree(const Version& version, const LevelShape& shape, Stats& stats);

}  // namespace beachdb
