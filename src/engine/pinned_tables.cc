#include "engine/pinned_tables.h"

#include "engine/engine.h"

namespace beachdb {

PinnedTables::PinnedTables(EngineContext& context, LsmTree& tree) : context_(&context) {
  // An edit may come between the two looks.
  do {
    hold_.reset(tree.RefCurrent());
    state_ = tree.manifest_state();
  } while (hold_->version != state_.version);
  file_number_ = tree.NewFileNumber();
}

Result<PinnedTables> PinnedTables::Of(Db& db) {
  if (db.engine_ == nullptr) return Error(Code::kShutDown, "the database is closed: open it again");
  return db.engine_->PinTables();
}

}  // namespace beachdb
