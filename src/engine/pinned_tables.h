// One state of an open database as its manifest has it, and a hold on the table files that it
// names: what a checkpoint links and a backup copies while writers, flushes and compactions go on.
//
// Thread safety: none; the database may be used by anyone meanwhile.
// Lifetime: the database outlives it. Until it is gone the files stay, and with them their space.
#pragma once

#include <cstdint>
#include <string>

#include "beachdb/db.h"
#include "beachdb/result.h"
#include "engine/engine_context.h"
#include "engine/lsm_tree.h"
#include "manifest/manifest_state.h"

namespace beachdb {

class PinnedTables {
 public:
  // What is in tables by now.
  PinnedTables(EngineContext& context, LsmTree& tree);
  // At least everything that was acknowledged before the call: flushes first. kInvalidArgument: the
  // database was opened read-only.
  static Result<PinnedTables> Of(Db& db);

  FileSystem& fs() const { return context_->fs; }
  Clock& clock() const { return context_->clock; }
  const std::string& directory() const { return context_->directory; }
  const DatabaseId& database() const { return context_->database; }
  const ManifestState& state() const { return state_; }
  // Above those of all files of the state, and nobody else's.
  std::uint64_t file_number() const { return file_number_; }

 private:
  EngineContext* context_;
  ReadStateRef hold_;
  ManifestState state_;
  std::uint64_t file_number_;
};

}  // namespace beachdb
