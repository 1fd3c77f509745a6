// Reads every byte of every live file and holds it against its checksum, its order and what the
// manifest says of it.
//
//   tables            every block; entries in order; filter without false negatives; counts true;
//                     key and seqno ranges, size and whole-file checksum as the manifest says
//   the tree          with VerifyDepth::kTree: tables against each other (tree_check.h)
//   MANIFEST          every record; CURRENT names it; IDENTITY names the database
//   logs              every record below the torn tail that a running database may have
//
// Thread safety: runs beside reads, writes and background work; it checks the files of the state
// that was current when it began.
// Errors: damage is a line in the report, with file and offset; an error means that the check could
// not be done at all.
#pragma once

#include "beachdb/db.h"
#include "beachdb/result.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"

namespace beachdb {

Result<VerifyReport> CheckIntegrity(EngineContext& context, LsmTree& tree,
                                    const VerifyOptions& options);
// The tables alone.
VerifyReport CheckTableContents(LsmTree& tree, const VerifyOptions& options);

}  // namespace beachdb
