// Holds the tables of a version against each other, entry by entry:
//
//   - in a level below 0 keys rise from file to file, so no key is in two of them;
//   - of one user key, every version in a shallower place is newer than every one in a deeper one
//     (manifest/version.h, invariant 3): a reader that stops at the first place it finds is right;
//   - a range tombstone above a key's version is newer than it, one below is older, because readers
//     stop at range tombstones, too; within a run any order is right;
//   - no seqno is used twice for a key.
//
// What is wrong inside one file is told by Table::Verify; a table whose blocks cannot be read is
// left out here from the first bad one on.
//
// Memory: a block of every table of level 0 and of one table of each deeper level.
#pragma once

#include <functional>

#include "beachdb/db.h"
#include "engine/read_state.h"
#include "manifest/file_metadata.h"

namespace beachdb {

// Adds one line to the report for each pair of files that contradict each other. `passed` hears of
// each table that has been walked through.
void CheckTree(const ReadState& state, const std::function<void(const FileMetadata&)>& passed,
               VerifyReport& report);

}  // namespace beachdb
